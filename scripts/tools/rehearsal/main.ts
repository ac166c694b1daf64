import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { TerraformCommand } from '../deploy/terraform';
import { runCommand } from '../google/command';
import type { StackJson } from '../google/stack-json';
import { type Act, actsOf } from './acts';
import type { BadInput } from './bad-inputs';
import { endpointsAt } from './endpoints';
import { fakeCommands } from './fake-commands';
import { YOUNG } from './google/quotas';
import { policiesOf } from './google/rules';
import { GoogleServer } from './google/server';
import { World } from './google/world';
import { optionsFrom, type RehearsalOptions, ruleLines, USAGE } from './options';
import type { Rehearsal } from './rehearsal';
import { makeByHand } from './seed';
import { stackIn, writeStacks } from './stacks';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const ROOMY = Object.fromEntries(Object.keys(YOUNG).map((metric) => [metric, 1000]));
const Budget = z.object({ billing_account: z.string() });
const Service = z.object({ project: z.string() });
/** Constraint that preflight asks an administrator to lift, because the API is public. */
const ASKED_FOR = 'iam.allowedPolicyMemberDomains';
/** The longest times that Google names. */
const DELAYS = { grantMs: 60_000, metricMs: 600_000, eventarcMs: 120_000 };

function worldOf(stack: StackJson, bootstrap: StackJson, options: RehearsalOptions): World {
  const { rules, byHand, onMs, currency, play } = options;
  const projects = [
    bootstrap.projectId,
    ...bootstrap.all('google_project_service', Service).map(({ project }) => project),
  ];
  const [budget] = stack.all('google_billing_budget', Budget);
  const world = new World({
    projects: [...new Set(projects)],
    orgPolicies: policiesOf(rules),
    delays: DELAYS,
    // A quota that is not enforced is not reported either.
    ...(!rules.some(({ name }) => name === 'quotas-hold') && { quotas: ROOMY }),
    ...(budget && { billingAccount: budget.billing_account }),
    ...(currency !== undefined && { currency }),
  });
  if (onMs !== undefined) world.advance(onMs - Date.now());
  // Plays by Terraform alone begin after an administrator has lifted it; the operators' command says what to ask for.
  if (play === 'once' || play === 'again') world.lifted.add(ASKED_FOR);
  makeByHand(world, bootstrap, stack);
  for (const project of world.options.projects) for (const service of byHand) world.enable(project, service);
  return world;
}

async function perform(rehearsal: Rehearsal, acts: readonly Act[]): Promise<void> {
  for (const { name, play } of acts) {
    const began = Date.now();
    say(name);
    await play(rehearsal);
    say(`  ${Math.round((Date.now() - began) / 1000)} s`);
  }
}

async function rehearse(options: RehearsalOptions): Promise<number> {
  const worlds = options.badInputs.length === 0 ? [undefined] : options.badInputs;
  for (const bad of worlds) {
    const temporary = mkdtempSync(join(tmpdir(), 'srs-live-rehearsal-'));
    try {
      await rehearseIn(temporary, options, bad);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }
  return 0;
}

async function rehearseIn(temporary: string, options: RehearsalOptions, bad?: BadInput): Promise<void> {
  const { environment, rules, config } = options;
  const folder = join(temporary, 'cdktf.out');
  await writeStacks(folder, environment, config);
  const stack = await stackIn(folder, environment);
  const bootstrap = await stackIn(folder, 'bootstrap');
  const server = new GoogleServer(worldOf(stack, bootstrap, options), rules);
  const { world } = server;
  await bad?.spoil?.(world, { stack, bootstrap });
  const origin = await server.start();
  try {
    await fakeCommands(join(temporary, 'bin'));
    const env = {
      ...process.env,
      ...endpointsAt(origin),
      CDKTF_OUTDIR: folder,
      GOOGLE_OAUTH_ACCESS_TOKEN: bad?.token ?? 'rehearsal',
      REHEARSAL_NODE: process.execPath,
      PATH: `${join(temporary, 'bin')}:${process.env.PATH}`,
    };
    const terraform = new TerraformCommand({ folder, env });
    say(
      `${world.options.projects.length} projects, ${rules.length} rules: ${rules.map(({ name }) => name).join(', ')}`,
    );
    for (const lifted of world.lifted) say(`an administrator made an exception of ${lifted} for the API`);
    await perform({ environment, folder, world, rules, terraform, stack, env, say }, actsOf(options, stack, bad));
    say(`rehearsed: ${server.told.length} calls of Google's APIs`);
  } finally {
    await server.stop();
  }
}

runCommand(async () => {
  const options = optionsFrom(process.argv.slice(2));
  if (typeof options !== 'string') return rehearse(options);
  say(options === 'help' ? USAGE : ruleLines().join('\n'));
  return 0;
});
