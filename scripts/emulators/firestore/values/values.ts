import { compareNames } from '../names';
import { compareUtf8 } from '../query/text-order';
import { FirestoreError } from '../wire/firestore-error';
import type { DocumentFields, Value } from '../wire/messages';
import { compareTimestamps } from './time';

/** Firestore's order of types. https://cloud.google.com/firestore/docs/concepts/data-types#value_type_ordering */
const Rank = {
  Null: 0,
  Boolean: 1,
  Number: 2,
  Timestamp: 3,
  String: 4,
  Bytes: 5,
  Reference: 6,
  GeoPoint: 7,
  Array: 8,
  Vector: 9,
  Map: 10,
} as const;

/** Values of one rank can be compared by `<` in a filter; those of different ranks never match each other. */
export function rankOf(value: Value): number {
  if ('stringValue' in value) return Rank.String;
  if ('integerValue' in value || 'doubleValue' in value) return Rank.Number;
  if ('booleanValue' in value) return Rank.Boolean;
  if ('nullValue' in value) return Rank.Null;
  if ('timestampValue' in value) return Rank.Timestamp;
  if ('bytesValue' in value) return Rank.Bytes;
  if ('referenceValue' in value) return Rank.Reference;
  if ('geoPointValue' in value) return Rank.GeoPoint;
  if ('arrayValue' in value) return Rank.Array;
  if ('mapValue' in value) return isVector(value.mapValue.fields) ? Rank.Vector : Rank.Map;
  throw new FirestoreError('INVALID_ARGUMENT', `Value of an unknown kind: ${Object.keys(value).join(', ') || 'none'}.`);
}

const isVector = (fields: DocumentFields | undefined): boolean => {
  const type = fields?.__type__;
  return type !== undefined && 'stringValue' in type && type.stringValue === '__vector__';
};

/** Compares by Firestore's total order; 0 also for an integer and a double of the same amount, and for NaN and NaN. */
export function compareValues(a: Value, b: Value): number {
  const rank = rankOf(a);
  const difference = rank - rankOf(b);
  if (difference !== 0) return difference;
  if ('stringValue' in a && 'stringValue' in b) return compareUtf8(a.stringValue, b.stringValue);
  if (rank === Rank.Number) return compareNumbers(a, b);
  if ('booleanValue' in a && 'booleanValue' in b) return Number(a.booleanValue) - Number(b.booleanValue);
  if ('timestampValue' in a && 'timestampValue' in b) return compareTimestamps(a.timestampValue, b.timestampValue);
  if ('bytesValue' in a && 'bytesValue' in b) return Buffer.compare(a.bytesValue, b.bytesValue);
  if ('referenceValue' in a && 'referenceValue' in b) return compareNames(a.referenceValue, b.referenceValue);
  if ('geoPointValue' in a && 'geoPointValue' in b) return comparePoints(a.geoPointValue, b.geoPointValue);
  if ('arrayValue' in a && 'arrayValue' in b)
    return compareArrays(a.arrayValue.values ?? [], b.arrayValue.values ?? []);
  if ('mapValue' in a && 'mapValue' in b) return compareMaps(a.mapValue.fields ?? {}, b.mapValue.fields ?? {});
  return 0;
}

/** Tells whether values are equal for a filter, for arrayUnion and for arrayRemove. */
export const sameValue = (a: Value, b: Value): boolean => compareValues(a, b) === 0;

/** Tells whether a reader could see no difference: unlike for `sameValue`, `1` and `1.0` differ. */
export function identicalFields(a: DocumentFields, b: DocumentFields): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => identical(a[key], b[key]));
}

function identical(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined || Object.keys(a)[0] !== Object.keys(b)[0]) return false;
  if ('mapValue' in a && 'mapValue' in b) return identicalFields(a.mapValue.fields ?? {}, b.mapValue.fields ?? {});
  if ('arrayValue' in a && 'arrayValue' in b) {
    const left = a.arrayValue.values ?? [];
    const right = b.arrayValue.values ?? [];
    return left.length === right.length && left.every((value, index) => identical(value, right[index]));
  }
  if ('doubleValue' in a && 'doubleValue' in b) return Object.is(a.doubleValue, b.doubleValue);
  return sameValue(a, b);
}

export const isNaNValue = (value: Value): boolean => 'doubleValue' in value && Number.isNaN(value.doubleValue);
export const isNumber = (value: Value): boolean => 'integerValue' in value || 'doubleValue' in value;
export const toNumber = (value: Value): number =>
  'integerValue' in value ? Number(value.integerValue) : 'doubleValue' in value ? value.doubleValue : Number.NaN;

/** An integer of more digits than these may be beyond what a double holds exactly. */
const EXACT_DIGITS = 15;

function compareNumbers(a: Value, b: Value): number {
  const left = toNumber(a);
  const right = toNumber(b);
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(right)) - Number(Number.isNaN(left));
  if (left !== right || !isLong(a) || !isLong(b)) return left < right ? -1 : Number(left > right);
  const exactLeft = BigInt('integerValue' in a ? a.integerValue : left);
  const exactRight = BigInt('integerValue' in b ? b.integerValue : right);
  return exactLeft < exactRight ? -1 : Number(exactLeft > exactRight);
}

const isLong = (value: Value): boolean =>
  'integerValue' in value
    ? value.integerValue.length > EXACT_DIGITS
    : Number.isSafeInteger(toNumber(value)) === false && Number.isFinite(toNumber(value));

const comparePoints = (
  a: { latitude?: number; longitude?: number },
  b: { latitude?: number; longitude?: number },
): number => (a.latitude ?? 0) - (b.latitude ?? 0) || (a.longitude ?? 0) - (b.longitude ?? 0);

function compareArrays(a: readonly Value[], b: readonly Value[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareValues(value, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Compares maps by the first key that differs, then by its value; a map that ends first is the smaller. */
function compareMaps(a: DocumentFields, b: DocumentFields): number {
  const left = entries(a);
  const right = entries(b);
  for (const [index, [key, value]] of left.entries()) {
    const [otherKey, otherValue] = right[index] ?? [];
    if (otherKey === undefined || otherValue === undefined) return 1;
    const order = compareUtf8(key, otherKey) || compareValues(value, otherValue);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

const entries = (fields: DocumentFields): [string, Value][] =>
  Object.entries(fields).sort(([a], [b]) => compareUtf8(a, b));
