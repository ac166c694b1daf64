import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { z } from 'zod';
import { parseCommandLine, runCommand } from '../google/command';
import { connect } from '../google/connect';
import { StackJson } from '../google/stack-json';
import { environmentKeys } from '../keys/environment-keys';
import { StartError } from '../local/start-error';
import { runSteps } from './run-steps';
import { LAST_STEPS, SmokeRun, STEPS } from './steps';
import { type Target, targetOf } from './target';

const USAGE = `usage: npm run smoke -- <env>
       PLATFORM_API=https://host ADMIN_KEY=... npm run smoke

Tries a deployed platform from outside: makes streams, publishes, watches, and deletes them again. About two minutes.
  --quick   without waiting for the end of the broadcast and its recording
With <env> the address is the environment's, and the admin key is read from Secret Manager.`;

const UptimeBlock = z.object({ monitored_resource: z.object({ labels: z.object({ host: z.string() }) }) });

async function deployed(environment: string): Promise<Target> {
  const stack = await StackJson.open(environment);
  const [check] = stack.all('google_monitoring_uptime_check_config', UptimeBlock);
  if (check === undefined) throw new StartError(`${environment} has no public host`);
  const { secretId, ...admin } = await adminKey(stack);
  if (admin.value === undefined)
    throw new StartError(`secret ${secretId} has no value: 'npm run keys -- ${environment} init' makes one`);
  return { api: `https://${check.monitored_resource.labels.host}`, adminKey: admin.value };
}

async function adminKey(stack: StackJson): Promise<{ secretId: string; value: string | undefined }> {
  const secret = environmentKeys(stack, await StackJson.open('bootstrap'), await connect(stack.projectId)).secrets['admin-key'];
  return { secretId: secret.secretId, value: await secret.read() };
}

runCommand(async () => {
  const options = { quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values, positionals } = parseCommandLine({ args: process.argv.slice(2), allowPositionals: true, options }, USAGE);
  const [environment, ...more] = positionals;
  const aimed = targetOf(process.env);
  if ('help' in values) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (more.length > 0 || (environment === undefined) === (aimed === undefined)) throw new StartError(USAGE);
  const target = aimed ?? (await deployed(environment ?? ''));
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`smoke test of ${target.api}`);
  return (await runSteps('quick' in values ? STEPS : [...STEPS, ...LAST_STEPS], new SmokeRun(target, ffmpegPath), say)) ? 0 : 1;
});
