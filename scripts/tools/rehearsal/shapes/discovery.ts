import { z } from 'zod';
import type { Shapes } from './shape';

interface DiscoverySchema {
  readonly type?: string | undefined;
  readonly format?: string | undefined;
  readonly enum?: readonly string[] | undefined;
  readonly $ref?: string | undefined;
  readonly items?: DiscoverySchema | undefined;
  readonly additionalProperties?: DiscoverySchema | undefined;
  readonly properties?: Readonly<Record<string, DiscoverySchema>> | undefined;
}

const DiscoverySchema: z.ZodType<DiscoverySchema> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    format: z.string().optional(),
    enum: z.array(z.string()).optional(),
    $ref: z.string().optional(),
    items: DiscoverySchema.optional(),
    additionalProperties: DiscoverySchema.optional(),
    properties: z.record(z.string(), DiscoverySchema).optional(),
  }),
);
const Method = z.object({
  httpMethod: z.string(),
  path: z.string(),
  flatPath: z.string().optional(),
  request: z.object({ $ref: z.string() }).optional(),
});
interface DiscoveryResource {
  readonly methods: Readonly<Record<string, z.output<typeof Method>>>;
  readonly resources: Readonly<Record<string, DiscoveryResource>>;
}
const DiscoveryResource: z.ZodType<DiscoveryResource> = z.lazy(() =>
  z.object({
    methods: z.record(z.string(), Method).default({}),
    resources: z.record(z.string(), DiscoveryResource).default({}),
  }),
);
/** A discovery document. https://developers.google.com/discovery/v1/reference/apis */
export const Discovery = z.object({
  resources: z.record(z.string(), DiscoveryResource),
  schemas: z.record(z.string(), DiscoverySchema),
});

function methodsOf(
  resources: Readonly<Record<string, DiscoveryResource>>,
  wanted: readonly string[],
): z.output<typeof Method>[] {
  return Object.entries(resources).flatMap(([name, { methods, resources: inner }]) => [
    ...(wanted.includes(name) ? Object.values(methods) : []),
    ...methodsOf(inner, wanted),
  ]);
}

function typeOf(schema: DiscoverySchema): string {
  if (schema.$ref !== undefined) return `@${schema.$ref}`;
  if (schema.enum !== undefined) return `(${schema.enum.join('|')})`;
  if (schema.type === 'array') return `[${schema.items === undefined ? '*' : typeOf(schema.items)}]`;
  if (schema.type === 'object')
    return schema.additionalProperties === undefined ? '*' : `{${typeOf(schema.additionalProperties)}}`;
  if (schema.type === 'boolean') return 'b';
  if (schema.type === 'integer' || schema.type === 'number' || /int/.test(schema.format ?? '')) return 'n';
  return schema.type === 'string' ? 's' : '*';
}

const lineOf = ({ properties = {} }: DiscoverySchema): string =>
  Object.entries(properties)
    .map(([name, schema]) => `${name}:${typeOf(schema)}`)
    .sort()
    .join(' ');

/** Returns the shapes of the request bodies of some collections, with all shapes that these name. */
export function shapesFrom({ resources, schemas }: z.output<typeof Discovery>, collections: readonly string[]): Shapes {
  const requests: Record<string, string> = {};
  for (const { httpMethod, flatPath, path, request } of methodsOf(resources, collections)) {
    const plain = (flatPath ?? path).replace(/^v\d\w*\//, '').replace(/\{[^}]+\}/g, '*');
    if (request !== undefined) requests[`${httpMethod} ${plain}`] = request.$ref;
  }
  const shapes: Record<string, string> = {};
  const add = (name: string): void => {
    const schema = schemas[name];
    if (schema === undefined || shapes[name] !== undefined) return;
    shapes[name] = lineOf(schema);
    for (const [, inner = ''] of shapes[name].matchAll(/@(\w+)/g)) add(inner);
  };
  for (const name of Object.values(requests)) add(name);
  return { requests: sorted(requests), shapes: sorted(shapes) };
}

const sorted = (table: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
