/**
 * The messages of `google.firestore.v1` this server reads and writes, as `@grpc/proto-loader` decodes them with
 * `DECODING` of `protos.ts`: 64-bit integers and enums are strings, an absent field is undefined, lists and maps are
 * always there when the message they belong to is.
 * https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1
 */
export interface Timestamp {
  seconds?: string | undefined;
  nanos?: number | undefined;
}

export type DocumentFields = Record<string, Value>;

export type Value =
  | { nullValue: 'NULL_VALUE' }
  | { booleanValue: boolean }
  | { integerValue: string }
  | { doubleValue: number }
  | { timestampValue: Timestamp }
  | { stringValue: string }
  | { bytesValue: Buffer }
  | { referenceValue: string }
  | { geoPointValue: { latitude?: number; longitude?: number } }
  | { arrayValue: { values?: Value[] } }
  | { mapValue: { fields?: DocumentFields } };

export interface DocumentMessage {
  name: string;
  fields: DocumentFields;
  createTime?: Timestamp;
  updateTime?: Timestamp;
}

export interface Mask {
  fieldPaths: string[];
}

export interface Precondition {
  exists?: boolean;
  updateTime?: Timestamp;
}

export interface FieldTransform {
  fieldPath: string;
  setToServerValue?: 'REQUEST_TIME' | 'SERVER_VALUE_UNSPECIFIED';
  increment?: Value;
  maximum?: Value;
  minimum?: Value;
  appendMissingElements?: { values: Value[] };
  removeAllFromArray?: { values: Value[] };
}

export interface Write {
  update?: { name?: string; fields?: DocumentFields };
  delete?: string;
  transform?: { document: string; fieldTransforms: FieldTransform[] };
  updateMask?: Mask | undefined;
  updateTransforms?: FieldTransform[];
  currentDocument?: Precondition | undefined;
}

export interface WireWriteResult {
  updateTime?: Timestamp;
  transformResults?: Value[];
}

export type FieldOperator =
  | 'LESS_THAN'
  | 'LESS_THAN_OR_EQUAL'
  | 'GREATER_THAN'
  | 'GREATER_THAN_OR_EQUAL'
  | 'EQUAL'
  | 'NOT_EQUAL'
  | 'ARRAY_CONTAINS'
  | 'IN'
  | 'ARRAY_CONTAINS_ANY'
  | 'NOT_IN';
export type UnaryOperator = 'IS_NAN' | 'IS_NULL' | 'IS_NOT_NAN' | 'IS_NOT_NULL';

export interface FieldReference {
  fieldPath: string;
}

export interface QueryFilter {
  compositeFilter?: { op: 'AND' | 'OR'; filters: QueryFilter[] };
  fieldFilter?: { field: FieldReference; op: FieldOperator; value: Value };
  unaryFilter?: { field: FieldReference; op: UnaryOperator };
}

export interface Order {
  field: FieldReference;
  direction?: 'ASCENDING' | 'DESCENDING' | 'DIRECTION_UNSPECIFIED';
}

export interface Cursor {
  values: Value[];
  before?: boolean;
}

export interface StructuredQuery {
  select?: { fields: FieldReference[] };
  from: { collectionId?: string; allDescendants?: boolean }[];
  where?: QueryFilter;
  orderBy: Order[];
  startAt?: Cursor;
  endAt?: Cursor;
  offset?: number;
  limit?: { value?: number };
  findNearest?: object;
}

export interface Aggregation {
  alias?: string;
  count?: { upTo?: { value?: string } };
  sum?: { field: FieldReference };
  avg?: { field: FieldReference };
}

export interface TransactionOptions {
  readOnly?: { readTime?: Timestamp };
  readWrite?: { retryTransaction?: Buffer };
}

/** The version that a read sees: of a transaction, a new one, a past time, or the present. */
export interface Consistency {
  transaction?: Buffer;
  newTransaction?: TransactionOptions;
  readTime?: Timestamp;
}

export interface CommitRequest {
  database: string;
  writes: Write[];
  transaction?: Buffer;
}
export interface BatchWriteRequest {
  database: string;
  writes: Write[];
}
export interface BatchGetRequest extends Consistency {
  database: string;
  documents: string[];
  mask?: Mask;
}
export interface RunQueryRequest extends Consistency {
  parent: string;
  structuredQuery?: StructuredQuery;
  explainOptions?: object;
}
export interface RunAggregationQueryRequest extends Consistency {
  parent: string;
  structuredAggregationQuery?: { structuredQuery: StructuredQuery; aggregations: Aggregation[] };
}
export interface GetDocumentRequest extends Consistency {
  name: string;
  mask?: Mask;
}
export interface ListDocumentsRequest extends Consistency {
  parent: string;
  collectionId?: string;
  pageSize?: number;
  pageToken?: string;
  mask?: Mask;
  showMissing?: boolean;
}
export interface ListCollectionIdsRequest {
  parent: string;
  pageSize?: number;
  pageToken?: string;
}
export interface CreateDocumentRequest {
  parent: string;
  collectionId: string;
  documentId?: string;
  document?: { fields: DocumentFields };
  mask?: Mask;
}
export interface UpdateDocumentRequest {
  document: { name: string; fields: DocumentFields };
  updateMask?: Mask;
  mask?: Mask;
  currentDocument?: Precondition;
}
export interface DeleteDocumentRequest {
  name: string;
  currentDocument?: Precondition;
}
export interface BeginTransactionRequest {
  database: string;
  options?: TransactionOptions;
}
export interface RollbackRequest {
  database: string;
  transaction: Buffer;
}

export interface WatchTarget {
  targetId?: number;
  query?: { parent: string; structuredQuery: StructuredQuery };
  documents?: { documents: string[] };
  resumeToken?: Buffer;
}
export interface ListenRequest {
  database: string;
  addTarget?: WatchTarget;
  removeTarget?: number;
}
export interface ListenResponse {
  targetChange?: {
    targetChangeType: 'NO_CHANGE' | 'ADD' | 'REMOVE' | 'CURRENT' | 'RESET';
    targetIds?: number[];
    resumeToken?: Buffer;
    readTime?: Timestamp;
    cause?: { code: number; message: string };
  };
  documentChange?: { document: DocumentMessage; targetIds: number[] };
  documentDelete?: { document: string; removedTargetIds: number[]; readTime: Timestamp };
  documentRemove?: { document: string; removedTargetIds: number[]; readTime: Timestamp };
}
