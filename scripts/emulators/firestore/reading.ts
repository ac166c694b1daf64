import { type DocumentView, type StoredDocument, toMessage } from './database';
import type { Databases } from './databases';
import { checkDocumentName, checkParent, compareNames } from './names';
import { aggregate } from './query/aggregation';
import { type CompositeIndex, checkIndexed } from './query/composite-indexes';
import { parseFieldPath, project } from './query/field-path';
import { projection, runQuery } from './query/query';
import type { Reading, Transactions } from './transactions';
import { toTimestamp } from './values/time';
import { FirestoreError } from './wire/firestore-error';
import type * as wire from './wire/messages';

/** The calls that read documents. */
export class DocumentReads {
  constructor(
    private readonly databases: Databases,
    private readonly transactions: Transactions,
    /** `undefined`: no query needs an index. */
    private readonly indexes: readonly CompositeIndex[] | undefined,
  ) {}

  getDocument({ name, mask, ...consistency }: wire.GetDocumentRequest): wire.DocumentMessage {
    const document = this.#get(name, this.#at(name, consistency));
    if (document === undefined) throw new FirestoreError('NOT_FOUND', `Document "${name}" not found.`);
    return masked(document, mask);
  }

  batchGetDocuments({ database, documents, mask, ...consistency }: wire.BatchGetRequest): object[] {
    const from = this.#at(database, consistency);
    const readTime = toTimestamp(from.view.readTime());
    const answers = documents.map((name) => {
      const document = this.#get(name, from);
      return document ? { found: masked(document, mask), readTime } : { missing: name, readTime };
    });
    return [...beginning(from), ...answers];
  }

  runQuery({ parent, structuredQuery, explainOptions, ...consistency }: wire.RunQueryRequest): object[] {
    if (explainOptions) throw new FirestoreError('UNIMPLEMENTED', 'Query explain is not served here.');
    const from = this.#at(parent, consistency);
    const documents = this.#find(parent, structuredQuery, from);
    const select = structuredQuery && projection(structuredQuery);
    const readTime = toTimestamp(from.view.readTime());
    const answers = documents.map((document) => ({ document: toMessage(document, select?.(document)), readTime }));
    return [...beginning(from), ...(answers.length > 0 ? answers : [{ readTime }])];
  }

  runAggregationQuery({
    parent,
    structuredAggregationQuery: query,
    ...consistency
  }: wire.RunAggregationQueryRequest): object[] {
    const from = this.#at(parent, consistency);
    const documents = this.#find(parent, query?.structuredQuery, from);
    const readTime = toTimestamp(from.view.readTime());
    const result = { aggregateFields: aggregate(documents, query?.aggregations ?? []) };
    return [...beginning(from), { result, readTime }];
  }

  listDocuments(request: wire.ListDocumentsRequest): { documents: wire.DocumentMessage[]; nextPageToken: string } {
    const { parent, collectionId = '', mask, showMissing = false } = request;
    checkParent(parent);
    const { view } = this.#at(parent, request);
    const { items, nextPageToken } = pageOf(documentNames(view, `${parent}/${collectionId}`, showMissing), request);
    const documents = items.map((name) => {
      const document = view.get(name);
      return document ? masked(document, mask) : { name, fields: {} };
    });
    return { documents, nextPageToken };
  }

  listCollectionIds(request: wire.ListCollectionIdsRequest): { collectionIds: string[]; nextPageToken: string } {
    checkParent(request.parent);
    const { items, nextPageToken } = pageOf(childrenOf(this.databases.of(request.parent), request.parent), request);
    return { collectionIds: items, nextPageToken };
  }

  #at(name: string, consistency: wire.Consistency): Reading {
    return this.transactions.reading(this.databases.of(name), consistency);
  }

  #find(
    parent: string,
    structuredQuery: wire.StructuredQuery | undefined,
    { view, transaction }: Reading,
  ): StoredDocument[] {
    if (structuredQuery === undefined) throw new FirestoreError('INVALID_ARGUMENT', 'structured_query is missing.');
    if (this.indexes !== undefined) checkIndexed(structuredQuery, this.indexes);
    const query = { parent, structuredQuery };
    const documents = runQuery(view, query);
    transaction?.readQuery(query, documents);
    return documents;
  }

  #get(name: string, { view, transaction }: Reading): StoredDocument | undefined {
    checkDocumentName(name);
    const document = view.get(name);
    transaction?.readDocument(name, document);
    return document;
  }
}

/** Returns a document in the form that a client asked for. */
export const masked = (document: StoredDocument, mask: wire.Mask | undefined): wire.DocumentMessage =>
  toMessage(document, mask ? project(document.fields, mask.fieldPaths.map(parseFieldPath)) : document.fields);

/** The message that tells the client of the transaction its read began. */
const beginning = ({ begun, view }: Reading): object[] =>
  begun === undefined ? [] : [{ transaction: begun, readTime: toTimestamp(view.readTime()) }];

/** Returns names in a collection; with `missing` also names that are no documents but have collections. */
function documentNames(view: DocumentView, collection: string, missing: boolean): string[] {
  const names = new Set([...view.documentsIn(collection)].map(({ name }) => name));
  if (missing) for (const id of childrenOf(view, collection)) names.add(`${collection}/${id}`);
  return [...names].sort(compareNames);
}

/** Returns the segments right below `path` on the way to a document. */
function childrenOf(view: DocumentView, path: string): string[] {
  const below = [...view.collections()].filter((collection) => collection.startsWith(`${path}/`));
  const ids = below.flatMap((collection) => collection.slice(path.length + 1).split('/')[0] ?? []);
  return [...new Set(ids)].sort(compareNames);
}

/** A page token is the last item of the previous page, which may be deleted by now. */
function pageOf(items: readonly string[], { pageSize = 0, pageToken = '' }: { pageSize?: number; pageToken?: string }) {
  const after = Buffer.from(pageToken, 'base64').toString();
  const rest = items.filter((item) => pageToken === '' || compareNames(item, after) > 0);
  const page = pageSize > 0 ? rest.slice(0, pageSize) : rest;
  const last = page.at(-1);
  const nextPageToken = page.length < rest.length && last !== undefined ? Buffer.from(last).toString('base64') : '';
  return { items: page, nextPageToken };
}
