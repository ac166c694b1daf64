import { z } from 'zod';
import { Problem } from '../../contract/api/shapes';
import type { ErrorCode } from '../../core/errors';
import { STATUS } from '../../http/problem';

/** Any failure of ours; not an `ErrorCode`, because nobody throws it on purpose. */
type DocumentedCode = ErrorCode | 'internal';
const statusOf = (code: DocumentedCode): number => (code === 'internal' ? 500 : STATUS[code].status);

const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
export const requestBody = <S extends z.ZodType>(schema: S, { required = true } = {}) => ({
  body: { required, content: { 'application/json': { schema } } },
});

const TAG = { ETag: z.string().meta({ description: 'The version of the settings, for `If-Match`.' }) };
const LOCATION = { Location: z.string() };

/** Answers of an operation: the good, and every problem by its code. */
export const answers = {
  ok: <S extends z.ZodType>(schema: S, description: string) => ({ 200: json(schema, description) }),
  /** A stream with the tag of its settings. */
  tagged: <S extends z.ZodType>(schema: S, description: string) => ({
    200: { ...json(schema, description), headers: z.object(TAG) },
  }),
  created: <S extends z.ZodType>(schema: S, description: string) => ({
    201: { ...json(schema, description), headers: z.object({ ...TAG, ...LOCATION }) },
  }),
  accepted: <S extends z.ZodType>(schema: S, description: string) => ({ 202: json(schema, description) }),
  found: (description: string) => ({ 302: { description, headers: z.object(LOCATION) } }),
  none: (description: string) => ({ 204: { description } }),
  problems,
};

/** Errors of every operation with a body. */
export const BODY = ['bad_request', 'body_too_large', 'invalid_field'] as const;
/** Errors of every operation that takes an idempotency key. */
export const REPEATED = ['idempotency_in_progress', 'idempotency_mismatch'] as const;
/** Errors of every operation that needs a caller. */
const ALWAYS = ['unauthenticated', 'forbidden', 'rate_limited', 'unavailable', 'internal'] as const;
export const secured = (...codes: readonly DocumentedCode[]) => problems(...codes, ...ALWAYS);

function problems(...codes: readonly DocumentedCode[]) {
  const byStatus = new Map<number, DocumentedCode[]>();
  for (const code of codes) byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code]);
  return Object.fromEntries([...byStatus].map(([status, ofStatus]) => [status, problem(ofStatus)]));
}

const problem = (codes: readonly DocumentedCode[]) => ({
  description: codes.map((code) => `\`${code}\`: ${MEANING[code] ?? ''}`).join('\n\n'),
  'x-codes': codes,
  content: { 'application/problem+json': { schema: Problem } },
});

/** For people who read the document: when it is answered. */
const MEANING: Partial<Record<DocumentedCode, string>> = {
  bad_request: 'the query, a header or the JSON is malformed. `detail` names the fault.',
  unauthenticated: 'the credential is missing, unknown, expired or revoked.',
  forbidden: 'the caller lacks a permission. `detail` names it.',
  stream_not_found: 'the stream does not exist, or the caller has no access to it.',
  session_not_found: 'the stream has no such session.',
  recording_not_found: 'the stream has no such recording.',
  node_not_found: 'the node does not exist.',
  route_not_found: 'the path does not exist.',
  body_too_large: 'the body is larger than 64 KiB.',
  invalid_field: 'the body has wrong or unknown fields. `errors` names each of them.',
  policy_fixed: 'the playback policy cannot be changed.',
  session_live: 'the session is live, or its broadcast is not finished.',
  metadata_conflict: 'the id is used by other timed metadata of the broadcast.',
  recording_unfinished: 'the broadcast is not finished.',
  precondition_failed: '`If-Match` does not match the present version. Read the resource again.',
  idempotency_in_progress: 'the first request with this idempotency key is not finished.',
  idempotency_mismatch: 'the idempotency key was used for another request.',
  api_key_not_found: 'the API key does not exist.',
  grant_not_found: 'the stream has no such grant.',
  grant_ended: 'the grant has expired, was revoked, or its viewing session is over.',
  grant_limit: 'the stream has the maximum number of unexpired grants.',
  rate_limited: 'the key or the publisher has sent too many requests. See `Retry-After` and `RateLimit-*`.',
  content_key_not_found: 'the stream has no such content key.',
  playlist_not_found: 'the stream does not have this playlist now.',
  origin_not_allowed: 'the stream does not allow the web origin of the page.',
  stream_not_gated: 'the stream is open and does not use grants.',
  stream_suspended: 'the stream is suspended.',
  unsupported_type: 'the path does not accept the content type of the body.',
  media_unsupported: 'the offer has unsupported codecs or media. `detail` names the supported ones.',
  not_live: 'the stream is not live. Try again after `Retry-After`.',
  publisher_replaced:
    'another publisher has taken the stream over from the session in `Srs-Live-Session`, and is live.',
  publisher_busy: 'the present publisher of the stream cannot be replaced now. `detail` names the reason.',
  chat_disabled: 'the stream has no chat, or the environment has none.',
  chat_restricted: 'a moderator muted or banned the sender. `Retry-After` has the seconds until it ends by itself.',
  chat_sender_not_found: 'the sender has no restriction, or cannot exist.',
  chat_message_not_found: 'the chat has no such message.',
  webhook_not_found: 'the webhook does not exist.',
  delivery_not_found: 'the webhook has no delivery of this event.',
  webhook_limit: 'the publisher, or the operator, has the maximum number of webhooks. `quota` has the numbers.',
  stream_limit: 'the publisher has the maximum number of streams. `quota` has the numbers.',
  api_key_limit: 'the subject has the maximum number of valid API keys. `quota` has the numbers.',
  budget_stop: 'the budget of the environment is used up.',
  unavailable: 'a service that the API needs is unavailable. Try again after `Retry-After`.',
  internal: 'the service failed. The logs have the cause under `requestId`.',
};
