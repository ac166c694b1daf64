import { StartError } from '../../emulators/server/start-error';
import { CliError } from '../google/cli-error';
import { runCommandLine } from '../google/command';
import { connect } from '../google/connect';
import { GoogleApiError } from '../google/google-api';
import { StackJson } from '../google/stack-json';
import type { Finding } from './finding';
import { firstLook, unseen } from './first-look';
import { checkTerraform } from './machine-checks';
import { PLACE_CHECKS } from './place-checks';
import { checkProject, PROJECT_CHECKS } from './project-checks';
import { report, runCheck } from './report';

const USAGE = `usage: npm run preflight -- <env> [--first]

Checks whether an environment can be deployed, and lists everything that is missing at once. Changes nothing.
  --first  only the checks that work in empty projects, before bootstrap has enabled services`;

async function inTheCloud(stack: StackJson, bootstrap: StackJson, first: boolean): Promise<readonly Finding[]> {
  const anywhere = await connect();
  try {
    if (first) return await firstLook({ stack, bootstrap, api: anywhere });
    const project = await checkProject(stack.projectId, anywhere);
    const context = { stack, bootstrap, api: await connect(stack.projectId) };
    const found = await Promise.all([...PROJECT_CHECKS, ...PLACE_CHECKS].map((check) => runCheck(check, context)));
    return [project, ...found.flat()];
  } catch (error) {
    if (!(error instanceof GoogleApiError)) throw error;
    if (error.status === 401) {
      const remedy = 'sign in: gcloud auth application-default login; a GOOGLE_OAUTH_ACCESS_TOKEN lives an hour';
      return [{ what: 'Google credentials', missing: 'they are expired or not taken', remedy }];
    }
    const finding = unseen(stack.projectId, error);
    return [{ ...finding, missing: `${finding.missing}; all else was not looked at` }];
  }
}

runCommandLine(USAGE, { first: { type: 'boolean' } }, async ({ values, positionals }) => {
  const [environment, ...more] = positionals;
  if (environment === undefined || more.length > 0) throw new CliError(USAGE);
  const stack = await StackJson.open(environment);
  const bootstrap = await StackJson.open('bootstrap');
  const cloud = inTheCloud(stack, bootstrap, 'first' in values).catch((error: unknown): Finding[] => {
    if (error instanceof CliError || error instanceof StartError)
      return [{ what: 'Google Cloud', missing: error.message }];
    throw error;
  });
  const findings = [await checkTerraform(), ...(await cloud)];
  process.stdout.write(report(findings, 'first' in values ? 'nothing stands in the way of bootstrap' : undefined));
  return findings.some(({ missing }) => missing !== undefined) ? 1 : 0;
});
