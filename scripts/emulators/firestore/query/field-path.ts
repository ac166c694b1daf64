import { FirestoreError } from '../wire/firestore-error';
import type { DocumentFields, Value } from '../wire/messages';

/** A document's own name, as filters, orders and cursors spell it. */
export const DOCUMENT_NAME = '__name__';

export type FieldPath = readonly string[];

/** A simple segment, or one in backticks with `\` before a backtick or itself; then a dot or the end. */
const SEGMENT = /(?:`((?:[^`\\]|\\.)*)`|([A-Za-z_][A-Za-z_0-9]*))(\.|$)/gy;

/**
 * Parses `a.b` and `` a.`odd name` `` into their segments.
 * https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#document
 */
export function parseFieldPath(text: string): FieldPath {
  const matches = [...text.matchAll(SEGMENT)];
  const readTo = matches.reduce((end, [whole]) => end + whole.length, 0);
  if (readTo !== text.length || matches.at(-1)?.[3] !== '')
    throw new FirestoreError('INVALID_ARGUMENT', `Invalid property path "${text}".`);
  return matches.map(([, quoted, simple]) => quoted?.replace(/\\(.)/g, '$1') ?? simple ?? '');
}

const mapFields = (value: Value | undefined): DocumentFields | undefined =>
  value !== undefined && 'mapValue' in value ? (value.mapValue.fields ?? {}) : undefined;

/** Returns the value at `path`; `undefined` if there is none. */
export function valueAt(fields: DocumentFields, path: FieldPath): Value | undefined {
  let [current, value]: [DocumentFields | undefined, Value | undefined] = [fields, undefined];
  for (const segment of path) {
    if (current === undefined || !Object.hasOwn(current, segment)) return undefined;
    value = current[segment];
    current = mapFields(value);
  }
  return value;
}

/**
 * Returns `fields` with `value` at `path`, or without a value there; a value on the way that is no map becomes one.
 * Unchanged parts are shared.
 */
export function withValueAt(fields: DocumentFields, path: FieldPath, value: Value | undefined): DocumentFields {
  const [head, ...rest] = path;
  if (head === undefined) return fields;
  if (rest.length > 0) {
    const inner = mapFields(Object.hasOwn(fields, head) ? fields[head] : undefined);
    if (inner === undefined && value === undefined) return fields;
    return { ...fields, [head]: { mapValue: { fields: withValueAt(inner ?? {}, rest, value) } } };
  }
  if (value !== undefined) return { ...fields, [head]: value };
  const { [head]: _removed, ...others } = fields;
  return others;
}

/** Returns only the fields that `paths` name. */
export function project(fields: DocumentFields, paths: readonly FieldPath[]): DocumentFields {
  return paths.reduce((picked: DocumentFields, path) => {
    const value = valueAt(fields, path);
    return value === undefined ? picked : withValueAt(picked, path, value);
  }, {});
}
