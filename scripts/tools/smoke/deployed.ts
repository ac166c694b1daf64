import { z } from 'zod';
import { CliError } from '../google/cli-error';
import { connect } from '../google/connect';
import { StackJson } from '../google/stack-json';
import { environmentKeys } from '../keys/environment-keys';
import type { SmokeTarget } from './target';

const UptimeBlock = z.object({ monitored_resource: z.object({ labels: z.object({ host: z.string() }) }) });

/**
 * Returns the public host of an environment, and the admin key from Secret Manager. Throws CliError where there is
 * neither.
 */
export async function deployed(environment: string): Promise<SmokeTarget> {
  const stack = await StackJson.open(environment);
  const [check] = stack.all('google_monitoring_uptime_check_config', UptimeBlock);
  if (check === undefined) throw new CliError(`${environment} has no public host`);
  const { secretId, ...admin } = await adminKey(stack);
  if (admin.value === undefined)
    throw new CliError(`secret ${secretId} has no value: 'npm run keys -- ${environment} init' makes one`);
  return { api: `https://${check.monitored_resource.labels.host}`, adminKey: admin.value };
}

async function adminKey(stack: StackJson): Promise<{ secretId: string; value: string | undefined }> {
  const secret = environmentKeys(stack, await StackJson.open('bootstrap'), await connect(stack.projectId)).secrets[
    'admin-key'
  ];
  return { secretId: secret.secretId, value: await secret.read() };
}
