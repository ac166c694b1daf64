import { status } from '@grpc/grpc-js';

type PubsubCode =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'RESOURCE_EXHAUSTED'
  | 'UNIMPLEMENTED'
  | 'UNAVAILABLE';

/** A refusal with the gRPC code of the real service. */
export class PubsubError extends Error {
  override readonly name = 'PubsubError';
  readonly code: status;

  constructor(code: PubsubCode, message: string) {
    super(message);
    this.code = status[code];
  }
}

/** Returns the error of the wire. A bug of this server is INTERNAL, with its stack for the person who debugs it. */
export const wireError = (error: unknown): { code: status; details: string } =>
  error instanceof PubsubError
    ? { code: error.code, details: error.message }
    : { code: status.INTERNAL, details: error instanceof Error ? (error.stack ?? error.message) : String(error) };

/** https://cloud.google.com/apis/design/errors#http_mapping */
const HTTP: Partial<Record<status, number>> = {
  [status.INVALID_ARGUMENT]: 400,
  [status.FAILED_PRECONDITION]: 400,
  [status.NOT_FOUND]: 404,
  [status.ALREADY_EXISTS]: 409,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.UNIMPLEMENTED]: 501,
  [status.UNAVAILABLE]: 503,
};

/** Returns the same refusal in the form of Google's REST API. */
export function httpError(error: unknown): { status: number; body: unknown } {
  const { code, details } = wireError(error);
  const http = HTTP[code] ?? 500;
  return { status: http, body: { error: { code: http, message: details, status: status[code] } } };
}
