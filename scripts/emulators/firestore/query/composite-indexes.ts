import { FirestoreError } from '../wire/firestore-error';
import type { QueryFilter, StructuredQuery } from '../wire/messages';
import { DOCUMENT_NAME } from './field-path';
import { type Ordering, orderingsOf } from './query-order';

/** A declared composite index, with the words of Terraform's `google_firestore_index`. */
export interface CompositeIndex {
  collection: string;
  /** @default 'COLLECTION' */
  queryScope?: 'COLLECTION' | 'COLLECTION_GROUP';
  fields: readonly { fieldPath: string; order?: 'ASCENDING' | 'DESCENDING'; arrayConfig?: 'CONTAINS' }[];
}

/**
 * Refuses a query for which the real service has no index. A single field is indexed by itself, equalities on several
 * fields are merged from those; every other combination needs a declared index, or several whose ends agree.
 * https://cloud.google.com/firestore/docs/query-data/index-overview
 */
export function checkIndexed(query: StructuredQuery, declared: readonly CompositeIndex[]): void {
  const { collectionId = '', allDescendants = false } = query.from[0] ?? {};
  const scope = allDescendants ? 'COLLECTION_GROUP' : 'COLLECTION';
  const usable = declared.filter(
    (index) => index.collection === collectionId && (index.queryScope ?? 'COLLECTION') === scope,
  );
  const sorted = sortedPart(orderingsOf(query));
  for (const equalities of disjuncts(query.where)) {
    const needed = [...equalities].filter((path) => !sorted.some((order) => order.path === path));
    if (!isServed(needed, sorted, usable)) throw missingIndex(collectionId, scope, needed, sorted);
  }
}

/**
 * Returns the end that an index must have; a last document name in the direction of the field before it comes with
 * every index.
 */
function sortedPart(orderings: readonly Ordering[]): Ordering[] {
  const fields = orderings.slice(0, -1);
  const implied = (fields.at(-1)?.descending ?? false) === (orderings.at(-1)?.descending ?? false);
  return implied ? fields : [...orderings];
}

/** Returns the equality fields of each way to meet a filter: OR and AND multiplied out. */
function disjuncts(filter: QueryFilter | undefined): Set<string>[] {
  if (filter?.compositeFilter) {
    const parts = filter.compositeFilter.filters.map(disjuncts);
    if (filter.compositeFilter.op === 'OR') return parts.flat();
    return parts.reduce(
      (left, right) => left.flatMap((a) => right.map((b) => new Set([...a, ...b]))),
      [new Set<string>()],
    );
  }
  const leaf = filter?.fieldFilter ?? filter?.unaryFilter;
  const isEquality = leaf !== undefined && EQUALITIES.has(leaf.op) && leaf.field.fieldPath !== DOCUMENT_NAME;
  return [new Set(isEquality ? [leaf.field.fieldPath] : [])];
}

const EQUALITIES = new Set(['EQUAL', 'IN', 'ARRAY_CONTAINS', 'ARRAY_CONTAINS_ANY', 'IS_NULL', 'IS_NAN']);

function isServed(
  equalities: readonly string[],
  sorted: readonly Ordering[],
  declared: readonly CompositeIndex[],
): boolean {
  const [only, ...more] = sorted;
  if (only === undefined) return true;
  if (more.length === 0 && equalities.length === 0 && only.path !== DOCUMENT_NAME) return true;
  const usable = declared.filter((index) => fits(index, equalities, sorted));
  return (
    usable.length > 0 &&
    equalities.every((path) => usable.some(({ fields }) => fields.some((field) => field.fieldPath === path)))
  );
}

/**
 * Tells whether an index has some of the equalities in any order, then the sorted fields, all as they are or all turned
 * round.
 */
function fits({ fields }: CompositeIndex, equalities: readonly string[], sorted: readonly Ordering[]): boolean {
  const named = fields.filter(({ fieldPath }, index) => fieldPath !== DOCUMENT_NAME || index < sorted.length);
  const head = named.slice(0, named.length - sorted.length);
  const tail = named.slice(named.length - sorted.length);
  const ends = (turned: boolean) =>
    tail.length === sorted.length &&
    tail.every(
      ({ fieldPath, order }, at) =>
        fieldPath === sorted[at]?.path && (order === 'DESCENDING') === (sorted[at].descending !== turned),
    );
  return head.every(({ fieldPath }) => equalities.includes(fieldPath)) && (ends(false) || ends(true));
}

function missingIndex(
  collection: string,
  scope: string,
  equalities: readonly string[],
  sorted: readonly Ordering[],
): FirestoreError {
  const fields = [
    ...equalities.map((path) => `${path} ASCENDING`),
    ...sorted.map(({ path, descending }) => `${path} ${descending ? 'DESCENDING' : 'ASCENDING'}`),
  ];
  return new FirestoreError(
    'FAILED_PRECONDITION',
    `The query requires an index. Declare one on collection '${collection}' (${scope}): ${fields.join(', ')}.`,
  );
}
