import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StartError } from '../../emulators/server/start-error';
import type { Plan } from '../deploy/plan';
import { summary } from '../deploy/plan-summary';
import { runProgram } from '../deploy/run-program';
import { failure, type TerraformCommand } from '../deploy/terraform';
import { CliError } from '../google/cli-error';
import type { StackJson } from '../google/stack-json';
import type { BadInput } from './bad-inputs';
import { type Fields, fieldsOf } from './google/json';
import type { GoogleRule } from './google/rule';
import { reviewed } from './google/rules';
import type { World } from './google/world';
import { NEVER_REPLACED, type Upgrade } from './upgrades';

export interface Rehearsal {
  readonly environment: string;
  /** A copy of the synthesised stacks, which may be changed. */
  readonly folder: string;
  readonly world: World;
  readonly terraform: TerraformCommand;
  readonly stack: StackJson;
  /** Rules that Google enforces, and those that are checked after a deploy. */
  readonly rules: readonly GoogleRule[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
}

/** Plans a stack and carries the plan out, once. */
export async function applyOnce({ terraform, say }: Rehearsal, stack: string): Promise<void> {
  await terraform.init(stack);
  const plan = await terraform.plan(stack);
  say(`  ${stack}: ${summary(plan)[0]}`);
  if (plan === undefined) return;
  const ran = await terraform.apply(stack);
  if (ran.code !== 0) throw failure(stack, ran);
}

/** Runs the operators' command, which makes everything from nothing or from the remains. */
export async function deploy({ environment, env, say }: Rehearsal): Promise<void> {
  const { code, said } = await runProgram('deploy', [environment, '--yes', '--no-smoke'], env);
  for (const line of said) say(`  ${line}`);
  if (code !== 0) throw new CliError('npm run deploy failed');
}

/** Runs the operators' command in a world with a fault: it must name the fault with its remedy, and make nothing. */
export async function isRefused({ environment, env, world, say }: Rehearsal, bad: BadInput): Promise<void> {
  const before = world.things().length;
  const { code, said } = await runProgram('deploy', [environment, '--yes', '--no-smoke'], env);
  for (const line of said.filter((one) => !/^ +ok /.test(one))) say(`  ${line}`);
  const made = world.things().length - before;
  if (code === 0 || made !== 0)
    throw new CliError(`${bad.name}: deploy ended with ${code}, and ${made} things were made`);
  const unsaid = bad.words.filter((words) => !words.test(said.join('\n')));
  if (unsaid.length > 0) throw new CliError(`${bad.name}: deploy does not say ${unsaid.join(' and ')}`);
}

/** Checks the resources that Google accepted: for faults, and for leftovers. */
export async function lookOver({ rules, world, stack, say }: Rehearsal): Promise<void> {
  const found = reviewed(rules, world, stack.projectId);
  if (found.length > 0) throw new CliError(`Google took it, and it is not as it should be:\n${found.join('\n')}`);
  say(`  ${rules.filter(({ review }) => review !== undefined).length} things looked at`);
}

/** Checks that nothing is left to do, in bootstrap or in the environment. */
export async function planIsEmpty({ terraform, environment }: Rehearsal): Promise<void> {
  for (const stack of ['bootstrap', environment]) {
    const plan = await terraform.plan(stack);
    if (plan !== undefined) throw new CliError(`a second plan of ${stack} is not empty:\n${summary(plan).join('\n')}`);
  }
}

/** Returns the changes of a plan that an upgrade may not make. */
function beyond({ name, replaced, changed }: Upgrade, { changes }: Plan): string[] {
  const strange = changes.filter(({ kind, type }) => {
    if (NEVER_REPLACED.includes(type) && kind !== 'change') return true;
    if (kind === 'replace') return !replaced.includes(type);
    if (kind === 'change') return !changed.includes(type);
    return kind === 'destroy' && !replaced.includes(type);
  });
  return strange.map(({ kind, address }) => `${name}: ${kind} of ${address}`);
}

const fileOf = ({ folder, environment }: Rehearsal): string => join(folder, 'stacks', environment, 'cdk.tf.json');

/** Returns the stack with the upgrades so far. */
export const stackOf = async (rehearsal: Rehearsal): Promise<Fields> =>
  fieldsOf(JSON.parse(await readFile(fileOf(rehearsal), 'utf8')));

/** Makes one upgrade, and checks that the plan replaces only what it may. */
export async function upgrade(rehearsal: Rehearsal, one: Upgrade): Promise<void> {
  const { terraform, environment, say } = rehearsal;
  await writeFile(fileOf(rehearsal), JSON.stringify(one.change(await stackOf(rehearsal))));
  const plan = await terraform.plan(environment);
  if (plan === undefined) throw new CliError(`upgrade of ${one.name}: the plan is empty`);
  const strange = beyond(one, plan);
  if (strange.length > 0) throw new CliError(`an upgrade goes further than it may:\n${strange.join('\n')}`);
  const ran = await terraform.apply(environment);
  if (ran.code !== 0) throw failure(environment, ran);
  say(`  ${one.name}: ${summary(plan)[0]}; ${summary(plan).at(-1)}`);
}

/** Puts media into the buckets, which are not empty in practice. */
export async function publish({ world, stack }: Rehearsal): Promise<void> {
  for (const { path, project } of world.in('storage.googleapis.com', 'b'))
    if (project === stack.projectId && /-(open|gated|ingest)/.test(path))
      await world.objects.insert(
        { bucket: path.slice(2), name: 'open/s/a/1.ts' },
        { bytes: Buffer.from('segment'), headers: { contentType: 'video/mp2t', metadata: {} }, preconditions: {} },
      );
}

/** Destroys the environment, with everything in it. */
export async function destroy({ terraform, environment, say }: Rehearsal): Promise<void> {
  const plan = await terraform.plan(environment, '-destroy');
  if (plan === undefined) throw new CliError('there is nothing to destroy');
  const ran = await terraform.apply(environment);
  if (ran.code !== 0) throw failure(environment, ran);
  say(`  ${summary(plan)[0]}`);
}

const Bucket = z.object({ force_destroy: z.boolean() });

/** Returns whether an environment keeps its data: no bucket that holds an object is deleted. */
export const isKept = (stack: StackJson): boolean =>
  stack.all('google_storage_bucket', Bucket).every((one) => !one.force_destroy);

/** Plans to destroy a protected environment: the plan itself must refuse. */
export async function refusesToGo({ terraform, environment, say }: Rehearsal): Promise<void> {
  const refusal = await terraform.plan(environment, '-destroy').then(
    () => undefined,
    (error: unknown) => (error instanceof CliError || error instanceof StartError ? error.message : undefined),
  );
  if (refusal === undefined || !refusal.includes('is protected'))
    throw new CliError(`${environment} is to be kept, and its destroy is not refused: ${refusal ?? 'it was planned'}`);
  say(`  ${refusal}`);
}
