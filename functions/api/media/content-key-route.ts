import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { readContentKey, readLicense, viewerOf } from '../../app/encryption/content-key';
import { rememberedStreams } from '../../app/streams/remembered-streams';
import { License, LicenseRequest } from '../../contract/api/license';
import type { StreamId } from '../../contract/ids';
import type { Rate } from '../../contract/limits';
import { ContentKeyId } from '../../contract/objects/encryption';
import { ROUTES } from '../../contract/routes';
import type { Stream } from '../../contract/state';
import { DomainError } from '../../core/errors';
import { CONTENT_KEY_COOKIE } from '../../core/grants/grant-answer';
import { TokenBuckets } from '../../core/limits/token-bucket';
import { clientAddress } from '../../http/authenticate';
import { ALLOWED_ORIGINS } from '../../http/cors';
import type { ApiDeps } from '../api-deps';
import { answers, requestBody } from '../document/answers';
import type { ApiEnv, Mount } from '../requests/operation';
import { StreamParams } from '../streams/stream-operations';

/**
 * Keys asked for by one grant, or from one address without one. A player asks once for each key: this is a large
 * office behind one address, and no scan.
 */
const KEY_RATE: Rate = { perMinute: 600, burst: 600 };
/** A new session's key is there this much later at most, and a suspension counts. */
const STREAM_MAX_AGE_MS = 1000;

const TokenQuery = z.object({ token: z.string().max(200).optional() });

const read = createRoute({
  method: 'get',
  path: ROUTES.api.contentKey,
  operationId: 'getContentKey',
  summary: 'Read a key of an encrypted stream',
  description:
    'Players call this operation with the URI in the playlist. A gated stream needs the play token of a grant, in ' +
    'the query or in the cookie of the grant. The rate is limited per grant, and per address without a grant.',
  tags: ['playback'],
  security: [{ playTokenQuery: [] }, {}],
  request: {
    params: StreamParams.extend({ keyId: ContentKeyId }),
    query: TokenQuery,
  },
  responses: {
    200: {
      description: 'The 16 bytes of the key. No cache keeps them.',
      content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
    },
    ...answers.problems(
      ...(['bad_request', 'forbidden', 'stream_not_found', 'content_key_not_found'] as const),
      ...(['grant_ended', 'stream_suspended', 'rate_limited', 'unavailable', 'internal'] as const),
    ),
  },
});

const license = createRoute({
  method: 'post',
  path: ROUTES.api.license,
  operationId: 'getLicense',
  summary: 'Read keys of an encrypted stream as a license',
  description:
    'The ClearKey system of a browser sends this request for `cbcs` and `cenc`. The license is a JSON Web Key Set of ' +
    'those keys that are there. Who may read a key may read a license, at the same rate.',
  tags: ['playback'],
  security: [{ playTokenQuery: [] }, {}],
  request: { params: StreamParams, query: TokenQuery, ...requestBody(LicenseRequest) },
  responses: {
    ...answers.ok(License, 'The keys. No cache keeps them.'),
    ...answers.problems(
      ...(['bad_request', 'body_too_large', 'invalid_field', 'forbidden', 'stream_not_found'] as const),
      ...(['content_key_not_found'] as const),
      ...(['grant_ended', 'stream_suspended', 'rate_limited', 'unavailable', 'internal'] as const),
    ),
  },
});

/** The token in the query, and the number of keys that are asked for. */
interface WantedKeys {
  inQuery: string | undefined;
  keys: number;
}

/** Mounts the operations that hand content keys to players. */
export function contentKeyRoute(mount: Mount, deps: ApiDeps): void {
  const buckets = new TokenBuckets(KEY_RATE, deps.clock);
  const readStream = rememberedStreams(deps, STREAM_MAX_AGE_MS);
  const keyDeps = { ...deps, grants: deps.grants.store, tokenKeys: deps.grants.signer.tokenKeys };
  const asked = async (c: Context<ApiEnv>, id: StreamId, { inQuery, keys }: WantedKeys) => {
    const token = inQuery ?? getCookie(c, CONTENT_KEY_COOKIE);
    const who = whoOf(c, { id, token }, deps);
    // Each key of a license may be a read of the store.
    for (let key = 0; key < keys; key += 1) limitRate(c, { buckets, who });
    return { stream: await readStream(id), token };
  };
  // Not before the answer is sure: whose pages a stream allows is for those to know who may play it.
  const allow = (c: Context<ApiEnv>, stream: Stream | undefined) => c.set(ALLOWED_ORIGINS, stream?.allowedOrigins);
  mount(read, async (c) => {
    const { id, keyId } = c.req.valid('param');
    const viewer = await asked(c, id, { inQuery: c.req.valid('query').token, keys: 1 });
    const key = await readContentKey(keyDeps, { ...viewer, keyId });
    allow(c, viewer.stream);
    return c.body(Buffer.from(key), 200, { 'Content-Type': 'application/octet-stream', ...NO_STORE });
  });
  mount(license, async (c) => {
    const request = c.req.valid('json');
    const wanted = { inQuery: c.req.valid('query').token, keys: request.kids.length };
    const viewer = await asked(c, c.req.valid('param').id, wanted);
    const answer = await readLicense(keyDeps, { ...viewer, request });
    allow(c, viewer.stream);
    return c.json(answer, 200, NO_STORE);
  });
}

const NO_STORE = { 'Cache-Control': 'no-store' };

function whoOf(
  c: Context<ApiEnv>,
  { id: streamId, token }: { id: StreamId; token: string | undefined },
  { grants, clock }: ApiDeps,
): string {
  const viewer = token && viewerOf(token, { streamId, keys: grants.signer.tokenKeys, nowMs: clock.now() });
  return viewer ? `grant ${viewer.grantId}` : `address ${clientAddress(c.req.raw)}`;
}

function limitRate(c: Context<ApiEnv>, { buckets, who }: { buckets: TokenBuckets; who: string }): void {
  const { limit, waitSeconds } = buckets.look(who);
  c.set('allowance', buckets.look(who));
  if (waitSeconds > 0)
    throw new DomainError(
      'rate_limited',
      `too many requests for keys, the burst limit is ${limit}: try again in ${waitSeconds} s`,
    );
  buckets.take(who);
}
