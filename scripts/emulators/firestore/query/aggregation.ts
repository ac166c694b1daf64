import type { StoredDocument } from '../database';
import { isNumber, toNumber } from '../values/values';
import { FirestoreError } from '../wire/firestore-error';
import type { Aggregation, DocumentFields, Value } from '../wire/messages';
import { fieldReader } from './filters';

const NULL: Value = { nullValue: 'NULL_VALUE' };

/**
 * Computes the aggregations over `documents`, by their aliases.
 * https://cloud.google.com/firestore/docs/query-data/aggregation-queries
 */
export function aggregate(documents: readonly StoredDocument[], aggregations: readonly Aggregation[]): DocumentFields {
  return Object.fromEntries(
    aggregations.map((aggregation, index) => [aliasOf(aggregation, index), resultOf(documents, aggregation)]),
  );
}

const aliasOf = ({ alias }: Aggregation, index: number): string =>
  alias === undefined || alias === '' ? `field_${index + 1}` : alias;

function resultOf(documents: readonly StoredDocument[], { count, sum, avg }: Aggregation): Value {
  if (count)
    return { integerValue: String(Math.min(documents.length, Number(count.upTo?.value ?? Number.POSITIVE_INFINITY))) };
  if (sum) return total(numbersAt(documents, sum.field.fieldPath));
  if (avg) return average(numbersAt(documents, avg.field.fieldPath));
  throw new FirestoreError('INVALID_ARGUMENT', 'An aggregation is count, sum or avg.');
}

const numbersAt = (documents: readonly StoredDocument[], path: string): Value[] => {
  const read = fieldReader(path);
  return documents.flatMap((document) => read(document) ?? []).filter(isNumber);
};

/** Adds numbers: to an integer as long as all are integers and the sum is held exactly. */
function total(numbers: readonly Value[]): Value {
  const amount = numbers.reduce((sum, value) => sum + toNumber(value), 0);
  const whole = Number.isSafeInteger(amount) && numbers.every((value) => 'integerValue' in value);
  return whole ? { integerValue: String(amount) } : { doubleValue: amount };
}

const average = (numbers: readonly Value[]): Value =>
  numbers.length === 0
    ? NULL
    : { doubleValue: numbers.reduce((sum, value) => sum + toNumber(value), 0) / numbers.length };
