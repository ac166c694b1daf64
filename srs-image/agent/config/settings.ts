import { AgentEnv } from '../../../functions/contract/env/agent';

/** Settings that may change while the agent runs. All others are wired once: addresses, folders, buckets, the role. */
const CHANGEABLE = [
  'heartbeatSeconds',
  'sessionWindowSeconds',
  'evacuateAfterSeconds',
  'spoolLimitBytes',
  'uploadsAtOnce',
  'callers',
  'peers',
  'logLevel',
] as const satisfies readonly (keyof AgentEnv)[];

export type Settings = Pick<AgentEnv, (typeof CHANGEABLE)[number]>;

/** Answers the configuration in force: a caller asks each time it needs a value, and keeps no copy. */
export type SettingsInForce = () => Readonly<Settings>;

/** Result of a new configuration: nothing differs, some fields do, or it is refused whole, with a sentence a field. */
export type SettingsCheck =
  | { kind: 'same' }
  | { kind: 'changed'; env: AgentEnv; fields: string[] }
  | { kind: 'refused'; problems: string[] };

const parseJson = (text: string): { value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

/**
 * Judges `text`, the JSON of a new `AgentEnv`, against the one in force. A problem names field, value and what is
 * allowed.
 */
export function checkSettings(current: AgentEnv, text: string): SettingsCheck {
  const json = parseJson(text);
  if (json === undefined) return { kind: 'refused', problems: [`agent-env: got '${text.slice(0, 40)}'; use JSON`] };
  const parsed = AgentEnv.safeParse(json.value);
  if (!parsed.success)
    return { kind: 'refused', problems: parsed.error.issues.map((issue) => problemOf(issue, json.value)) };
  const env = parsed.data;
  const fields = Object.keys(AgentEnv.shape).filter((field) => differs(field, current, env));
  const fixed = fields.filter((field) => !CHANGEABLE.some((name) => name === field));
  if (fixed.length > 0) return { kind: 'refused', problems: fixed.map((field) => fixedProblem(field, current, env)) };
  return fields.length === 0 ? { kind: 'same' } : { kind: 'changed', env, fields };
}

const valueAt = (path: readonly PropertyKey[], value: unknown): string | undefined =>
  JSON.stringify(
    path.reduce<unknown>((inner, key) => (inner instanceof Object ? Reflect.get(inner, key) : undefined), value),
  );

const problemOf = ({ path, message }: { path: readonly PropertyKey[]; message: string }, value: unknown): string =>
  `${path.map(String).join('.') || 'agent-env'}: got ${valueAt(path, value) ?? 'nothing'}; ${message}`;

const differs = (field: string, a: AgentEnv, b: AgentEnv): boolean => valueAt([field], a) !== valueAt([field], b);

const fixedProblem = (field: string, current: AgentEnv, env: AgentEnv): string =>
  `${field}: got ${valueAt([field], env) ?? 'nothing'}; must stay ${valueAt([field], current) ?? 'absent'} while ` +
  'the agent runs';
