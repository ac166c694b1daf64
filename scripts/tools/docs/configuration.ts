import { z } from 'zod';
import { allowed, rulesOf } from '../../../infra/config/allowed';
import { EnvironmentConfig, PlatformConfig } from '../../../infra/config/schema';
import { at, table } from './stack';

interface Field {
  readonly path: string;
  /** The allowed values, in words. */
  readonly may: string;
  readonly required: boolean;
  readonly meaning: string;
}

/** A field without a description: put `.meta({ description })` on it. */
export class UndescribedField extends Error {}

const isGroup = (schema: z.core.$ZodType): schema is z.ZodObject => schema instanceof z.ZodObject;

function fieldsOf(schema: z.ZodObject, prefix: readonly string[] = []): Field[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const path = [...prefix, key];
    if (isGroup(field)) return fieldsOf(field, path);
    const meaning = z.globalRegistry.get(field)?.description;
    if (meaning === undefined)
      throw new UndescribedField(`${path.join('.')}: say what it means by .meta({ description })`);
    return [{ path: path.join('.'), may: allowed(field), required: !(field instanceof z.ZodOptional), meaning }];
  });
}

/** Rules between fields, also those inside a group. */
function rulesIn(schema: z.ZodObject, prefix: readonly string[] = []): string[][] {
  const own = rulesOf(schema).map(({ path, message }) => [`\`${[...prefix, ...path].join('.')}\``, message]);
  const inner = Object.entries(schema.shape).flatMap(([key, field]) =>
    isGroup(field) ? rulesIn(field, [...prefix, key]) : [],
  );
  return [...own, ...inner];
}

/** Shows a value in the spelling of the configuration file. */
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
    fieldsOf(schema).map(({ path, may, required, meaning }) => [
      `\`${path}\``,
      may,
      required ? 'none' : 'absent',
      ...names.map((name) => shown(at(inputs[name], path))),
      meaning,
    ]),
  );
}

const rules = (schema: z.ZodObject): string => table(['field', 'rule'], rulesIn(schema));

/** Returns the page of all fields of the configuration. `environments`: the values of their files, by name. */
export function configuration(environments: Readonly<Record<string, unknown>>, platform: unknown): string {
  return `# Configuration

The fields that an operator may set, and their values in this repository. These values are examples: change them in
\`infra/config\`. All mistakes are reported at once, each with its path, its value and what is allowed, and nothing is
written. A field without a default is required.

## An environment: \`infra/config/environments/<env>.ts\`
${rows(EnvironmentConfig, environments)}
### Rules between fields
${rules(EnvironmentConfig)}
## All environments: \`infra/config/platform.ts\`
${rows(PlatformConfig, { platform })}`;
}
