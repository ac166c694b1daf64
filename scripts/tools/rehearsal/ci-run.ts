import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../deploy/run-program';
import { CliError } from '../google/cli-error';
import type { Thing } from './google/world';
import type { Rehearsal } from './rehearsal';
import { CI } from './stacks';

const IAM = 'iam.googleapis.com';

const tokenOf = (repository: string): string => {
  const claims = { iss: CI.issuer, sub: `repo:${repository}:ref:refs/heads/main`, [CI.claim]: repository };
  return ['{}', JSON.stringify(claims), 'unsigned'].map((part) => Buffer.from(part).toString('base64url')).join('.');
};

/**
 * Writes credentials as `google-github-actions/auth` does for a run: its own token, and the place where it is
 * exchanged. https://google.aip.dev/auth/4117
 */
function credentials({ world, env, folder }: Rehearsal, provider: Thing, account: string, repository: string): string {
  const origin = env.SRS_LIVE_GOOGLE_ENDPOINT;
  const token = join(folder, 'run-token');
  writeFileSync(token, tokenOf(repository));
  const name = provider.path.replace(/^projects\/[^/]+/, `projects/${world.numberOf(provider.project)}`);
  const act = `iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`;
  const file = join(folder, 'run-credentials.json');
  const said = {
    type: 'external_account',
    audience: `//iam.googleapis.com/${name}`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${origin}/sts.googleapis.com/v1/token`,
    service_account_impersonation_url: `${origin}/${act}`,
    credential_source: { file: token },
  };
  writeFileSync(file, JSON.stringify(said));
  return file;
}

/** Runs `npm run drift` as a run of a repository does: without a key, as the environment's own deployer. */
async function drift(rehearsal: Rehearsal, repository: string): Promise<{ code: number; said: readonly string[] }> {
  const { world, environment, env } = rehearsal;
  const [provider] = world.in(IAM, 'providers');
  const account = world
    .in(IAM, 'serviceAccounts')
    .map(({ body }) => String(body.email))
    .find((email) => email.startsWith(`srs-live-${environment}-deployer@`));
  if (provider === undefined || account === undefined) throw new CliError('bootstrap made nothing that CI signs in by');
  const file = credentials(rehearsal, provider, account, repository);
  const signedIn = { ...env, GOOGLE_OAUTH_ACCESS_TOKEN: undefined, GOOGLE_APPLICATION_CREDENTIALS: file };
  return runProgram('drift', [environment, '--without-bootstrap'], signedIn);
}

function expect(
  what: string,
  { code, said }: { code: number; said: readonly string[] },
  wanted: number,
  words: RegExp,
): void {
  if (code !== wanted || !words.test(said.join('\n')))
    throw new CliError(`${what}: npm run drift ended with ${code}\n${said.join('\n')}`);
}

const byHand = 'changed by hand in the console';

/**
 * Rehearses the scheduled check for drift: a run of the admitted repository finds nothing, then a change that was made
 * by hand; a run of another repository is refused.
 */
export async function scheduledDrift(rehearsal: Rehearsal): Promise<void> {
  const { world, stack, say } = rehearsal;
  if (process.env.CDKTF_OUTDIR !== undefined && world.in(IAM, 'providers').length === 0)
    return say('  not tried, because the stacks are of another place and let no run in');
  expect('a run of CI', await drift(rehearsal, CI.value), 0, /is what the configuration says/);
  const [firewall] = world.in('compute.googleapis.com', 'firewalls', stack.projectId);
  if (firewall === undefined) throw new CliError('there is no firewall to change by hand');
  world.put({ ...firewall, body: { ...firewall.body, description: byHand } });
  const changed = await drift(rehearsal, CI.value);
  world.put(firewall);
  expect('a change by hand', changed, 2, /google_compute_firewall/);
  for (const line of changed.said) say(`  ${line}`);
  const stranger = await drift(rehearsal, 'stranger/fork');
  expect('a run of a stranger', stranger, 1, /may not act as the environment's deployer/);
  say(`  a run of another repository: ${stranger.said.at(-1) ?? ''}`);
}
