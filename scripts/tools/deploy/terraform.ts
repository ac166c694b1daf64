import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CliError } from '../google/cli-error';
import type { Locks } from './locks';
import { type Plan, parsePlan } from './plan';
import { troubleIn } from './troubles';

/** Terraform's exit code with `-detailed-exitcode` for a plan with changes. */
const CHANGES = 2;

export interface TerraformOptions {
  /** Holds `stacks/<name>/cdk.tf.json`. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Lock files that outlive `folder`. @default none are kept */
  readonly locks?: Locks;
}

export interface Ran {
  readonly code: number;
  readonly said: string;
}

/**
 * Terraform, or OpenTofu where `TERRAFORM_BINARY_NAME` says so, on the stacks of one folder. Every known trouble is one
 * message.
 */
export class TerraformCommand {
  constructor(private readonly options: TerraformOptions) {}

  /**
   * Initialises a stack with exactly the plugins of the kept lock file; the first time it keeps the one that is
   * written.
   */
  async init(stack: string): Promise<void> {
    const { locks } = this.options;
    const kept = await locks?.putInto(this.folderOf(stack), stack);
    await this.must(stack, ['init', '-input=false', '-no-color', ...(kept === true ? ['-lockfile=readonly'] : [])]);
    if (kept === false) await locks?.keep(this.folderOf(stack), stack);
  }

  /**
   * Returns the plan, or `undefined` if nothing would change. Keeps it in a file: `apply` carries out exactly this
   * plan.
   */
  async plan(stack: string, ...args: readonly string[]): Promise<Plan | undefined> {
    await mkdir(this.folderOf(stack), { recursive: true });
    const ran = await this.run(stack, [
      'plan',
      '-input=false',
      '-no-color',
      '-detailed-exitcode',
      '-out=plan.bin',
      ...args,
    ]);
    if (ran.code !== 0 && ran.code !== CHANGES) throw failure(stack, ran);
    return ran.code === 0
      ? undefined
      : parsePlan(JSON.parse((await this.must(stack, ['show', '-json', 'plan.bin'])).said));
  }

  /** Carries out the newest plan. */
  async apply(stack: string): Promise<Ran> {
    return this.run(stack, ['apply', '-input=false', '-no-color', '-parallelism=20', 'plan.bin']);
  }

  async must(stack: string, args: readonly string[]): Promise<Ran> {
    const ran = await this.run(stack, args);
    if (ran.code !== 0) throw failure(stack, ran);
    return ran;
  }

  private folderOf(stack: string): string {
    return join(this.options.folder, 'stacks', stack);
  }

  private async run(stack: string, args: readonly string[]): Promise<Ran> {
    const command = this.options.env.TERRAFORM_BINARY_NAME ?? 'terraform';
    const env = { ...this.options.env, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' };
    const child = spawn(command, [`-chdir=${this.folderOf(stack)}`, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number>((resolve, reject) => {
      child.on('error', () =>
        reject(new CliError(`${command} is not on this machine: npm run preflight says where to get it`)),
      );
      child.on('close', (code) => resolve(code ?? 1));
    });
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, said: code === 0 ? stdout : `${stdout}${stderr}` };
  }
}

/** Returns one message for a trouble that people can correct; else all errors of Terraform. */
export function failure(stack: string, { said }: Ran): CliError {
  const trouble = troubleIn(said);
  if (trouble !== undefined) return new CliError(`${stack}: ${trouble.says}`);
  const errors = [...said.matchAll(/^Error: [^\n]*(?:\n(?!Error: )[^\n]*){0,6}/gm)].map(([error]) => error.trim());
  return new CliError(
    `${stack}: terraform failed\n${errors.length === 0 ? said.slice(-2000) : errors.slice(0, 5).join('\n\n')}`,
  );
}
