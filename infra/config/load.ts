import type { z } from 'zod';

/** Everything that keeps the stacks from being written and that an operator can put right, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(
      `nothing is written, because of ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${problems.join('\n')}`,
    );
  }
}

/** `inputs` by name, parsed. Throws one `ConfigError` with the problems of all of them: path, value got, what is allowed. */
export function loadConfig<T extends z.ZodType, K extends string>(
  schema: T,
  inputs: Readonly<Record<K, unknown>>,
): Record<K, z.output<T>>;
export function loadConfig(schema: z.ZodType, inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const results = Object.entries(inputs).map(([name, input]) => ({ name, input, result: schema.safeParse(input) }));
  const problems = results.flatMap(({ name, input, result }) =>
    (result.error?.issues ?? []).flatMap((issue) => describe(name, input, issue)),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(results.map(({ name, result }) => [name, result.data]));
}

function describe(name: string, input: unknown, issue: z.core.$ZodIssue): string[] {
  const at = (path: readonly PropertyKey[]) => [name, ...path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${at([...issue.path, key])}: there is no such field; look for a misspelling`);
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner instanceof Object ? Reflect.get(inner, key) : undefined),
    input,
  );
  return [`${at(issue.path)}: ${value === undefined ? 'missing' : `got ${JSON.stringify(value)}`}; ${issue.message}`];
}
