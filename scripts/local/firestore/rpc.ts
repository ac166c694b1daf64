import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { CompositeIndex } from './composite-indexes';
import type { Databases } from './databases';
import { wireError } from './firestore-error';
import { ListenStream } from './listen';
import type { BeginTransactionRequest, ListenRequest, ListenResponse, RollbackRequest } from './messages';
import { reading } from './reading';
import type { Transactions } from './transactions';
import { writing } from './writing';

export interface RpcOptions {
  databases: Databases;
  transactions: Transactions;
  indexes: readonly CompositeIndex[] | undefined;
}

/** The gRPC face of `google.firestore.v1.Firestore`; what is not here answers UNIMPLEMENTED. */
export function firestoreRpcs({ databases, transactions, indexes }: RpcOptions): UntypedServiceImplementation {
  const reads = reading(databases, transactions, indexes);
  const writes = writing(databases, transactions);
  return {
    BeginTransaction: unary(({ database, options }: BeginTransactionRequest) => ({
      transaction: transactions.begin(databases.of(database), options),
    })),
    Rollback: unary(({ transaction }: RollbackRequest) => {
      transactions.take(transaction);
      return {};
    }),
    Commit: unary(writes.Commit),
    BatchWrite: unary(writes.BatchWrite),
    CreateDocument: unary(writes.CreateDocument),
    UpdateDocument: unary(writes.UpdateDocument),
    DeleteDocument: unary(writes.DeleteDocument),
    GetDocument: unary(reads.GetDocument),
    ListDocuments: unary(reads.ListDocuments),
    ListCollectionIds: unary(reads.ListCollectionIds),
    BatchGetDocuments: streaming(reads.BatchGetDocuments),
    RunQuery: streaming(reads.RunQuery),
    RunAggregationQuery: streaming(reads.RunAggregationQuery),
    Listen: listening(databases),
  };
}

const unary =
  <Request, Response>(run: (request: Request) => Response): handleUnaryCall<Request, Response> =>
  ({ request }, callback) => {
    try {
      callback(null, run(request));
    } catch (error) {
      callback(wireError(error));
    }
  };

const streaming =
  <Request, Response>(run: (request: Request) => Response[]): handleServerStreamingCall<Request, Response> =>
  (call) => {
    try {
      for (const response of run(call.request)) call.write(response);
      call.end();
    } catch (error) {
      call.emit('error', wireError(error));
    }
  };

const listening =
  (databases: Databases): handleBidiStreamingCall<ListenRequest, ListenResponse> =>
  (call) => {
    const stream = new ListenStream(databases, (response) => call.write(response));
    const finish = () => {
      stream.close();
      call.end();
    };
    call.on('data', (request: ListenRequest) => {
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
