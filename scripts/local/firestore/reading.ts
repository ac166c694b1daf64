import { aggregate } from './aggregation';
import { type CompositeIndex, checkIndexed } from './composite-indexes';
import { type DocumentView, type StoredDocument, toMessage } from './database';
import type { Databases } from './databases';
import { parseFieldPath, project } from './field-path';
import { FirestoreError } from './firestore-error';
import type * as wire from './messages';
import { checkDocumentName, checkParent, compareNames } from './names';
import { type PlacedQuery, projection, runQuery } from './query';
import { toTimestamp } from './time';
import type { Reading, Transactions } from './transactions';

/** The calls that read documents. `indexes` undefined: every query has its index. */
export function reading(databases: Databases, transactions: Transactions, indexes: readonly CompositeIndex[] | undefined) {
  const at = (name: string, consistency: wire.Consistency): Reading => transactions.reading(databases.of(name), consistency);

  const find = (parent: string, structuredQuery: wire.StructuredQuery | undefined, { view, transaction }: Reading) => {
    if (structuredQuery === undefined) throw new FirestoreError('INVALID_ARGUMENT', 'structured_query is missing.');
    if (indexes !== undefined) checkIndexed(structuredQuery, indexes);
    const query: PlacedQuery = { parent, structuredQuery };
    const documents = runQuery(view, query);
    transaction?.readQuery(query, documents);
    return documents;
  };

  const get = (name: string, { view, transaction }: Reading): StoredDocument | undefined => {
    checkDocumentName(name);
    const document = view.get(name);
    transaction?.readDocument(name, document);
    return document;
  };

  return {
    GetDocument({ name, mask, ...consistency }: wire.GetDocumentRequest) {
      const document = get(name, at(name, consistency));
      if (document === undefined) throw new FirestoreError('NOT_FOUND', `Document "${name}" not found.`);
      return masked(document, mask);
    },

    BatchGetDocuments({ database, documents, mask, ...consistency }: wire.BatchGetRequest) {
      const from = at(database, consistency);
      const readTime = toTimestamp(from.view.readTime());
      const answers = documents.map((name) => {
        const document = get(name, from);
        return document ? { found: masked(document, mask), readTime } : { missing: name, readTime };
      });
      return [...beginning(from, {}), ...answers];
    },

    RunQuery({ parent, structuredQuery, explainOptions, ...consistency }: wire.RunQueryRequest) {
      if (explainOptions) throw new FirestoreError('UNIMPLEMENTED', 'Query explain is not served here.');
      const from = at(parent, consistency);
      const documents = find(parent, structuredQuery, from);
      const select = structuredQuery && projection(structuredQuery);
      const readTime = toTimestamp(from.view.readTime());
      const answers = documents.map((document) => ({ document: toMessage(document, select?.(document)), readTime }));
      return [...beginning(from, {}), ...(answers.length > 0 ? answers : [{ readTime }])];
    },

    RunAggregationQuery({ parent, structuredAggregationQuery: query, ...consistency }: wire.RunAggregationQueryRequest) {
      const from = at(parent, consistency);
      const documents = find(parent, query?.structuredQuery, from);
      const readTime = toTimestamp(from.view.readTime());
      const result = { aggregateFields: aggregate(documents, query?.aggregations ?? []) };
      return [...beginning(from, { readTime }), { result, readTime }];
    },

    ListDocuments(request: wire.ListDocumentsRequest) {
      const { parent, collectionId = '', mask, showMissing = false } = request;
      checkParent(parent);
      const { view } = at(parent, request);
      const names = documentNames(view, `${parent}/${collectionId}`, showMissing);
      const { items, nextPageToken } = pageOf(names, request);
      const documents = items.map((name) => {
        const document = view.get(name);
        return document ? masked(document, mask) : { name, fields: {} };
      });
      return { documents, nextPageToken };
    },

    ListCollectionIds(request: wire.ListCollectionIdsRequest) {
      checkParent(request.parent);
      const { items, nextPageToken } = pageOf(childrenOf(databases.of(request.parent), request.parent), request);
      return { collectionIds: items, nextPageToken };
    },
  };
}

const masked = (document: StoredDocument, mask: wire.Mask | undefined): wire.DocumentMessage =>
  toMessage(document, mask ? project(document.fields, mask.fieldPaths.map(parseFieldPath)) : document.fields);

/** The message that tells the client of the transaction its read began. */
const beginning = <T extends object>({ begun }: Reading, extra: T): (T & { transaction: Buffer })[] =>
  begun === undefined ? [] : [{ transaction: begun, ...extra }];

/** Names in a collection; with `missing` also of those that are no documents but have collections. */
function documentNames(view: DocumentView, collection: string, missing: boolean): string[] {
  const names = new Set([...view.documentsIn(collection)].map(({ name }) => name));
  if (missing) for (const id of childrenOf(view, collection)) names.add(`${collection}/${id}`);
  return [...names].sort(compareNames);
}

/** The segments right below `path` on the way to a document. */
function childrenOf(view: DocumentView, path: string): string[] {
  const below = [...view.collections()].filter((collection) => collection.startsWith(`${path}/`));
  const ids = below.flatMap((collection) => collection.slice(path.length + 1).split('/')[0] ?? []);
  return [...new Set(ids)].sort(compareNames);
}

/** A page token is the last item of the page before. */
function pageOf(items: readonly string[], { pageSize = 0, pageToken = '' }: { pageSize?: number; pageToken?: string }) {
  const rest = pageToken === '' ? items : items.slice(items.indexOf(Buffer.from(pageToken, 'base64').toString()) + 1);
  const page = pageSize > 0 ? rest.slice(0, pageSize) : rest;
  const last = page.at(-1);
  const nextPageToken = page.length < rest.length && last !== undefined ? Buffer.from(last).toString('base64') : '';
  return { items: page, nextPageToken };
}
