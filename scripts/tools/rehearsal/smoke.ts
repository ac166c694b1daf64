import { startPlatform } from '../../local/command/run-start';
import { runProgram } from '../deploy/run-program';
import { CliError } from '../google/cli-error';
import type { Rehearsal } from './rehearsal';

const STANDS_FOR_NOTHING = /^FAIL +[\d.]+ s {2}the API is well: fetch failed/;

/**
 * Runs the smoke test at the deployed host: it reads the key in Secret Manager, and gets no answer, because no machine
 * is imitated.
 */
async function atTheHost({ environment, env, say }: Rehearsal): Promise<void> {
  const { code, said } = await runProgram('smoke', [environment, '--quick'], env);
  for (const line of said) say(`  at the host: ${line}`);
  if (code !== 1 || said[1]?.match(STANDS_FOR_NOTHING) == null)
    throw new CliError('npm run smoke: it ends before the host, which nobody serves here, is asked');
}

/** Runs the smoke test at the product that the same stacks make on this machine: functions, agent, origin and edge. */
async function onThisMachine({ environment, say }: Rehearsal): Promise<void> {
  if (process.env.CDKTF_OUTDIR !== undefined)
    return say('  on this machine: not tried, because the stacks are of another place');
  const platform = await startPlatform(['--no-demo', '--env', environment]);
  try {
    const env = { ...process.env, PLATFORM_API: platform.api, ADMIN_KEY: platform.adminKey };
    const { code, said } = await runProgram('smoke', ['--quick'], env);
    for (const line of said) say(`  on this machine: ${line}`);
    if (code !== 0) throw new CliError('npm run smoke failed on this machine');
  } finally {
    await platform.end('SIGTERM');
  }
}

/**
 * Runs both smoke tests. The stand-in serves no product: the first ends with the request to the deployed host, the
 * second tries the product on this machine.
 */
export async function smoke(rehearsal: Rehearsal): Promise<void> {
  await atTheHost(rehearsal);
  await onThisMachine(rehearsal);
}
