import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../../emulators/server/start-error';
import type { Plan } from '../deploy/plan';
import { summary } from '../deploy/plan-summary';
import { runProgram } from '../deploy/run-program';
import { failure, type Terraform } from '../deploy/terraform';
import { StackJson } from '../google/stack-json';
import { type Fields, fieldsOf } from './google/json';
import type { World } from './google/world';
import { pushImages } from './seed';
import { NEVER_REPLACED, UPGRADES, type Upgrade } from './upgrades';

export interface Rehearsal {
  readonly environment: string;
  /** A copy of the synthesised stacks, to be changed at will. */
  readonly folder: string;
  readonly world: World;
  readonly terraform: Terraform;
  readonly stack: StackJson;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
}

async function applyOnce({ terraform, say }: Rehearsal, stack: string): Promise<void> {
  await terraform.init(stack);
  const plan = await terraform.plan(stack);
  say(`  ${stack}: ${summary(plan)[0]}`);
  if (plan === undefined) return;
  const ran = await terraform.apply(stack);
  if (ran.code !== 0) throw failure(stack, ran);
}

/** Bootstrap and the environment, one `apply` each. */
export async function applyBoth(rehearsal: Rehearsal): Promise<void> {
  await applyOnce(rehearsal, 'bootstrap');
  pushImages(rehearsal.world, rehearsal.stack);
  await applyOnce(rehearsal, rehearsal.environment);
}

/** The command of the operators, which makes all from nothing or from what is left. */
async function deploy({ environment, env, say }: Rehearsal): Promise<void> {
  const { code, said } = await runProgram('deploy', [environment, '--yes', '--no-smoke'], env);
  for (const line of said) say(`  ${line}`);
  if (code !== 0) throw new StartError('npm run deploy failed');
}

async function planIsEmpty({ terraform, environment }: Rehearsal): Promise<void> {
  for (const stack of ['bootstrap', environment]) {
    const plan = await terraform.plan(stack);
    if (plan !== undefined) throw new StartError(`a second plan of ${stack} is not empty:\n${summary(plan).join('\n')}`);
  }
}

/** What a plan replaces, changes and destroys that an upgrade may not. */
export function beyond({ name, replaced, changed }: Upgrade, { changes }: Plan): string[] {
  const strange = changes.filter(({ kind, type }) => {
    if (NEVER_REPLACED.includes(type) && kind !== 'change') return true;
    if (kind === 'replace') return !replaced.includes(type);
    if (kind === 'change') return !changed.includes(type);
    return kind === 'destroy' && !replaced.includes(type);
  });
  return strange.map(({ kind, address }) => `${name}: ${kind} of ${address}`);
}

const fileOf = ({ folder, environment }: Rehearsal): string => join(folder, 'stacks', environment, 'cdk.tf.json');

/** The stack as the upgrades so far have left it. */
const stackOf = async (rehearsal: Rehearsal): Promise<Fields> => fieldsOf(JSON.parse(await readFile(fileOf(rehearsal), 'utf8')));

async function upgrade(rehearsal: Rehearsal, one: Upgrade): Promise<void> {
  const { terraform, environment, say } = rehearsal;
  await writeFile(fileOf(rehearsal), JSON.stringify(one.change(await stackOf(rehearsal))));
  const plan = await terraform.plan(environment);
  if (plan === undefined) throw new StartError(`upgrade of ${one.name}: the plan is empty`);
  const strange = beyond(one, plan);
  if (strange.length > 0) throw new StartError(`an upgrade goes further than it may:\n${strange.join('\n')}`);
  const ran = await terraform.apply(environment);
  if (ran.code !== 0) throw failure(environment, ran);
  say(`  ${one.name}: ${summary(plan)[0]}; ${summary(plan).at(-1)}`);
}

/** Media lies in the buckets when they go, as it does in life. */
async function publish({ world, stack }: Rehearsal): Promise<void> {
  for (const { path, project } of world.in('storage.googleapis.com', 'b'))
    if (project === stack.projectId && /-(open|gated|ingest)/.test(path))
      await world.objects.insert(
        { bucket: path.slice(2), name: 'open/s/a/1.ts' },
        { bytes: Buffer.from('segment'), headers: { contentType: 'video/mp2t', metadata: {} }, preconditions: {} },
      );
}

async function destroy({ terraform, environment, say }: Rehearsal): Promise<void> {
  const plan = await terraform.plan(environment, '-destroy');
  if (plan === undefined) throw new StartError('there is nothing to destroy');
  const ran = await terraform.apply(environment);
  if (ran.code !== 0) throw failure(environment, ran);
  say(`  ${summary(plan)[0]}`);
}

const DAY_SECONDS = 86_400;

interface Act {
  readonly name: string;
  readonly play: (rehearsal: Rehearsal) => Promise<void>;
}

/** From nothing to a platform, upgraded, destroyed, and back after ten days and after forty. */
export const ACTS: readonly Act[] = [
  {
    name: 'bootstrap, then the images',
    play: async (rehearsal) => {
      await applyOnce(rehearsal, 'bootstrap');
      rehearsal.say(`  ${pushImages(rehearsal.world, rehearsal.stack)} images pushed`);
    },
  },
  { name: 'npm run deploy', play: deploy },
  { name: 'a second plan', play: planIsEmpty },
  {
    name: 'upgrades',
    play: async (rehearsal) => {
      for (const one of UPGRADES) await upgrade(rehearsal, one);
    },
  },
  { name: 'media is published', play: publish },
  { name: 'destroy', play: destroy },
  {
    name: 'npm run deploy, ten days later',
    play: async (rehearsal) => {
      rehearsal.world.advance(10 * DAY_SECONDS * 1000);
      // The upgrade of the image is built by now.
      pushImages(rehearsal.world, StackJson.of(rehearsal.environment, await stackOf(rehearsal)));
      await deploy(rehearsal);
    },
  },
  { name: 'a second plan again', play: planIsEmpty },
];
