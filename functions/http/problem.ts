import { DomainError, type ErrorCode, type QuotaUse, type WrongField } from '../core/errors';
import type { Log } from '../ports/stores';

/** The one place where a code gets its status. */
export const STATUS: Readonly<Record<ErrorCode, { status: number; title: string }>> = {
  bad_request: { status: 400, title: 'Bad Request' },
  bad_playlist: { status: 422, title: 'Unprocessable Content' },
  unauthenticated: { status: 401, title: 'Unauthorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  chat_disabled: { status: 409, title: 'Conflict' },
  chat_restricted: { status: 403, title: 'Forbidden' },
  chat_sender_not_found: { status: 404, title: 'Not Found' },
  chat_message_not_found: { status: 404, title: 'Not Found' },
  webhook_not_found: { status: 404, title: 'Not Found' },
  delivery_not_found: { status: 404, title: 'Not Found' },
  webhook_limit: { status: 409, title: 'Conflict' },
  stream_limit: { status: 409, title: 'Conflict' },
  api_key_limit: { status: 409, title: 'Conflict' },
  budget_stop: { status: 503, title: 'Service Unavailable' },
  invalid_field: { status: 422, title: 'Unprocessable Content' },
  policy_fixed: { status: 409, title: 'Conflict' },
  metadata_conflict: { status: 409, title: 'Conflict' },
  session_live: { status: 409, title: 'Conflict' },
  recording_unfinished: { status: 409, title: 'Conflict' },
  precondition_failed: { status: 412, title: 'Precondition Failed' },
  idempotency_in_progress: { status: 409, title: 'Conflict' },
  idempotency_mismatch: { status: 422, title: 'Unprocessable Content' },
  session_not_found: { status: 404, title: 'Not Found' },
  recording_not_found: { status: 404, title: 'Not Found' },
  node_not_found: { status: 404, title: 'Not Found' },
  api_key_not_found: { status: 404, title: 'Not Found' },
  grant_not_found: { status: 404, title: 'Not Found' },
  content_key_not_found: { status: 404, title: 'Not Found' },
  playlist_not_found: { status: 404, title: 'Not Found' },
  grant_ended: { status: 410, title: 'Gone' },
  rate_limited: { status: 429, title: 'Too Many Requests' },
  grant_limit: { status: 429, title: 'Too Many Requests' },
  origin_not_allowed: { status: 403, title: 'Forbidden' },
  stream_not_gated: { status: 409, title: 'Conflict' },
  stream_suspended: { status: 409, title: 'Conflict' },
  stream_not_found: { status: 404, title: 'Not Found' },
  route_not_found: { status: 404, title: 'Not Found' },
  method_not_allowed: { status: 405, title: 'Method Not Allowed' },
  body_too_large: { status: 413, title: 'Content Too Large' },
  unsupported_type: { status: 415, title: 'Unsupported Media Type' },
  media_unsupported: { status: 422, title: 'Unprocessable Content' },
  not_live: { status: 409, title: 'Conflict' },
  publisher_busy: { status: 409, title: 'Conflict' },
  publisher_replaced: { status: 409, title: 'Conflict' },
  unavailable: { status: 503, title: 'Service Unavailable' },
};

/** Headers that HTTP requires beside the body (RFC 9110 11.6.1, 10.2.3). */
const HEADERS: Partial<Record<ErrorCode, Record<string, string>>> = {
  unauthenticated: { 'WWW-Authenticate': 'Bearer realm="srs-live"' },
  unavailable: { 'Retry-After': '1' },
  not_live: { 'Retry-After': '2' },
  publisher_busy: { 'Retry-After': '2' },
  idempotency_in_progress: { 'Retry-After': '1' },
  grant_limit: { 'Retry-After': '10' },
};

/**
 * Codes by which the clients of Google's services report a temporary failure: gRPC's and HTTP's statuses, Node's
 * connection errors.
 */
const PASSING = new Set<unknown>([
  ...[4, 8, 10, 14], // DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE
  ...[429, 502, 503, 504],
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT'],
]);

/**
 * An expected error as it is; a Google service that is away for now as `unavailable`; anything else is a fault of ours.
 */
function expected(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return PASSING.has(code)
    ? new DomainError('unavailable', 'a service behind this one is away: try again', { cause: error })
    : undefined;
}

/** The characters of a path in a line of the log. */
const LOGGED_PATH = 500;

interface ProblemRequest {
  request: Request;
  requestId: string;
}

/** The answer to what went wrong, RFC 9457 with a stable `code`; logged here, once. The stack stays in the log. */
export function answerError(error: unknown, { request, requestId }: ProblemRequest, log: Log): Response {
  const asked = { requestId, method: request.method, path: new URL(request.url).pathname.slice(0, LOGGED_PATH) };
  const known = expected(error);
  if (known === undefined) {
    log.error('request_failed', { ...asked, error });
    return problem(
      { code: 'internal', status: 500, title: 'Internal Server Error' },
      'the request failed; the log has more',
      {
        requestId,
      },
    );
  }
  const { status } = STATUS[known.code];
  if (status >= 500) log.error('request_failed', { ...asked, code: known.code, error: known });
  else log.warn('request_refused', { ...asked, code: known.code, status, detail: known.message });
  const kind = { code: known.code, ...STATUS[known.code] };
  return problem(kind, known.message, {
    requestId,
    fields: known.fields,
    quota: known.quota,
    headers: { ...HEADERS[known.code], ...retryAfter(known) },
  });
}

const retryAfter = ({ retryAfterSeconds }: DomainError): Record<string, string> =>
  retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };

/** 405, with the methods there are. */
export function answerMethodNotAllowed(
  { request, requestId }: ProblemRequest,
  allowed: readonly string[],
  log: Log,
): Response {
  const allow = allowed.join(', ');
  const answer = answerError(
    new DomainError('method_not_allowed', `${request.method}: use ${allow}`),
    { request, requestId },
    log,
  );
  answer.headers.set('Allow', allow);
  return answer;
}

interface More {
  requestId: string;
  fields?: readonly WrongField[];
  quota?: QuotaUse | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
}

function problem(
  kind: { code: string; status: number; title: string },
  detail: string,
  { requestId, fields = [], quota, headers = {} }: More,
): Response {
  const body = {
    type: 'about:blank',
    title: kind.title,
    status: kind.status,
    code: kind.code,
    detail,
    requestId,
    ...(fields.length === 0 ? {} : { errors: fields }),
    ...(quota && { quota }),
  };
  return new Response(JSON.stringify(body), {
    status: kind.status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'X-Request-Id': requestId,
      ...headers,
    },
  });
}
