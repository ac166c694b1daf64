/** A JSON object with any fields. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns `value` if it is an object, else an empty one. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

/** Returns the value at a path of field names; `undefined` where a field is missing. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => fieldsOf(inner)[name], value);

/** Returns the text at a path; empty where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** Returns the items at a path; none where there is no list. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Returns every text in a JSON value, at any depth. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isFields(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** Returns `target` with the field at `path` (`a.b`) taken from `source`, or removed where the source has none. */
export function withPath(target: Fields, source: unknown, [name = '', ...rest]: readonly string[]): Fields {
  const inner = at(source, name);
  if (rest.length > 0) return { ...target, [name]: withPath(fieldsOf(target[name]), inner, rest) };
  const { [name]: _gone, ...others } = target;
  return inner === undefined || inner === null ? others : { ...others, [name]: inner };
}

/**
 * Returns the result of a PATCH: objects are merged, null removes, everything else replaces.
 * https://www.rfc-editor.org/rfc/rfc7396
 */
export function merged(target: Fields, patch: Fields): Fields {
  const entries = Object.entries(patch).map(([name, value]): [string, unknown] => {
    const old = target[name];
    return [name, isFields(value) && isFields(old) ? merged(old, value) : value];
  });
  const all = { ...target, ...Object.fromEntries(entries) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}
