import type { Context } from 'hono';
import { GuessLimiter } from '../../app/guess-limiter';
import { path, ROUTES } from '../../contract/routes';
import { turnCredentials } from '../../core/turn/turn-credentials';
import { iceSessionOf } from '../../core/webrtc/answer';
import { linksOf } from '../../core/webrtc/ice-servers';
import { readSrsUrl } from '../../core/webrtc/srs-url';
import { clientAddress } from '../../http/authenticate';
import { ALLOWED_ORIGINS } from '../../http/cors';
import type { ApiDeps, MediaDeps } from '../api-deps';
import type { ApiApp, ApiEnv, Mount } from '../requests/operation';
import { playFlv, RTC_OPERATIONS, SDP, SESSION_HEADER, SRS_OPERATIONS } from './media-operations';
import { endSession, type MediaSessionDeps, type Offered, openSession } from './media-sessions';

type ApiContext = Context<ApiEnv>;
type MediaRouteDeps = MediaSessionDeps & MediaDeps;

const KINDS = ['publish', 'play'] as const;
const PATHS = {
  publish: { endpoint: ROUTES.media.whip, session: ROUTES.media.whipSession },
  play: { endpoint: ROUTES.media.whep, session: ROUTES.media.whepSession },
} as const;
/** A publisher holds the key, and an event lasts hours; a viewer's page asks again. In seconds. */
const TURN_SECONDS = { publish: 43_200, play: 3600 } as const;

const routed = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

/**
 * WHIP (RFC 9725), WHEP (draft-ietf-wish-whep), the same as SRS's own SDK asks for them, and where HTTP-FLV is now.
 * Signalling goes through here, media to the node itself. Neither trickle ICE nor ICE restarts: a PATCH answers 405, as
 * both documents allow.
 */
export function mediaRoutes(mount: Mount, app: ApiApp, { media, ...api }: ApiDeps): void {
  if (media === undefined) return;
  const deps: MediaRouteDeps = { ...api, ...media, guessLimiter: new GuessLimiter(api) };
  for (const kind of KINDS) {
    app.options(routed(PATHS[kind].endpoint), (c) => c.body(null, 204, { 'Accept-Post': SDP }));
    app.options(routed(PATHS[kind].session), (c) => c.body(null, 204));
    mount(RTC_OPERATIONS[kind].offer, (c) => {
      const continues = kind === 'publish' ? c.req.valid('header')[SESSION_HEADER] : undefined;
      return offer(c, { kind, streamId: c.req.valid('param').id, continues }, deps);
    });
    mount(RTC_OPERATIONS[kind].end, async (c) => {
      const { id: streamId, sessionId: id } = c.req.valid('param');
      await endSession({ kind, streamId, secret: bearerOf(c), id }, deps);
      deps.log.info('rtc_session_ended', { kind, streamId });
      return c.body(null, 200);
    });
    mount(SRS_OPERATIONS[kind], async (c) => {
      const { streamurl, sdp } = c.req.valid('json');
      const { streamId, key, token } = readSrsUrl(streamurl);
      const opened = await open(c, { kind, streamId, secret: kind === 'publish' ? key : token, sdp }, deps);
      return c.json({ code: 0 as const, server: 'srs-live', sdp: opened.sdp, sessionid: opened.id }, 200);
    });
  }
  mount(playFlv, (c) => {
    const { file } = c.req.valid('param');
    const { token } = c.req.valid('query');
    const query = token === undefined ? '' : `?${new URLSearchParams({ token })}`;
    return c.body(null, 307, { Location: `${path(ROUTES.live.flv, { file })}${query}`, 'Cache-Control': 'no-store' });
  });
}

async function offer(
  c: ApiContext,
  asked: Pick<Offered, 'kind' | 'streamId' | 'continues'>,
  deps: MediaRouteDeps,
): Promise<Response> {
  const { kind, streamId } = asked;
  const edge = c.req.query('edge');
  const opened = await open(c, { ...asked, secret: bearerOf(c), sdp: c.get('body'), edge }, deps);
  const location = path(PATHS[kind].session, { id: streamId, sessionId: opened.id });
  const answer = c.body(opened.sdp, 201, {
    'Content-Type': SDP,
    Location: location,
    ETag: `"${iceSessionOf(opened.sdp)}"`,
    ...(opened.sessionId !== undefined && { [SESSION_HEADER]: opened.sessionId }),
  });
  for (const link of linksOf(iceServersFor(c, { kind, streamId }, deps))) answer.headers.append('Link', link);
  return answer;
}

async function open(c: ApiContext, offered: Omit<Offered, 'address'>, deps: MediaRouteDeps) {
  const opened = await openSession({ ...offered, address: clientAddress(c.req.raw) }, deps);
  const { kind, streamId } = offered;
  if (kind === 'play') c.set(ALLOWED_ORIGINS, opened.stream.allowedOrigins);
  deps.log.info('rtc_session_opened', { kind, streamId });
  return opened;
}

/** The stream key of a publisher, the play token of a viewer. What has other characters is none of ours. */
const bearerOf = (c: ApiContext): string | undefined =>
  /^Bearer +([\w.~-]{1,512})$/i.exec(c.req.header('authorization') ?? '')?.[1];

function iceServersFor(
  c: ApiContext,
  { kind, streamId }: Pick<Offered, 'kind' | 'streamId'>,
  { turn, clock }: MediaRouteDeps,
) {
  if (turn === undefined || turn.urls.length === 0) return [];
  const user = `${kind} ${streamId} ${clientAddress(c.req.raw)}`;
  return turnCredentials(turn, { user, lifetimeSeconds: TURN_SECONDS[kind], nowMs: clock.now() }).iceServers;
}
