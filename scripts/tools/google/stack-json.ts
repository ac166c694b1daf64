import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EnvironmentName } from '../../../functions/contract/ids';
import { type Declared, readTerraformJson } from '../../local/blueprint/terraform-json';
import { prepare } from '../../local/command/prepare';
import { CliError } from './cli-error';

const ENVIRONMENTS: readonly string[] = EnvironmentName.options;
const ROOT = join(__dirname, '../../..');
const Backend = z.object({
  terraform: z.object({ backend: z.object({ gcs: z.object({ bucket: z.string(), prefix: z.string() }) }) }),
});
const REFERENCE = /^\$\{((?:data\.)?[\w-]+\.[\w-]+)\.([a-z_]+)\}$/;

/** An environment by its synthesised Terraform JSON, the only source for every command. */
export class StackJson {
  private constructor(
    readonly environment: string,
    readonly projectId: string,
    readonly stateBucket: string,
    readonly statePrefix: string,
    private readonly declared: ReadonlyMap<string, Declared>,
  ) {}

  /**
   * Opens the stacks of the present sources, which are synthesised again if they changed. The folder that
   * `CDKTF_OUTDIR` names is read unchanged.
   */
  static async open(environment: string): Promise<StackJson> {
    if (![...ENVIRONMENTS, 'bootstrap'].includes(environment))
      throw new CliError(`environment '${environment}': use one of ${ENVIRONMENTS.join(', ')}`);
    const folder = process.env.CDKTF_OUTDIR;
    if (folder === undefined)
      await prepare(ROOT, environment, { note: (line) => process.stderr.write(`${line}\n`), detail: () => undefined });
    const path = join(folder ?? join(ROOT, 'cdktf.out'), 'stacks', environment, 'cdk.tf.json');
    const text = await readFile(path, 'utf8').catch(() => {
      throw new CliError(`${path} is not there: write it with 'npm run synth'`);
    });
    return StackJson.of(environment, JSON.parse(text));
  }

  static of(environment: string, json: unknown): StackJson {
    const { projectId, declared } = readTerraformJson(json);
    const { bucket, prefix } = Backend.parse(json).terraform.backend.gcs;
    return new StackJson(environment, projectId, bucket, prefix, declared);
  }

  /** Returns the types of all resources. */
  types(): string[] {
    return [...new Set([...this.declared.values()].flatMap(({ kind, type }) => (kind === 'resource' ? [type] : [])))];
  }

  /** Returns every resource of a type, parsed; a text that refers to a literal of another resource is that literal. */
  all<T extends z.ZodType>(type: string, schema: T): z.output<T>[] {
    return [...this.declared.values()]
      .filter((one) => one.kind === 'resource' && one.type === type)
      .map(({ name, attributes }) => {
        const parsed = schema.safeParse(this.resolved(attributes));
        if (!parsed.success) throw new CliError(`${type}.${name}: ${z.prettifyError(parsed.error)}`);
        return parsed.data;
      });
  }

  private resolved(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, this.literal(value)]));
  }

  private literal(value: unknown): unknown {
    const [, address = '', attribute = ''] = typeof value === 'string' ? (REFERENCE.exec(value) ?? []) : [];
    return this.declared.get(address)?.attributes[attribute] ?? value;
  }
}
