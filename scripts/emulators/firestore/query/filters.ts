import type { StoredDocument } from '../database';
import { compareValues, isNaNValue, rankOf, sameValue } from '../values/values';
import { FirestoreError } from '../wire/firestore-error';
import type { FieldOperator, QueryFilter, UnaryOperator, Value } from '../wire/messages';
import { DOCUMENT_NAME, type FieldPath, parseFieldPath, valueAt } from './field-path';

/** Reads a document's value at a path that is given as text; the document's name for `__name__`. */
export function fieldReader(path: string): (document: StoredDocument) => Value | undefined {
  if (path === DOCUMENT_NAME) return ({ name }) => ({ referenceValue: name });
  const segments: FieldPath = parseFieldPath(path);
  return ({ fields }) => valueAt(fields, segments);
}

type Predicate = (document: StoredDocument) => boolean;

/**
 * Returns a test that is true for the documents `filter` lets through.
 * https://cloud.google.com/firestore/docs/query-data/queries
 */
export function predicateOf(filter: QueryFilter | undefined): Predicate {
  if (filter?.compositeFilter) {
    const parts = filter.compositeFilter.filters.map(predicateOf);
    return filter.compositeFilter.op === 'OR'
      ? (document) => parts.some((matches) => matches(document))
      : (document) => parts.every((matches) => matches(document));
  }
  if (filter?.fieldFilter) {
    const { field, op, value } = filter.fieldFilter;
    return whenPresent(field.fieldPath, fieldTest(op, value));
  }
  if (filter?.unaryFilter) return whenPresent(filter.unaryFilter.field.fieldPath, UNARY[filter.unaryFilter.op]);
  return () => true;
}

type Test = (value: Value) => boolean;

/** No operator matches a missing field. */
function whenPresent(path: string, test: Test): Predicate {
  const read = fieldReader(path);
  return (document) => {
    const value = read(document);
    return value !== undefined && test(value);
  };
}

const isNull: Test = (value) => 'nullValue' in value;

const UNARY: Readonly<Record<UnaryOperator, Test>> = {
  IS_NULL: isNull,
  IS_NOT_NULL: (value) => !isNull(value),
  IS_NAN: isNaNValue,
  IS_NOT_NAN: (value) => !isNull(value) && !isNaNValue(value),
};

function fieldTest(op: FieldOperator, operand: Value): Test {
  const comparable: Test = (value) => rankOf(value) === rankOf(operand);
  const tests: Record<FieldOperator, () => Test> = {
    EQUAL: () => (value) => sameValue(value, operand),
    NOT_EQUAL: () => (value) => !isNull(value) && !sameValue(value, operand),
    LESS_THAN: () => (value) => comparable(value) && compareValues(value, operand) < 0,
    LESS_THAN_OR_EQUAL: () => (value) => comparable(value) && compareValues(value, operand) <= 0,
    GREATER_THAN: () => (value) => comparable(value) && compareValues(value, operand) > 0,
    GREATER_THAN_OR_EQUAL: () => (value) => comparable(value) && compareValues(value, operand) >= 0,
    IN: () => oneOf(listOf(op, operand)),
    NOT_IN: () => noneOf(listOf(op, operand)),
    ARRAY_CONTAINS: () => holds([operand]),
    ARRAY_CONTAINS_ANY: () => holds(listOf(op, operand)),
  };
  return tests[op]();
}

/** https://cloud.google.com/firestore/docs/query-data/queries#limits_on_or_queries */
const MAX_LIST = 30;

function listOf(op: FieldOperator, operand: Value): Value[] {
  const values = 'arrayValue' in operand ? (operand.arrayValue.values ?? []) : [];
  if (values.length === 0) throw new FirestoreError('INVALID_ARGUMENT', `'${op}' requires a non-empty ArrayValue.`);
  if (values.length > MAX_LIST)
    throw new FirestoreError(
      'INVALID_ARGUMENT',
      `'${op}' supports up to ${MAX_LIST} comparison values, got ${values.length}.`,
    );
  return values;
}

const oneOf = (values: readonly Value[]): Test => {
  return (value) => values.some((other) => sameValue(value, other));
};
/** A null in the list matches nothing: `x != null` is never known to hold for it. */
const noneOf = (values: readonly Value[]): Test => {
  if (values.some(isNull)) return () => false;
  const listed = oneOf(values);
  return (value) => !isNull(value) && !listed(value);
};
const holds = (values: readonly Value[]): Test => {
  const wanted = oneOf(values);
  return (value) => 'arrayValue' in value && (value.arrayValue.values ?? []).some(wanted);
};
