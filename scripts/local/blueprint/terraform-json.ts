import { z } from 'zod';
import { StartError } from '../../emulators/server/start-error';

const byTypeAndName = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())));

/** `cdk.tf.json`: resources and data sources by type and name, and the provider's project. */
const TerraformJson = z.object({
  provider: z.object({ google: z.tuple([z.object({ project: z.string().min(1) })], z.unknown()) }),
  resource: byTypeAndName,
  data: byTypeAndName.default({}),
});

export interface Document {
  readonly projectId: string;
  /** Resources and data sources by address. */
  readonly declared: ReadonlyMap<string, Declared>;
}

/** One resource or data source: its address and its attributes. */
export interface Declared {
  readonly kind: 'resource' | 'data';
  readonly type: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Returns `google_storage_bucket.open`, `data.google_project.this`: the spelling of an interpolation. */
export const addressOf = ({ kind, type, name }: Pick<Declared, 'kind' | 'type' | 'name'>): string =>
  `${kind === 'data' ? 'data.' : ''}${type}.${name}`;

/** Reads everything that the environment declares. Throws an error that says why a value is not Terraform's JSON. */
export function readTerraformJson(json: unknown): Document {
  const parsed = TerraformJson.safeParse(json);
  if (!parsed.success) throw new StartError(`synthesised Terraform JSON: ${z.prettifyError(parsed.error)}`);
  const all = [...declared('resource', parsed.data.resource), ...declared('data', parsed.data.data)];
  return {
    projectId: parsed.data.provider.google[0].project,
    declared: new Map(all.map((one) => [addressOf(one), one])),
  };
}

function declared(kind: Declared['kind'], types: z.infer<typeof byTypeAndName>): Declared[] {
  return Object.entries(types).flatMap(([type, named]) =>
    Object.entries(named).map(([name, attributes]) => ({ kind, type, name, attributes })),
  );
}
