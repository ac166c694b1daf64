import type { Context } from 'hono';
import { z } from 'zod';
import type { RtcKind } from '../contract/node-media';
import { ROUTES } from '../contract/routes';
import { StreamId } from '../contract/words';
import { Brake } from '../core/brake';
import { DomainError } from '../core/errors';
import { turnCredentials } from '../core/turn/turn-credentials';
import { iceSessionOf } from '../core/webrtc/answer';
import { linksOf } from '../core/webrtc/ice-servers';
import { readSrsUrl } from '../core/webrtc/srs-url';
import { clientAddress } from '../http/authenticate';
import { readJson, readText } from '../http/request-body';
import type { ApiDeps, MediaDeps } from './api-deps';
import { ALLOWED_ORIGINS } from './cors';
import { endSession, type Offered, openFlv, openSession, type SessionDeps } from './media-sessions';
import type { ApiApp, ApiEnv } from './operation';
import { unknownThing } from './unknown-thing';

type Asked = Context<ApiEnv>;
type Deps = SessionDeps & MediaDeps;

const SDP = 'application/sdp';
const KINDS = {
  publish: { endpoint: ROUTES.media.whip, session: ROUTES.media.whipSession },
  play: { endpoint: ROUTES.media.whep, session: ROUTES.media.whepSession },
} as const;
/** A publisher holds the key, and his event lasts hours; a viewer's page asks again. In seconds. */
const TURN_SECONDS = { publish: 43_200, play: 3600 } as const;

const routed = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

/**
 * WHIP (RFC 9725), WHEP (draft-ietf-wish-whep), the same as SRS's own SDK asks for them, and HTTP-FLV. Signalling goes through here,
 * media to the node itself. Neither trickle ICE nor ICE restarts: a PATCH answers 405, as both documents allow.
 */
export function mediaRoutes(app: ApiApp, { media, ...api }: ApiDeps): void {
  if (media === undefined) return;
  const deps: Deps = { ...api, ...media, brake: new Brake(api) };
  for (const kind of ['publish', 'play'] as const) {
    const { endpoint, session } = KINDS[kind];
    app.options(routed(endpoint), (c) => c.body(null, 204, { 'Accept-Post': SDP }));
    app.post(routed(endpoint), (c) => offer(c, kind, deps));
    app.options(routed(session), (c) => c.body(null, 204));
    app.delete(routed(session), (c) => end(c, kind, deps));
  }
  app.post(ROUTES.media.rtcPublish, (c) => srsOffer(c, 'publish', deps));
  app.post(ROUTES.media.rtcPlay, (c) => srsOffer(c, 'play', deps));
  app.get(routed(ROUTES.media.flv), (c) => flv(c, deps));
}

async function offer(c: Asked, kind: RtcKind, deps: Deps): Promise<Response> {
  const type = c.req.header('content-type') ?? '';
  if (type.split(';')[0]?.trim().toLowerCase() !== SDP) {
    throw new DomainError('unsupported_type', `Content-Type '${type.slice(0, 60)}': use ${SDP}`);
  }
  const streamId = streamIdOf(c.req.param('id'));
  const opened = await open(c, { kind, streamId, secret: bearerOf(c), sdp: await readText(c.req.raw) }, deps);
  const location = KINDS[kind].session.replace('{id}', streamId).replace('{session}', opened.id);
  const answer = c.body(opened.sdp, 201, { 'Content-Type': SDP, Location: location, ETag: `"${iceSessionOf(opened.sdp)}"` });
  for (const link of linksOf(iceServersFor(c, { kind, streamId }, deps))) answer.headers.append('Link', link);
  return answer;
}

async function open(c: Asked, offered: Omit<Offered, 'address'>, deps: Deps) {
  const opened = await openSession({ ...offered, address: clientAddress(c.req.raw) }, deps);
  const { kind, streamId } = offered;
  if (kind === 'play') c.set(ALLOWED_ORIGINS, opened.stream.allowedOrigins);
  deps.log.info('rtc_session_opened', { kind, streamId });
  return opened;
}

async function end(c: Asked, kind: RtcKind, deps: Deps): Promise<Response> {
  const streamId = streamIdOf(c.req.param('id'));
  await endSession({ kind, streamId, secret: bearerOf(c), id: c.req.param('session') ?? '' }, deps);
  deps.log.info('rtc_session_ended', { kind, streamId });
  return c.body(null, 200);
}

/** What of SRS's own body counts; it says more, which SRS itself does not need either. */
const SrsOffer = z.object({ streamurl: z.string().max(1000), sdp: z.string().min(1) });

/** SRS's SDK takes an answer with `code` 0 for an answer to its offer, and anything else for a failure. */
async function srsOffer(c: Asked, kind: RtcKind, deps: Deps): Promise<Response> {
  const { streamurl, sdp } = await readJson(c.req.raw, SrsOffer);
  const { streamId, key, token } = readSrsUrl(streamurl);
  const opened = await open(c, { kind, streamId, secret: kind === 'publish' ? key : token, sdp }, deps);
  return c.json({ code: 0, server: 'srs-live', sdp: opened.sdp, sessionid: opened.id });
}

async function flv(c: Asked, deps: Deps): Promise<Response> {
  const [, id] = /^(.*)\.flv$/.exec(c.req.param('file') ?? '') ?? [];
  const { media, stream } = await openFlv(streamIdOf(id), c.req.query('token') ?? bearerOf(c), deps);
  c.set(ALLOWED_ORIGINS, stream?.allowedOrigins);
  return new Response(media, { headers: { 'Content-Type': 'video/x-flv', 'Cache-Control': 'no-store' } });
}

function streamIdOf(id: string | undefined): StreamId {
  const parsed = StreamId.safeParse(id);
  if (!parsed.success) throw unknownThing('id');
  return parsed.data;
}

/** The stream key of a publisher, the play token of a viewer. What has other characters is none of ours. */
function bearerOf(c: Asked): string | undefined {
  const authorization = c.req.header('authorization');
  if (authorization === undefined) return undefined;
  const [, secret] = /^Bearer +([\w.~-]{1,512})$/i.exec(authorization) ?? [];
  if (secret === undefined) throw new DomainError('unauthenticated', "Authorization: use 'Bearer <stream key or play token>'");
  return secret;
}

function iceServersFor(c: Asked, { kind, streamId }: Pick<Offered, 'kind' | 'streamId'>, { turn, clock }: Deps) {
  if (turn === undefined || turn.urls.length === 0) return [];
  const user = `${kind} ${streamId} ${clientAddress(c.req.raw)}`;
  return turnCredentials(turn, { user, lifetimeSeconds: TURN_SECONDS[kind], nowMs: clock.now() }).iceServers;
}
