import { createRoute, z } from '@hono/zod-openapi';
import { createGrant, type Limits, renewGrant, revokeGrant } from '../../app/grants/grants';
import { renderViewerPlaylist } from '../../app/grants/viewer-playlist';
import { tellToEndPlays } from '../../app/publish/order-end-of-plays';
import type { Grant } from '../../contract/grants';
import { CreateGrant, GrantAnswer, GrantId } from '../../contract/grants';
import type { StreamId } from '../../contract/ids';
import { ROUTES } from '../../contract/routes';
import type { Stream } from '../../contract/state';
import { grantSecondsAt } from '../../core/budget/publishing-mode';
import { DomainError } from '../../core/errors';
import type { GatedStream } from '../../core/grants/decide-grant';
import { grantAnswer, setCookies } from '../../core/grants/grant-answer';
import { assertPermitted } from '../../core/identity/principal';
import { ALLOWED_ORIGINS } from '../../http/cors';
import type { ApiDeps } from '../api-deps';
import { answers, BODY, REPEATED, requestBody, secured } from '../document/answers';
import { IdempotencyHeader } from '../requests/idempotent';
import type { Mount } from '../requests/operation';
import { withinQuota } from '../requests/quota';
import { StreamParams } from '../streams/stream-operations';
import { findStream } from '../streams/streams';

const tags = ['playback'];
const GrantParams = StreamParams.extend({ grantId: GrantId });
const Answer = GrantAnswer.meta({ id: 'Grant' });
const COOKIES = 'The grant. `Set-Cookie` has the cookies for players on the same site.';
const REFUSED = ['origin_not_allowed', 'stream_suspended', 'budget_stop'] as const;

const create = createRoute({
  method: 'post',
  path: ROUTES.grants.grants,
  operationId: 'createGrant',
  summary: 'Create a grant for one viewer of a gated stream',
  description:
    'A grant is short-lived, and the player renews it while it plays. The answer has signed cookies, signed ' +
    'queries, a playlist URL for players that support neither, and a play token. A grant with `chatName` has a room ' +
    'token, and its caller needs the permission `chat_tokens.create` too.',
  tags,
  'x-permission': 'grants.create' as const,
  request: {
    params: StreamParams,
    headers: IdempotencyHeader,
    ...requestBody(CreateGrant.meta({ id: 'CreateGrant' }), { required: false }),
  },
  responses: {
    201: { description: COOKIES, content: { 'application/json': { schema: Answer } } },
    ...secured(...BODY, ...REPEATED, ...REFUSED, 'stream_not_found', 'stream_not_gated', 'grant_limit'),
  },
});
const renew = createRoute({
  method: 'post',
  path: ROUTES.grants.renewal,
  operationId: 'renewGrant',
  summary: 'Renew a grant',
  description: 'The player calls this operation with the renewal token of the grant.',
  tags,
  security: [{ renewalToken: [] }],
  request: { params: GrantParams },
  responses: {
    ...answers.ok(Answer, COOKIES),
    ...answers.problems(
      'unauthenticated',
      'stream_not_found',
      ...REFUSED,
      'grant_not_found',
      'grant_ended',
      'unavailable',
      'internal',
    ),
  },
});
const revoke = createRoute({
  method: 'delete',
  path: ROUTES.grants.grant,
  operationId: 'revokeGrant',
  summary: 'Revoke a grant',
  description:
    'RTMP, FLV, WHEP and `native` are refused at once. Connections by RTMP, FLV and WHEP end within 30 s. ' +
    'Signatures for HLS stay valid until they expire, after at most 120 s.',
  tags,
  'x-permission': 'grants.revoke' as const,
  request: { params: GrantParams },
  responses: { ...answers.none('The grant is revoked.'), ...secured('stream_not_found', 'grant_not_found') },
});
const playlistOf = <P extends string, S extends z.ZodObject>(
  path: P,
  operationId: string,
  summary: string,
  params: S,
) =>
  createRoute({
    method: 'get',
    path,
    operationId,
    summary,
    description: 'A playlist of the stream whose URIs carry the signature. Reading it renews the grant.',
    tags,
    security: [{ playlistToken: [] }],
    request: { params, query: z.object({ token: z.string().max(200).optional() }) },
    responses: {
      200: { description: 'The playlist.', content: { 'application/vnd.apple.mpegurl': { schema: z.string() } } },
      ...answers.problems(
        'bad_request',
        'unauthenticated',
        'stream_not_found',
        'grant_not_found',
        'grant_ended',
        'playlist_not_found',
        ...GONE,
        'unavailable',
        'internal',
      ),
    },
  });
const GONE = ['stream_suspended', 'budget_stop'] as const;
const index = playlistOf(
  ROUTES.grants.index,
  'playGrant',
  'Read the index playlist with a player that supports neither cookies nor signed queries',
  GrantParams,
);
const Playlist = z.string().regex(/^[a-z0-9-]{1,32}\.m3u8$/, 'use the URIs of the index');
const playlist = playlistOf(
  ROUTES.grants.playlist,
  'playGrantPlaylist',
  'Read a media playlist that the index playlist of the grant names',
  GrantParams.extend({ broadcastId: z.string(), playlist: Playlist }),
);

export function grantRoutes(mount: Mount, deps: ApiDeps): void {
  const grantDeps = {
    grants: deps.grants.store,
    signer: deps.grants.signer,
    clock: deps.clock,
    randomId: deps.randomId,
  };
  const given = (grant: Grant, stream: GatedStream) => {
    const now = { nowMs: deps.clock.now(), stream };
    return {
      body: grantAnswer(grant, deps.grants.signer, now),
      cookies: setCookies(grant, deps.grants.signer, now).map((cookie): [string, string] => ['Set-Cookie', cookie]),
    };
  };

  mount(create, async (c) => {
    const principal = c.get('principal');
    const wanted = c.req.valid('json');
    if (wanted.chatName !== undefined) assertPermitted(principal, 'chat_tokens.create');
    const stream = await findStream(c.req.valid('param').id, principal, deps);
    c.set(ALLOWED_ORIGINS, stream.allowedOrigins);
    const asked = { wanted, subject: principal.subject, origin: c.req.header('Origin') };
    const make = async () => createGrant({ stream, ...asked, limits: await limitsNow(deps) }, grantDeps);
    const { body, cookies } = given(await withinGrantQuota(stream, make, deps), stream);
    for (const [name, value] of cookies) c.header(name, value, { append: true });
    deps.log.info('grant_created', { streamId: stream.id, grantId: body.id, subject: principal.subject });
    return c.json(body, 201);
  });
  mount(renew, async (c) => {
    const { id, grantId } = c.req.valid('param');
    const token = /^Bearer +(\S{1,200})$/i.exec(c.req.header('Authorization') ?? '')?.[1] ?? '';
    const stream = await streamFor(id, deps);
    const asked = { grantId, token, origin: c.req.header('Origin') };
    const renewed = await renewGrant({ stream, ...asked, limits: await limitsNow(deps) }, grantDeps);
    const { body, cookies } = given(renewed, stream);
    // Not before: whose pages a stream allows is for those to know who may play it.
    c.set(ALLOWED_ORIGINS, stream.allowedOrigins);
    for (const [name, value] of cookies) c.header(name, value, { append: true });
    return c.json(body, 200);
  });
  mount(revoke, async (c) => {
    const { id, grantId } = c.req.valid('param');
    const stream = await findStream(id, c.get('principal'), deps);
    await revokeGrant({ stream, grantId }, grantDeps);
    await tellToEndPlays({ streamId: id, grantId, reason: 'grant_revoked' }, deps);
    deps.log.info('grant_revoked', { streamId: id, grantId });
    return c.body(null, 204);
  });
  playlistRoutes(mount, deps);
}

/** The operator's streams have no owner, and no quota. */
async function withinGrantQuota({ owner, id }: Stream, make: () => Promise<Grant>, deps: ApiDeps): Promise<Grant> {
  if (owner === undefined) return make();
  const { store } = deps.grants;
  let made: Grant | undefined;
  const count = () => store.countOfOwner(owner, deps.clock.now());
  const takeBack = async () => made && store.remove(id, made.id);
  const quota = { of: 'grants' as const, whose: 'the publisher', allowed: deps.quotas.grants, count, takeBack };
  await withinQuota(quota, async () => {
    made = await make();
    return true;
  });
  if (made === undefined) throw new Error('no grant was made');
  return made;
}

function playlistRoutes(mount: Mount, deps: ApiDeps): void {
  const playlistDeps = {
    grants: deps.grants.store,
    gated: deps.delivery('gated'),
    signer: deps.grants.signer,
    clock: deps.clock,
  };
  const render = async (asked: {
    id: StreamId;
    grantId: GrantId;
    token: string | undefined;
    name: string;
  }): Promise<Response> => {
    const { id, grantId, token = '', name } = asked;
    const stream = await streamFor(id, deps);
    const text = await renderViewerPlaylist(playlistDeps, {
      stream,
      grantId,
      token,
      name,
      limits: await limitsNow(deps),
    });
    return new Response(text, { headers: { 'Content-Type': 'application/vnd.apple.mpegurl' } });
  };
  mount(index, async (c) => render({ ...c.req.valid('param'), token: c.req.valid('query').token, name: 'index.m3u8' }));
  mount(playlist, async (c) => {
    const { broadcastId, playlist: file, ...grant } = c.req.valid('param');
    return render({ ...grant, token: c.req.valid('query').token, name: `${broadcastId}/${file}` });
  });
}

/**
 * A caller without a principal shows a token. For a stream that is not there no token is right, and the answer is that
 * to a wrong one.
 */
const streamFor = async (id: StreamId, { streamStore }: ApiDeps): Promise<GatedStream> =>
  (await streamStore.getStream(id)) ?? { id, policy: 'gated' };

async function limitsNow({ budgetStage, grants }: ApiDeps): Promise<Limits> {
  const lifetimeSeconds = grantSecondsAt(await budgetStage());
  if (lifetimeSeconds !== undefined) return { lifetimeSeconds, grantsPerStream: grants.grantsPerStream };
  throw new DomainError('budget_stop', 'the budget of this environment is used up: grants are not created');
}
