import { FirestoreError } from '../wire/firestore-error';
import type { FieldTransform, Value } from '../wire/messages';
import { type Micros, toTimestamp } from './time';
import { compareValues, isNumber, sameValue, toNumber } from './values';

const NULL: Value = { nullValue: 'NULL_VALUE' };
const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 63n - 1n;

/**
 * Returns the value of a field after `transform`, and the value that the client gets (null for lists, as the service
 * does). https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#fieldtransform
 */
export function transformed(
  current: Value | undefined,
  transform: FieldTransform,
  commitTime: Micros,
): { value: Value; result: Value } {
  const { setToServerValue, increment, maximum, minimum, appendMissingElements, removeAllFromArray } = transform;
  if (setToServerValue === 'REQUEST_TIME') return both({ timestampValue: toTimestamp(commitTime) });
  if (increment) return both(sum(current, operand(increment)));
  if (maximum) return both(extreme(current, operand(maximum), 1));
  if (minimum) return both(extreme(current, operand(minimum), -1));
  const present = elements(current);
  if (appendMissingElements) return list(union(present, appendMissingElements.values));
  if (removeAllFromArray) return list(present.filter((value) => !contains(removeAllFromArray.values, value)));
  throw new FirestoreError('INVALID_ARGUMENT', `The transform of '${transform.fieldPath}' is of an unknown kind.`);
}

const both = (value: Value): { value: Value; result: Value } => ({ value, result: value });
const list = (values: Value[]): { value: Value; result: Value } => ({
  value: { arrayValue: { values } },
  result: NULL,
});
const elements = (value: Value | undefined): Value[] =>
  value !== undefined && 'arrayValue' in value ? (value.arrayValue.values ?? []) : [];
const contains = (values: readonly Value[], wanted: Value): boolean => values.some((value) => sameValue(value, wanted));

function union(present: readonly Value[], added: readonly Value[]): Value[] {
  const all = [...present];
  for (const value of added) if (!contains(all, value)) all.push(value);
  return all;
}

function operand(value: Value): Value {
  if (isNumber(value)) return value;
  throw new FirestoreError('INVALID_ARGUMENT', 'increment, maximum and minimum take a number.');
}

/**
 * Adds numbers: integers stay integers and stop at their bounds; a double makes the sum a double; any other value
 * counts as absent.
 */
function sum(current: Value | undefined, amount: Value): Value {
  if (current === undefined || !isNumber(current)) return amount;
  if (!('integerValue' in current) || !('integerValue' in amount))
    return { doubleValue: toNumber(current) + toNumber(amount) };
  const exact = BigInt(current.integerValue) + BigInt(amount.integerValue);
  return { integerValue: String(exact > MAX_INTEGER ? MAX_INTEGER : exact < MIN_INTEGER ? MIN_INTEGER : exact) };
}

const extreme = (current: Value | undefined, other: Value, sign: 1 | -1): Value =>
  current === undefined || !isNumber(current) || compareValues(other, current) * sign > 0 ? other : current;
