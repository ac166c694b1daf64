import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Databases } from '../databases';
import { type FirestoreFaults, isStruck, strike } from '../faults';
import type { CompositeIndex } from '../query/composite-indexes';
import { DocumentReads } from '../reading';
import type { Transactions } from '../transactions';
import { DocumentWrites } from '../writing';
import { wireError } from './firestore-error';
import { ListenStream } from './listen';
import type * as wire from './messages';

export interface RpcOptions {
  databases: Databases;
  transactions: Transactions;
  indexes: readonly CompositeIndex[] | undefined;
  faults: FirestoreFaults;
}

/** Runs before a call is carried out, and throws its refusal; `undefined` if the call may go on at once. */
type Before = (call: string) => Promise<void> | undefined;

/** The gRPC interface `google.firestore.v1.Firestore`; a call that is missing here answers UNIMPLEMENTED. */
export function firestoreRpcs({ databases, transactions, indexes, faults }: RpcOptions): UntypedServiceImplementation {
  const reads = new DocumentReads(databases, transactions, indexes);
  const writes = new DocumentWrites(databases, transactions);
  const before: Before = (call) => (isStruck(faults) ? strike(faults, call, Math.random) : undefined);
  const { unary, streaming } = callsAfter(before);
  return {
    BeginTransaction: unary(({ database, options }: wire.BeginTransactionRequest) => ({
      transaction: transactions.begin(databases.of(database), options),
    })),
    Rollback: unary(({ transaction }: wire.RollbackRequest) => {
      transactions.take(transaction);
      return {};
    }),
    Commit: unary((request: wire.CommitRequest) => writes.commit(request)),
    BatchWrite: unary((request: wire.BatchWriteRequest) => writes.batchWrite(request)),
    CreateDocument: unary((request: wire.CreateDocumentRequest) => writes.createDocument(request)),
    UpdateDocument: unary((request: wire.UpdateDocumentRequest) => writes.updateDocument(request)),
    DeleteDocument: unary((request: wire.DeleteDocumentRequest) => writes.deleteDocument(request)),
    GetDocument: unary((request: wire.GetDocumentRequest) => reads.getDocument(request)),
    ListDocuments: unary((request: wire.ListDocumentsRequest) => reads.listDocuments(request)),
    ListCollectionIds: unary((request: wire.ListCollectionIdsRequest) => reads.listCollectionIds(request)),
    BatchGetDocuments: streaming((request: wire.BatchGetRequest) => reads.batchGetDocuments(request)),
    RunQuery: streaming((request: wire.RunQueryRequest) => reads.runQuery(request)),
    RunAggregationQuery: streaming((request: wire.RunAggregationQueryRequest) => reads.runAggregationQuery(request)),
    Listen: listening(databases),
  };
}

/** Returns the name of a call, which is the end of its path `/google.firestore.v1.Firestore/Commit`. */
const nameOf = (call: { getPath(): string }): string => call.getPath().split('/').at(-1) ?? '';

/** Makes handlers that run at once, or once `before` lets them. */
const callsAfter = (before: Before) => ({
  unary:
    <Request, Response>(run: (request: Request) => Response): handleUnaryCall<Request, Response> =>
    (call, callback) => {
      const carryOut = () => callback(null, run(call.request));
      const refuse = (error: unknown) => callback(wireError(error));
      after(before(nameOf(call)), carryOut, refuse);
    },
  streaming:
    <Request, Response>(run: (request: Request) => Response[]): handleServerStreamingCall<Request, Response> =>
    (call) => {
      const carryOut = () => {
        for (const response of run(call.request)) call.write(response);
        call.end();
      };
      const refuse = (error: unknown) => void call.emit('error', wireError(error));
      after(before(nameOf(call)), carryOut, refuse);
    },
});

function after(waiting: Promise<void> | undefined, carryOut: () => void, refuse: (error: unknown) => void): void {
  if (waiting !== undefined) return void waiting.then(carryOut).catch(refuse);
  try {
    carryOut();
  } catch (error) {
    refuse(error);
  }
}

const listening =
  (databases: Databases): handleBidiStreamingCall<wire.ListenRequest, wire.ListenResponse> =>
  (call) => {
    const stream = new ListenStream(databases, (response) => call.write(response));
    const finish = () => {
      stream.close();
      call.end();
    };
    call.on('data', (request: wire.ListenRequest) => {
      try {
        stream.handle(request);
      } catch (error) {
        stream.close();
        call.emit('error', wireError(error));
      }
    });
    call.on('end', finish);
    call.on('error', () => stream.close());
    call.on('cancelled', () => stream.close());
  };
