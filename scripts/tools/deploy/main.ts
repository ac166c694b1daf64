import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../google/cli-error';
import { runCommandLine } from '../google/command';
import { connect } from '../google/connect';
import { GoogleApiError } from '../google/google-api';
import { StackJson } from '../google/stack-json';
import { Locks, locksFolder } from './locks';
import type { Plan } from './plan';
import { isHarmful } from './plan-summary';
import { type DeployRun, STEPS } from './steps';
import { TerraformCommand } from './terraform';

const USAGE = `usage: npm run deploy -- <env> [options]

Deploys an environment, or brings it up to date with its configuration: bootstrap, preflight, keys, Terraform, keys,
smoke test. Every step first looks at what is there, so the same command again continues where it stopped.
  --yes        apply plans without asking, except those that would cost viewers, publishers or customers something
  --harm       with --yes: apply those too
  --no-smoke   without the smoke test, which needs DNS and certificates: up to an hour the first time`;

const FLAG = { type: 'boolean' } as const;
const ROOT = join(__dirname, '../../..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Waits; in a rehearsal, it advances the clock of the stand-in for Google's API instead. */
async function pass(seconds: number): Promise<void> {
  const endpoint = process.env.SRS_LIVE_GOOGLE_ENDPOINT;
  if (endpoint === undefined) return sleep(seconds * 1000);
  await fetch(`${endpoint}/_clock?advance=${seconds}`, { method: 'POST' });
}

function agreement(chosen: ReadonlySet<string>) {
  return async (plan: Plan): Promise<boolean> => {
    if (chosen.has('yes') && (!isHarmful(plan) || chosen.has('harm'))) return true;
    if (!process.stdin.isTTY) {
      say(
        chosen.has('yes')
          ? 'the deploy has visible effects: add --yes --harm to carry it out'
          : 'add --yes to carry it out',
      );
      return false;
    }
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await lines.question('carry it out? [y/N] ');
    lines.close();
    return answer.trim().toLowerCase() === 'y';
  };
}

async function run(deployment: DeployRun, skipped: ReadonlySet<string>): Promise<void> {
  const steps = STEPS.filter(({ name }) => !skipped.has(name));
  for (const [index, step] of steps.entries()) {
    say(`${index + 1}/${steps.length} ${step.name}`);
    say(`  ${step.name}: ${await step.run(deployment).catch(expired)}`);
  }
}

/** Reports a token that was valid at the start and has expired. */
function expired(error: unknown): never {
  if (error instanceof GoogleApiError && error.status === 401)
    throw new CliError(
      "the credentials are invalid or expired: sign in again with 'gcloud auth application-default login', then " +
        'run the same command again',
    );
  throw error;
}

runCommandLine(USAGE, { yes: FLAG, harm: FLAG, 'no-smoke': FLAG }, async ({ values, positionals }) => {
  const [environment, ...more] = positionals;
  if (environment === undefined || environment === 'bootstrap' || more.length > 0) throw new CliError(USAGE);
  const chosen = new Set(Object.keys(values));
  const folder = process.env.CDKTF_OUTDIR ?? join(ROOT, 'cdktf.out');
  const locks = new Locks(locksFolder(ROOT, process.env.CDKTF_OUTDIR));
  const stack = await StackJson.open(environment);
  const bootstrap = await StackJson.open('bootstrap');
  const terraform = new TerraformCommand({ folder, env: process.env, locks });
  const deployment = { environment, stack, bootstrap, terraform, apiOf: connect, agree: agreement(chosen), say, pass };
  await run(deployment, new Set(chosen.has('no-smoke') ? ['smoke'] : []));
  say(`${environment} is deployed`);
  return 0;
});
