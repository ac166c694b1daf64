import type { DocumentView, StoredDocument } from '../database';
import { checkParent, lastSegmentOf } from '../names';
import { compareValues } from '../values/values';
import { FirestoreError } from '../wire/firestore-error';
import type { Cursor, DocumentFields, StructuredQuery, Value } from '../wire/messages';
import { DOCUMENT_NAME, parseFieldPath, project } from './field-path';
import { fieldReader, predicateOf } from './filters';
import { checkCursors, type Ordering, orderingsOf } from './query-order';

/** A query and where it starts: a document, or the database's root. */
export interface PlacedQuery {
  parent: string;
  structuredQuery: StructuredQuery;
}

interface Row {
  document: StoredDocument;
  keys: Value[];
}

/** Returns the documents that `query` finds in `view`, in its order. */
export function runQuery(view: DocumentView, { parent, structuredQuery: query }: PlacedQuery): StoredDocument[] {
  checkParent(parent);
  if (query.findNearest) throw new FirestoreError('UNIMPLEMENTED', 'Vector search is not served here.');
  const orderings = orderingsOf(query);
  checkCursors(query, orderings);
  const compare = rowOrder(orderings);
  const rows = sortable(candidates(view, parent, query).filter(predicateOf(query.where)), orderings);
  const between = rows.sort((a, b) => compare(a.keys, b.keys)).filter(insideCursors(query, compare));
  return page(between, query).map(({ document }) => document);
}

/** Returns the fields a query shows: all, those selected, or none. */
export function projection({ select }: StructuredQuery): ((document: StoredDocument) => DocumentFields) | undefined {
  if (select === undefined) return undefined;
  const paths = select.fields.map(({ fieldPath }) => fieldPath).filter((path) => path !== DOCUMENT_NAME);
  const parsed = paths.map(parseFieldPath);
  return ({ fields }) => project(fields, parsed);
}

function candidates(view: DocumentView, parent: string, { from }: StructuredQuery): StoredDocument[] {
  const { collectionId = '', allDescendants = false } = from[0] ?? {};
  if (!allDescendants) return [...view.documentsIn(`${parent}/${collectionId}`)];
  const inGroup = (path: string) =>
    path.startsWith(`${parent}/`) && (collectionId === '' || lastSegmentOf(path) === collectionId);
  return [...view.collections()].filter(inGroup).flatMap((path) => [...view.documentsIn(path)]);
}

/** Rows with their sort keys; a document without one of the fields is in no index, so in no result. */
function sortable(documents: readonly StoredDocument[], orderings: readonly Ordering[]): Row[] {
  const readers = orderings.map(({ path }) => fieldReader(path));
  return documents.flatMap((document) => {
    const keys = readers.flatMap((read) => read(document) ?? []);
    return keys.length === readers.length ? [{ document, keys }] : [];
  });
}

type RowOrder = (keys: readonly Value[], others: readonly Value[]) => number;

/** Compares rows by as many keys as both sides have. */
const rowOrder =
  (orderings: readonly Ordering[]): RowOrder =>
  (keys, others) => {
    for (const [index, { descending }] of orderings.entries()) {
      const key = keys[index];
      const other = others[index];
      if (key === undefined || other === undefined) return 0;
      const order = compareValues(key, other);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };

/** A cursor stands just before the rows equal to it (`before`), or just after them. */
function insideCursors({ startAt, endAt }: StructuredQuery, compare: RowOrder): (row: Row) => boolean {
  const isAfter = (row: Row, { values, before = false }: Cursor) => {
    const order = compare(row.keys, values);
    return before ? order >= 0 : order > 0;
  };
  return (row) => (startAt === undefined || isAfter(row, startAt)) && (endAt === undefined || !isAfter(row, endAt));
}

function page<T>(rows: readonly T[], { offset = 0, limit }: StructuredQuery): T[] {
  const count = limit === undefined ? undefined : (limit.value ?? 0);
  if (offset < 0 || (count !== undefined && count < 0))
    throw new FirestoreError('INVALID_ARGUMENT', 'offset and limit are not negative.');
  return rows.slice(offset, count === undefined ? undefined : offset + count);
}
