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

const TAG = { ETag: z.string().meta({ description: 'Names the settings, for `If-Match`.' }) };
const LOCATION = { Location: z.string() };

/** What an operation answers: the good, and every problem by its code. */
export const answers = {
  ok: <S extends z.ZodType>(schema: S, description: string) => ({ 200: json(schema, description) }),
  /** A stream with the tag of its settings. */
  tagged: <S extends z.ZodType>(schema: S, description: string) => ({
    200: { ...json(schema, description), headers: z.object(TAG) },
  }),
  created: <S extends z.ZodType>(schema: S, description: string) => ({
    201: { ...json(schema, description), headers: z.object({ ...TAG, ...LOCATION }) },
  }),
  found: (description: string) => ({ 302: { description, headers: z.object(LOCATION) } }),
  none: (description: string) => ({ 204: { description } }),
  problems,
};

/** What everything that needs a caller can answer. */
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
  bad_request: 'query, header or JSON is malformed; `detail` names it.',
  unauthenticated: 'no credential, or one that is none of ours, has expired or was revoked.',
  forbidden: 'the caller lacks a permission; `detail` names it.',
  stream_not_found: 'there is no such stream, or it is none of the caller.',
  session_not_found: 'the stream has no such session.',
  recording_not_found: 'the stream has no such recording.',
  node_not_found: 'there is no such node.',
  route_not_found: 'nothing is at this path.',
  body_too_large: 'the body has more than 64 KiB.',
  invalid_field: 'fields of the body are wrong, or not offered; `errors` names each.',
  policy_fixed: 'the playback policy is for good.',
  session_live: 'the session goes on, or its broadcast is not finished.',
  recording_unfinished: 'the broadcast is not finished.',
  precondition_failed: '`If-Match` names another state than the present one: read it again.',
  idempotency_in_progress: 'the first request with this key is still being worked on.',
  idempotency_mismatch: 'the key belongs to another request.',
  api_key_not_found: 'there is no such API key.',
  grant_not_found: 'the stream has no such grant.',
  grant_ended: 'the grant has expired, was revoked, or its sitting is over.',
  grant_limit: 'the stream has as many unexpired grants as it may have.',
  rate_limited: 'the key, or the publisher, asks too often; see `Retry-After` and `RateLimit-*`.',
  viewer_limit: 'the stream, or the address, has as many viewers as it may have; see `Retry-After`.',
  playlist_not_found: 'the stream has no such playlist now.',
  origin_not_allowed: 'the page is none of those the stream allows.',
  stream_not_gated: 'the stream is open: nobody needs a grant.',
  stream_suspended: 'the stream is suspended.',
  unsupported_type: 'the body is of another type than the route takes.',
  media_unsupported: 'the offer has codecs or media that are not taken; `detail` names those that are.',
  not_live: 'nobody publishes the stream now: try again, see `Retry-After`.',
  publisher_busy: 'whoever publishes the stream cannot be replaced now; `detail` says why.',
  webhook_not_found: 'there is no such webhook.',
  delivery_not_found: 'no such event was sent to the webhook.',
  webhook_limit: 'there are as many webhooks as there may be.',
  budget_stop: 'the budget of the environment is spent.',
  unavailable: 'a service behind the API is away: try again, see `Retry-After`.',
  internal: 'a fault of ours; `requestId` finds it in the logs.',
};
