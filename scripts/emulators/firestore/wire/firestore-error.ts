import { status } from '@grpc/grpc-js';

type FirestoreCode =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'UNAVAILABLE'
  | 'UNIMPLEMENTED';

/** A refusal with the gRPC code of the real service. */
export class FirestoreError extends Error {
  override readonly name = 'FirestoreError';
  readonly code: status;

  constructor(code: FirestoreCode, message: string) {
    super(message);
    this.code = status[code];
  }
}

/** Returns the error of the wire. A bug of this server is INTERNAL, with its stack for the person who debugs it. */
export const wireError = (error: unknown): { code: status; details: string } =>
  error instanceof FirestoreError
    ? { code: error.code, details: error.message }
    : { code: status.INTERNAL, details: error instanceof Error ? (error.stack ?? error.message) : String(error) };
