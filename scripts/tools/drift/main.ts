import { join } from 'node:path';
import { Locks, locksFolder } from '../deploy/locks';
import { byHand } from '../deploy/plan';
import { summary } from '../deploy/plan-summary';
import { TerraformCommand } from '../deploy/terraform';
import { CliError } from '../google/cli-error';
import { runCommandLine } from '../google/command';
import { StackJson } from '../google/stack-json';

const USAGE = `usage: npm run drift -- <env> [--without-bootstrap]

Compares an environment with its configuration, and shows what was changed by hand. Changes nothing and takes no lock,
so a schedule can run it. Exit code 0 if nothing differs, 2 if something does, 1 if it cannot be compared.
  --without-bootstrap  for an account that may read this environment's project only, such as its deployer`;

const ROOT = join(__dirname, '../../..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const DIFFERS = 2;

/** Returns the differences of one stack; none is right. */
async function differences(terraform: TerraformCommand, stack: string): Promise<readonly string[]> {
  await terraform.init(stack);
  const plan = await terraform.plan(stack, '-lock=false');
  if (plan === undefined) return [];
  const drifted = byHand(plan).map(
    ({ address, fields }) => `changed by hand: ${address}${fields.length === 0 ? '' : ` (${fields.join(', ')})`}`,
  );
  return [...drifted, ...summary(plan).map((line) => `a deploy would: ${line}`)];
}

runCommandLine(USAGE, { 'without-bootstrap': { type: 'boolean' } }, async ({ values, positionals }) => {
  const [environment, ...more] = positionals;
  if (environment === undefined || environment === 'bootstrap' || more.length > 0) throw new CliError(USAGE);
  await StackJson.open(environment);
  const folder = process.env.CDKTF_OUTDIR ?? join(ROOT, 'cdktf.out');
  const locks = new Locks(locksFolder(ROOT, process.env.CDKTF_OUTDIR));
  const terraform = new TerraformCommand({ folder, env: process.env, locks });
  const found: string[] = [];
  const stacks = 'without-bootstrap' in values ? [environment] : ['bootstrap', environment];
  for (const stack of stacks) for (const line of await differences(terraform, stack)) found.push(`${stack}: ${line}`);
  for (const line of found) say(line);
  if (found.length === 0) say(`${environment} is what the configuration says`);
  return found.length === 0 ? 0 : DIFFERS;
});
