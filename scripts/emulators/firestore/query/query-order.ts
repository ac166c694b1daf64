import { FirestoreError } from '../wire/firestore-error';
import type { QueryFilter, StructuredQuery } from '../wire/messages';
import { DOCUMENT_NAME } from './field-path';

export interface Ordering {
  path: string;
  descending: boolean;
}

const INEQUALITIES = new Set([
  'LESS_THAN',
  'LESS_THAN_OR_EQUAL',
  'GREATER_THAN',
  'GREATER_THAN_OR_EQUAL',
  'NOT_EQUAL',
  'NOT_IN',
  'IS_NOT_NULL',
  'IS_NOT_NAN',
]);

/** Returns the fields with an inequality in them, each once. */
function inequalityFields(filter: QueryFilter | undefined): string[] {
  if (filter?.compositeFilter) return [...new Set(filter.compositeFilter.filters.flatMap(inequalityFields))];
  const leaf = filter?.fieldFilter ?? filter?.unaryFilter;
  return leaf !== undefined && INEQUALITIES.has(leaf.op) ? [leaf.field.fieldPath] : [];
}

/**
 * Returns the whole order of a query's results: its own orders, then its inequality fields by name, then the document's
 * name, these in the direction of the last order.
 * https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#structuredquery
 */
export function orderingsOf(query: StructuredQuery): Ordering[] {
  const asked = query.orderBy.map(({ field, direction }) => ({
    path: field.fieldPath,
    descending: direction === 'DESCENDING',
  }));
  const descending = asked.at(-1)?.descending ?? false;
  const implied = [...inequalityFields(query.where).sort(), DOCUMENT_NAME]
    .filter((path) => !asked.some((order) => order.path === path))
    .map((path) => ({ path, descending }));
  const all = [
    ...asked,
    ...implied.filter(({ path }, index) => implied.findIndex((other) => other.path === path) === index),
  ];
  return all.slice(0, all.findIndex(({ path }) => path === DOCUMENT_NAME) + 1);
}

/** Refuses cursors with more values than the query has orders. */
export function checkCursors({ startAt, endAt, orderBy }: StructuredQuery, orderings: readonly Ordering[]): void {
  for (const cursor of [startAt, endAt])
    if (cursor !== undefined && cursor.values.length > Math.max(orderBy.length, orderings.length))
      throw new FirestoreError('INVALID_ARGUMENT', 'Cursor has too many values.');
}
