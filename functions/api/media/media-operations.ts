import { createRoute, z } from '@hono/zod-openapi';
import { NodeMark } from '../../contract/hooks/edges';
import type { RtcKind } from '../../contract/hooks/media';
import { SessionId as PublishId } from '../../contract/ids';
import { ROUTES } from '../../contract/routes';
import { SRS_URL_PATTERN } from '../../core/webrtc/srs-url';
import { answers, requestBody } from '../document/answers';
import { StreamParams } from '../streams/stream-operations';

export const SDP = 'application/sdp';
/** Names a publish, in an answer and in the offer that continues it. */
export const SESSION_HEADER = 'srs-live-session';
const tags = ['media'];

/** A publisher shows the stream key, a viewer the play token of a grant, which only gated streams ask for. */
const SECURITY = { publish: [{ streamKey: [] }], play: [{ playToken: [] }] };
const REFUSED = {
  publish: ['unauthenticated', 'stream_suspended', 'publisher_busy'],
  play: ['grant_ended', 'stream_suspended', 'not_live'],
} as const;
const REPLACED = { publish: ['publisher_replaced'], play: [] } as const;
const OFFER = ['bad_request', 'body_too_large', 'media_unsupported', 'stream_not_found', 'forbidden'] as const;
const ALWAYS = ['unavailable', 'internal'] as const;

const AnswerHeaders = z.object({
  Location: z.string(),
  ETag: z.string().meta({ description: 'The id of the ICE session.' }),
  Link: z.string().meta({
    description: 'One link with `rel="ice-server"` and credentials for each TURN server. Absent if there is none.',
  }),
});
const ANSWER_HEADERS = {
  publish: AnswerHeaders.extend({
    'Srs-Live-Session': z.string().meta({ description: 'The id of the session, as in the list of sessions.' }),
  }),
  play: AnswerHeaders,
};
const sdpAnswer = (kind: RtcKind) => ({
  description: 'The SDP answer. A DELETE request to `Location` ends the session.',
  headers: ANSWER_HEADERS[kind],
  content: { [SDP]: { schema: z.string() } },
});
const OfferHeaders = {
  publish: z.object({
    [SESSION_HEADER]: PublishId.optional().meta({
      description:
        'For a publisher that reconnects by itself: the session it had. The answer is 409 if another publisher has ' +
        'taken the stream over and is live. Without this header the newest publisher takes over.',
    }),
  }),
  play: z.object({}),
};
/** Named by the answer to an offer. */
const SessionId = z.string().regex(/^[0-9a-f]{8}-[a-z0-9]{32}$/, 'use the path in Location of the SDP answer');
const SessionParams = StreamParams.extend({ sessionId: SessionId });
const NO_PATCH = 'A PATCH request is answered with 405, because trickle ICE and ICE restarts are not supported.';

/** As the URLs of `getPlayback` have it. */
const EdgeQuery = z.object({
  edge: NodeMark.optional().meta({
    description: 'The edge that is to play, as the URL of `getPlayback` names it. Another node plays if it cannot.',
  }),
});

const offerOperation = (kind: RtcKind, path: string, operationId: string, summary: string, description: string) =>
  createRoute({
    method: 'post',
    path,
    operationId,
    summary,
    description,
    tags,
    security: SECURITY[kind],
    request: {
      params: StreamParams,
      headers: OfferHeaders[kind],
      ...(kind === 'play' && { query: EdgeQuery }),
      body: { required: true, content: { [SDP]: { schema: z.string() } } },
    },
    responses: {
      201: sdpAnswer(kind),
      ...answers.problems(...OFFER, 'unsupported_type', ...REFUSED[kind], ...REPLACED[kind], ...ALWAYS),
    },
  });

/** The effect on a publisher, which is more than the end of the connection. */
const OVER = 'The broadcast ends at once, without a reconnect window. ';

const endOperation = (kind: RtcKind, path: string, operationId: string, summary: string) =>
  createRoute({
    method: 'delete',
    path,
    operationId,
    summary,
    description:
      'The request needs the id of the session and the secret that opened it. ' +
      `${kind === 'publish' ? OVER : ''}${NO_PATCH}`,
    tags,
    security: SECURITY[kind],
    request: { params: SessionParams },
    responses: {
      200: { description: 'The session has ended.' },
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
      'The endpoint follows WHIP (RFC 9725). The offer has H.264 video, Opus audio, or both.',
    ),
    end: endOperation('publish', whipSession, 'endWhip', 'Stop publishing by WebRTC'),
  },
  play: {
    offer: offerOperation(
      'play',
      whep,
      'playWhep',
      'Play by WebRTC',
      'The endpoint follows WHEP. A gated stream needs the play token of a grant.',
    ),
    end: endOperation('play', whepSession, 'endWhep', 'Stop playing by WebRTC'),
  },
} as const;

/** The fields of SRS's own body that count. SRS sends more, and does not need it either. */
const SrsOffer = z
  .object({
    streamurl: z.string().max(1000).meta({
      description: '`webrtc://<host>/live/<stream id>?key=…` or `?token=…`.',
      pattern: SRS_URL_PATTERN,
    }),
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
    description: 'This operation is for pages that use the SRS SDK. The body contains the key or token.',
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
  publish: srs('publish', rtcPublish, 'publishSrs', 'Publish by WebRTC with SRS signalling'),
  play: srs('play', rtcPlay, 'playSrs', 'Play by WebRTC with SRS signalling'),
} as const;

/** `<stream id>.flv`. */
const FlvFile = z.string().regex(/^[a-z0-9]{16}\.flv$/, 'use <stream id>.flv');

export const playFlv = createRoute({
  method: 'get',
  path: flv,
  operationId: 'playFlv',
  summary: 'Find the HTTP-FLV of a stream',
  description:
    'Redirects to `/live/<stream id>.flv`, where media nodes answer. ' +
    'Use `playback.flv` of the stream: this path is removed in the next version.',
  tags,
  security: [{ playTokenQuery: [] }, { playToken: [] }],
  request: {
    params: z.object({ file: FlvFile }),
    query: z.object({ token: z.string().max(200).optional() }),
  },
  responses: {
    307: { description: 'The place of the media.', headers: z.object({ Location: z.string() }) },
    ...answers.problems('bad_request', 'stream_not_found'),
  },
});
