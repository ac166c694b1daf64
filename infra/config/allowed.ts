import { z } from 'zod';

/** A rule beside a field's type: the field that its error names, and the error's text. */
export interface ConfigRule {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const Check = z.object({
  _zod: z.object({
    def: z.looseObject({ check: z.string(), path: z.array(z.union([z.string(), z.number()])).optional() }),
  }),
});
const Def = z.looseObject({ type: z.string(), checks: z.array(Check).default([]) });
const Limits = z.looseObject({
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
});

const ErrorOf = z.object({ error: z.unknown() });

/** Returns the text of a schema or a check about the allowed values. */
function ownMessage(def: unknown): string | undefined {
  const error = ErrorOf.safeParse(def).data?.error;
  const said: unknown = typeof error === 'function' ? error({ input: undefined, code: 'invalid_type' }) : undefined;
  return typeof said === 'string' ? said : undefined;
}

/** Rules other than bounds: rules between fields, and a field's own rule beside its type. */
export const rulesOf = (schema: z.core.$ZodType): readonly ConfigRule[] =>
  Def.parse(schema._zod.def)
    .checks.map(({ _zod }) => _zod.def)
    .filter(({ check }) => check === 'custom')
    .flatMap((check) => {
      const message = ownMessage(check);
      return message === undefined ? [] : [{ path: check.path ?? [], message }];
    });

const limitsOf = (schema: z.core.$ZodType) =>
  Limits.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));

function numbers(schema: z.ZodNumber): string {
  const { minimum, exclusiveMinimum, maximum } = limitsOf(schema);
  const kind = schema.format === 'safeint' ? 'a whole number' : 'a number';
  return `${kind}, ${exclusiveMinimum === undefined ? '' : 'above '}${exclusiveMinimum ?? minimum} to ${maximum}`;
}

function list(schema: z.ZodArray): string {
  const { minItems = 0, maxItems } = limitsOf(schema);
  return `${minItems} to ${maxItems} of: ${allowed(schema.element)}`;
}

function group(schema: z.ZodObject): string {
  const fields = Object.entries(schema.shape).map(([key, field]) => `${key}: ${allowed(field)}`);
  return `{ ${fields.join('; ')} }`;
}

function kind(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodNumber) return numbers(schema);
  if (schema instanceof z.ZodEnum) return schema.options.join(', ');
  if (schema instanceof z.ZodLiteral) return [...schema.values].join(', ');
  if (schema instanceof z.ZodBoolean) return 'true, false';
  if (schema instanceof z.ZodArray) return list(schema);
  if (schema instanceof z.ZodObject) return group(schema);
  const def = Def.parse(schema._zod.def);
  return ownMessage(def)?.replace(/^use /, '') ?? def.type;
}

/** Says what may stand in a field, in words that follow "use": `a whole number, 0 to 20`. */
export function allowed(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodOptional) return allowed(schema.unwrap());
  const own = schema instanceof z.ZodObject ? [] : rulesOf(schema).map(({ message }) => message);
  return [kind(schema), ...own].join('; ');
}

/** The schema of the field at `path`; `undefined` where there is none. */
export function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  if (schema instanceof z.ZodOptional) return schemaAt(schema.unwrap(), path);
  if (schema instanceof z.ZodArray) return schemaAt(schema.element, rest);
  const inner: z.core.$ZodType | undefined = schema instanceof z.ZodObject ? schema.shape[String(key)] : undefined;
  return inner === undefined ? undefined : schemaAt(inner, rest);
}
