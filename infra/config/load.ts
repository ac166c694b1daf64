import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { allowed, schemaAt } from './allowed';

/** Lists every problem of the configuration that an operator can correct, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(
      `nothing is written, because of ${problems.length} ` +
        `problem${problems.length === 1 ? '' : 's'}:\n${problems.join('\n')}`,
    );
  }
}

/** The contents of the config files by name, before they are validated. */
type Inputs<S> = Readonly<Record<keyof S, unknown>>;

/**
 * Parses each of `inputs` by the schema of the same name. Throws one `ConfigError` with the problems of all: path,
 * value got, what is allowed.
 */
export function loadConfig<S extends Readonly<Record<string, z.ZodType>>>(
  schemas: S,
  inputs: Inputs<S>,
): { [K in keyof S]: z.output<S[K]> };
export function loadConfig(schemas: Readonly<Record<string, z.ZodType>>, inputs: Inputs<Record<string, unknown>>) {
  const results = Object.entries(schemas).map(([name, schema]) => ({
    name,
    schema,
    input: inputs[name],
    result: schema.safeParse(inputs[name]),
  }));
  const problems = results.flatMap(({ result, ...file }) =>
    (result.error?.issues ?? []).flatMap((issue) => describe(file, issue)),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(results.map(({ name, result }) => [name, result.data]));
}

interface ConfigFile {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly input: unknown;
}

function describe({ name, schema, input }: ConfigFile, issue: z.core.$ZodIssue): string[] {
  const at = (path: readonly PropertyKey[]) => [name, ...path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${at([...issue.path, key])}: there is no such field; look for a misspelling`);
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner instanceof Object ? Reflect.get(inner, key) : undefined),
    input,
  );
  return [
    `${at(issue.path)}: ${value === undefined ? 'missing' : `got ${JSON.stringify(value)}`}; ` +
      `${whatIsAllowed(schema, issue)}`,
  ];
}

/** Replaces zod's own message, which names one bound or none. */
function whatIsAllowed(schema: z.ZodType, { path, message }: z.core.$ZodIssue): string {
  const field =
    path.length === 0 || !/^(Too (big|small)|Invalid input)/.test(message) ? undefined : schemaAt(schema, path);
  return field === undefined ? message : `use ${allowed(field)}`;
}

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Replaces fields of `config` by those of `over`, at any depth; a list replaces a list. */
export const overlaid = (config: Tree, over: Tree): Tree => ({
  ...config,
  ...Object.fromEntries(
    Object.entries(over).map(([name, value]) => {
      const own = config[name];
      return [name, isTree(own) && isTree(value) ? overlaid(own, value) : value];
    }),
  ),
});

/**
 * Lays the JSON file at `path` over the configuration, by the names of its files: `{"dev": {"ipv6": true}}`. It serves
 * rehearsals of settings that the repository's configuration does not use. Throws a `ConfigError` for a file that is no
 * JSON object, or that names an unknown file. Without a path, returns the configuration unchanged.
 */
export function withOverlay<T extends Tree>(config: T, path: string | undefined): Readonly<Record<keyof T, unknown>>;
export function withOverlay(config: Tree, path: string | undefined): Tree {
  if (path === undefined) return config;
  const over = parsed(path);
  const strange = Object.keys(over).filter((name) => !(name in config));
  if (strange.length > 0)
    throw new ConfigError([`${path}: ${strange.join(', ')}: use some of ${Object.keys(config).join(', ')}`]);
  return overlaid(config, over);
}

function parsed(path: string): Tree {
  try {
    const over: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isTree(over)) return over;
  } catch (error) {
    throw new ConfigError([`${path}: ${error instanceof Error ? error.message : String(error)}`]);
  }
  throw new ConfigError([`${path}: use a JSON object`]);
}
