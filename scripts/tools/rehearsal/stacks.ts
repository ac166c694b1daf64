import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../google/cli-error';
import { StackJson } from '../google/stack-json';
import { type Fields, fieldsOf, merged } from './google/json';

const ROOT = join(__dirname, '../../..');

/** The repository whose runs are admitted in a rehearsal; the configuration of this repository admits none. */
export const CI = { issuer: 'https://token.actions.githubusercontent.com', claim: 'repository', value: 'owner/live' };

/** Returns the overlay of the configuration: the admitted repository, and everything in `config`. */
async function overlayOf(config: string | undefined): Promise<Fields> {
  if (config === undefined) return { platform: { ci: CI } };
  const text = await readFile(config, 'utf8').catch(() => {
    throw new CliError(`--config '${config}': there is no such file`);
  });
  return merged({ platform: { ci: CI } }, fieldsOf(JSON.parse(text)));
}

/** Writes the stacks to rehearse into `folder`: those of `CDKTF_OUTDIR`, or the sources' with an overlay. */
export async function writeStacks(folder: string, environment: string, config: string | undefined): Promise<void> {
  if (process.env.CDKTF_OUTDIR !== undefined) return cpSync(process.env.CDKTF_OUTDIR, folder, { recursive: true });
  // Builds the bundles of the present sources.
  await StackJson.open(environment);
  const overlay = `${folder}.json`;
  await writeFile(overlay, JSON.stringify(await overlayOf(config)));
  const env = { ...process.env, CDKTF_OUTDIR: folder, CONFIG_OVERLAY: overlay };
  const args = ['scripts/build/run.mjs', 'infra/main.ts'];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' });
  if (status !== 0) throw new CliError(stderr.trim());
}

/** Reads a stack of `folder`. */
export const stackIn = async (folder: string, name: string): Promise<StackJson> =>
  StackJson.of(name, JSON.parse(await readFile(join(folder, 'stacks', name, 'cdk.tf.json'), 'utf8')));
