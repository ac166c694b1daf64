import { createRoute, z } from '@hono/zod-openapi';
import type { RtcKind } from '../../contract/hooks/media';
import { StreamId } from '../../contract/ids';
import { ROUTES } from '../../contract/routes';
import { answers, requestBody } from '../document/answers';
import { StreamParams } from '../streams/stream-operations';

export const SDP = 'application/sdp';
const tags = ['media'];

/** A publisher shows the stream key, a viewer the play token of a grant, which only gated streams ask for. */
const SECURITY = { publish: [{ streamKey: [] }], play: [{ playToken: [] }] };
const REFUSED = {
  publish: ['unauthenticated', 'stream_suspended', 'publisher_busy'],
  play: ['grant_ended', 'stream_suspended', 'not_live'],
} as const;
const OFFER = ['bad_request', 'body_too_large', 'media_unsupported', 'stream_not_found', 'forbidden'] as const;
const ALWAYS = ['unavailable', 'internal'] as const;

const SDP_ANSWER = {
  description: 'The answer; its session is ended at `Location`.',
  headers: z.object({
    Location: z.string(),
    ETag: z.string().meta({ description: 'The ICE session.' }),
    Link: z
      .string()
      .meta({ description: 'An ICE server each, `rel="ice-server"`, with credentials; none where there is no TURN server.' }),
  }),
  content: { [SDP]: { schema: z.string() } },
};
/** Named by the answer to an offer. */
const SessionId = z.string().regex(/^[0-9a-f]{8}-[a-z0-9]{32}$/, 'use the Location of the answer');
const SessionParams = StreamParams.extend({ sessionId: SessionId });
const NO_PATCH = 'A PATCH answers 405: neither trickle ICE nor ICE restarts.';

const offerOperation = (kind: RtcKind, path: string, operationId: string, summary: string, description: string) =>
  createRoute({
    method: 'post',
    path,
    operationId,
    summary,
    description,
    tags,
    security: SECURITY[kind],
    request: { params: StreamParams, body: { required: true, content: { [SDP]: { schema: z.string() } } } },
    responses: { 201: SDP_ANSWER, ...answers.problems(...OFFER, 'unsupported_type', ...REFUSED[kind], ...ALWAYS) },
  });

/** Of a publisher it ends more than the connection. */
const OVER = 'The broadcast is over at once, without a reconnect window. ';

const endOperation = (kind: RtcKind, path: string, operationId: string, summary: string) =>
  createRoute({
    method: 'delete',
    path,
    operationId,
    summary,
    description: `By whoever has its id, and the secret it was opened with. ${kind === 'publish' ? OVER : ''}${NO_PATCH}`,
    tags,
    security: SECURITY[kind],
    request: { params: SessionParams },
    responses: {
      200: { description: 'It has ended.' },
      ...answers.problems('stream_not_found', 'session_not_found', 'forbidden', ...ALWAYS),
    },
  });

const { whip, whipSession, whep, whepSession, rtcPublish, rtcPlay, flv } = ROUTES.media;

/** WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep). */
export const RTC_OPERATIONS = {
  publish: {
    offer: offerOperation(
      'publish',
      whip,
      'publishWhip',
      'Publish by WebRTC',
      'WHIP. The offer has H.264 video, Opus sound, or both.',
    ),
    end: endOperation('publish', whipSession, 'endWhip', 'Stop publishing by WebRTC'),
  },
  play: {
    offer: offerOperation('play', whep, 'playWhep', 'Play by WebRTC', 'WHEP. A gated stream takes the play token of a grant.'),
    end: endOperation('play', whepSession, 'endWhep', 'Stop playing by WebRTC'),
  },
} as const;

/** What of SRS's own body counts; it says more, which SRS itself does not need either. */
const SrsOffer = z
  .object({
    streamurl: z.string().max(1000).meta({ description: '`webrtc://<host>/live/<stream id>?key=…` or `?token=…`.' }),
    sdp: z.string().min(1),
  })
  .meta({ id: 'SrsOffer' });
/** SRS's SDK takes an answer with `code` 0 for an answer to its offer, and anything else for a failure. */
const SrsAnswer = z
  .object({ code: z.literal(0), server: z.string(), sdp: z.string(), sessionid: z.string() })
  .meta({ id: 'SrsAnswer' });

const srs = (kind: RtcKind, path: string, operationId: string, summary: string) =>
  createRoute({
    method: 'post',
    path,
    operationId,
    summary,
    description: 'For pages that use the SDK of SRS; the key or token stands in the body.',
    tags,
    security: [],
    request: requestBody(SrsOffer),
    responses: {
      ...answers.ok(SrsAnswer, 'The answer.'),
      ...answers.problems(
        'invalid_field',
        ...OFFER.filter((code) => code !== 'stream_not_found'),
        ...SRS_REFUSED[kind],
        ...ALWAYS,
      ),
    },
  });
/** It names the stream in its body, where a malformed id is a wrong URL. */
const SRS_REFUSED = { publish: REFUSED.publish, play: ['stream_not_found', ...REFUSED.play] } as const;

export const SRS_OPERATIONS = {
  publish: srs('publish', rtcPublish, 'publishSrs', "Publish by SRS's own signalling"),
  play: srs('play', rtcPlay, 'playSrs', "Play by SRS's own signalling"),
} as const;

/** `<stream id>.flv`. */
const FlvFile = z
  .string()
  .regex(/^[a-z0-9]{16}\.flv$/, 'use <stream id>.flv')
  .transform((file) => StreamId.parse(file.replace(/\.flv$/, '')));

export const playFlv = createRoute({
  method: 'get',
  path: flv,
  operationId: 'playFlv',
  summary: 'Play by HTTP-FLV',
  description: 'A second or two behind the publisher, without end. A gated stream takes the play token of a grant.',
  tags,
  security: [{ playTokenQuery: [] }, { playToken: [] }],
  request: {
    params: z.object({ file: FlvFile }),
    query: z.object({ token: z.string().max(200).optional() }),
  },
  responses: {
    200: { description: 'The media.', content: { 'video/x-flv': { schema: z.string().meta({ format: 'binary' }) } } },
    ...answers.problems('bad_request', 'stream_not_found', 'forbidden', 'viewer_limit', ...REFUSED.play, ...ALWAYS),
  },
});
