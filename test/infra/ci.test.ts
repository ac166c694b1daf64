import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { platform } from '../../infra/config/platform';
import { PlatformConfig } from '../../infra/config/schema';
import { DEPLOYER_ROLES } from '../../infra/constructs/functions/deployer';
import { ENVIRONMENTS, synthBootstrap } from '../support/synth';

const ci = { issuer: 'https://token.actions.githubusercontent.com', claim: 'repository', value: 'owner/live' };
const json = synthBootstrap({ ci });
const all = (type: string) => Object.values(json.resource[type] ?? {});

describe('runs of a repository', () => {
  it('sign in with the token of their own platform, and of nobody else’s repository', () => {
    const [provider] = all('google_iam_workload_identity_pool_provider');
    expect(provider).toMatchObject({
      project: platform.projectId,
      attribute_condition: "assertion.repository == 'owner/live'",
      attribute_mapping: { 'google.subject': 'assertion.sub', 'attribute.repository': 'assertion.repository' },
      oidc: { issuer_uri: ci.issuer },
    });
  });

  it('act as one account an environment, of which there is no key', () => {
    const members = all('google_service_account_iam_member');
    expect(members).toHaveLength(Object.keys(ENVIRONMENTS).length);
    for (const { role, member } of members) {
      expect(role).toBe('roles/iam.workloadIdentityUser');
      expect(member).toMatch(
        /^principalSet:\/\/iam\.googleapis\.com\/\$\{.*\.name\}\/attribute\.repository\/owner\/live$/,
      );
    }
    expect(all('google_service_account_key')).toEqual([]);
  });

  it.each(Object.values(ENVIRONMENTS))(
    'may deploy $name in its own project only, without being its owner',
    ({ name, projectId }) => {
      const grants = all('google_project_iam_member').filter(({ member }) =>
        String(member).includes(`${name}-deployer_identity`),
      );
      expect(grants.map(({ role }) => role).sort()).toEqual([...DEPLOYER_ROLES].sort());
      expect(new Set(grants.map(({ project }) => project))).toEqual(new Set([projectId]));
      expect(DEPLOYER_ROLES).not.toContain('roles/owner');
    },
  );

  it('act as accounts that are made after the services of their own project are on', () => {
    const accounts = all('google_service_account').filter(({ account_id: id }) => /-deployer$/.test(String(id)));
    expect(accounts).toHaveLength(Object.keys(ENVIRONMENTS).length);
    for (const { project, depends_on: waitsFor } of accounts)
      expect(waitsFor).toContain(`terraform_data.${String(project)}-services`);
  });

  it('look every day whether an environment drifts, as its own account', () => {
    const Job = z.looseObject({
      strategy: z.object({ matrix: z.object({ environment: z.array(z.string()) }) }),
      steps: z.array(z.unknown()),
    });
    const Workflow = z.looseObject({
      on: z.looseObject({ schedule: z.array(z.object({ cron: z.string() })).min(1) }),
      permissions: z.object({ contents: z.literal('read'), 'id-token': z.literal('write') }),
      jobs: z.object({ drift: Job }),
    });
    const { drift } = Workflow.parse(parse(readFileSync('.github/workflows/drift.yml', 'utf8'))).jobs;
    expect(drift.strategy.matrix.environment).toEqual(Object.keys(ENVIRONMENTS));
    const [account] = /srs-live-.*?\.iam\.gserviceaccount\.com/.exec(JSON.stringify(drift.steps)) ?? [];
    for (const { name, projectId } of Object.values(ENVIRONMENTS)) {
      expect(all('google_service_account').map(({ account_id }) => account_id)).toContain(`srs-live-${name}-deployer`);
      const named = account?.replace(/\$\{\{ matrix\.environment \}\}/g, name);
      expect(named).toBe(`srs-live-${name}-deployer@${projectId}.iam.gserviceaccount.com`);
    }
  });

  it('are nobody’s where the configuration names none', () => {
    expect(synthBootstrap().resource.google_iam_workload_identity_pool).toBeUndefined();
  });

  it.each([
    [{ ...ci, issuer: 'http://x' }, 'issuer'],
    [{ ...ci, claim: 'Repository' }, 'claim'],
    [{ ...ci, value: "a' || true" }, 'value'],
  ])('are refused with a value that could mean something else: %j', (wrong, field) => {
    const { error } = PlatformConfig.safeParse({ ...platform, ci: wrong });
    expect(error?.issues.map(({ path }) => path)).toEqual([['ci', field]]);
  });
});
