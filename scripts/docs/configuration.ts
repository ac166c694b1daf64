import { z } from 'zod';
import { EnvironmentConfig, PlatformConfig } from '../../infra/config/schema';
import { at, table } from './stack';

interface Field {
  readonly path: string;
  readonly allowed: string;
  readonly required: boolean;
  readonly meaning: string;
}

interface Rule {
  readonly path: string;
  readonly message: string;
}

/** A field that says nothing of what it is for: put `.meta({ description })` on it. */
export class UndescribedField extends Error {}

const Def = z.looseObject({ type: z.string() });
const parts = (schema: z.core.$ZodType) => Def.parse(schema._zod.def);

/** What a schema or check says itself of what is allowed. */
function ownMessage(def: unknown): string | undefined {
  const error = at(def, 'error');
  const said: unknown = typeof error === 'function' ? error({ input: undefined, code: 'invalid_type' }) : undefined;
  return typeof said === 'string' ? said.replace(/^use /, '') : undefined;
}

const Check = z.object({
  _zod: z.object({ def: z.looseObject({ check: z.string(), path: z.array(z.union([z.string(), z.number()])).optional() }) }),
});

/** Rules of a schema that stand beside its type. */
function checksOf(schema: z.core.$ZodType): readonly z.output<typeof Check>['_zod']['def'][] {
  const checks = at(schema, '_zod.def.checks');
  return z
    .array(z.unknown())
    .default([])
    .parse(checks)
    .map((check) => Check.parse(check)._zod.def);
}

function bounds(schema: z.core.$ZodType, unit = ''): string {
  const json = z.looseObject({}).parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  const [low, high] = unit === '' ? ['minimum', 'maximum'] : ['minItems', 'maxItems'];
  const least = json[low] ?? json.exclusiveMinimum;
  const above = json.exclusiveMinimum !== undefined && unit === '' ? 'above ' : '';
  const most = json[high];
  if (least === undefined && most === undefined) return '';
  return `${above}${least ?? 0} to ${most ?? 'any'}${unit}`;
}

/** What may stand in a field, in words. */
function allowed(schema: z.core.$ZodType): string {
  const def = parts(schema);
  const said = ownMessage(def);
  const rules = checksOf(schema)
    .filter(({ check }) => check === 'custom')
    .flatMap((check) => ownMessage(check) ?? []);
  const more = rules.length === 0 ? '' : `; ${rules.join('; ')}`;
  if (schema instanceof z.ZodOptional) return allowed(schema.unwrap());
  if (schema instanceof z.ZodNumber)
    return `${schema.format === 'safeint' ? 'whole number' : 'number'}, ${bounds(schema)}${more}`;
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => `\`${option}\``).join(', ');
  if (schema instanceof z.ZodLiteral) return `\`${[...schema.values].join('`, `')}\``;
  if (schema instanceof z.ZodBoolean) return '`true`, `false`';
  if (schema instanceof z.ZodArray) return `${bounds(schema, ' of')}: ${allowed(schema.element)}${more}`;
  if (schema instanceof z.ZodObject)
    return `{ ${Object.entries(schema.shape)
      .map(([key, inner]) => `${key}: ${allowed(inner)}`)
      .join('; ')} }`;
  return `${said ?? def.type}${more}`;
}

const isGroup = (schema: z.core.$ZodType): schema is z.ZodObject => schema instanceof z.ZodObject;

function fieldsOf(schema: z.ZodObject, prefix: readonly string[] = []): Field[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const path = [...prefix, key];
    if (isGroup(field)) return fieldsOf(field, path);
    const meaning = z.globalRegistry.get(field)?.description;
    if (meaning === undefined) throw new UndescribedField(`${path.join('.')}: say what it means by .meta({ description })`);
    return [{ path: path.join('.'), allowed: allowed(field), required: !(field instanceof z.ZodOptional), meaning }];
  });
}

/** Rules between fields, also those inside a group. */
function rulesOf(schema: z.ZodObject, prefix: readonly string[] = []): Rule[] {
  const own = checksOf(schema).flatMap((check) => {
    const message = ownMessage(check);
    return message === undefined ? [] : [{ path: [...prefix, ...(check.path ?? [])].join('.'), message }];
  });
  const inner = Object.entries(schema.shape).flatMap(([key, field]) => (isGroup(field) ? rulesOf(field, [...prefix, key]) : []));
  return [...own, ...inner];
}

/** A value as the config file has it. */
function shown(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value)
    .replaceAll(/"(\w+)":/g, '$1: ')
    .replaceAll('"', "'")
    .replaceAll(/,(?=\S)/g, ', ');
  return `\`${text}\``;
}

function rows(schema: z.ZodObject, inputs: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(inputs);
  return table(
    ['field', 'allowed', 'default', ...names, 'meaning'],
    fieldsOf(schema).map(({ path, allowed: may, required, meaning }) => [
      `\`${path}\``,
      may,
      required ? 'none' : 'absent',
      ...names.map((name) => shown(at(inputs[name], path))),
      meaning,
    ]),
  );
}

const rules = (schema: z.ZodObject): string =>
  table(
    ['field', 'rule'],
    rulesOf(schema).map(({ path, message }) => [`\`${path}\``, message]),
  );

/** Every field of the configuration. `environments`: what their files say, by name. */
export function configuration(environments: Readonly<Record<string, unknown>>, platform: unknown): string {
  return `# Configuration

What an operator may say, and what the files in this repository say: examples, which \`infra/config\` has to be changed from. Whatever is wrong is
said all at once, with the path, the value and what is allowed, and nothing is written. A field without a default has to be there.

## An environment: \`infra/config/environments/<env>.ts\`
${rows(EnvironmentConfig, environments)}
### Rules between fields
${rules(EnvironmentConfig)}
## All environments: \`infra/config/platform.ts\`
${rows(PlatformConfig, { platform })}`;
}
