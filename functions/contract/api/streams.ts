import { z } from 'zod';
import { BroadcastId, NodeId, Policy, SessionId, StreamId, StreamKey } from '../ids';
import { MediaReport, MediaWarning } from '../media-report';
import { EndReason } from '../state';
import { nextCursor, PageQuery, Time } from './shapes';

/** Scheme, host and port, as a browser sends it. https://www.rfc-editor.org/rfc/rfc6454#section-6.2 */
export const Origin = z
  .string()
  .regex(
    /^https?:\/\/[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[1-9][0-9]{0,4})?$/,
    "use an origin in lower case, like 'https://www.example.com'",
  )
  .meta({ example: 'https://www.example.com' });

const Address = z
  .union(
    [z.ipv4().meta({ format: 'ipv4' }), z.ipv6().meta({ format: 'ipv6' }), z.cidrv4(), z.cidrv6()],
    'use an IP address or a CIDR block',
  )
  .meta({ example: '192.0.2.0/24' });

const MAX_METADATA = 20;
const METADATA_KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/;
const Metadata = z
  .record(
    z.string().regex(METADATA_KEY, "use 1-40 of A-Z, a-z, 0-9, '_', '.', '-', a letter or digit first"),
    z.string().max(500),
  )
  .refine((metadata) => Object.keys(metadata).length <= MAX_METADATA, `at most ${MAX_METADATA} keys`)
  .meta({
    description: `Your own, at most ${MAX_METADATA} keys. Not interpreted.`,
    example: { room: '12' },
    propertyNames: { pattern: METADATA_KEY.source },
    maxProperties: MAX_METADATA,
  });

const title = z.string().trim().min(1).max(200).meta({ example: 'Town hall', pattern: '\\S' });
const recording = z
  .boolean()
  .meta({ description: 'Keep what was published as a VOD playlist. A change holds from the next broadcast.' });
const dvrWindowSeconds = z
  .int()
  .min(10)
  .max(3600)
  .meta({ description: 'How far back the live playlist reaches. A change holds from the next publish.' });
const reconnectWindowSeconds = z
  .int()
  .min(0)
  .max(1800)
  .meta({ description: 'How long a publisher may be away and go on with the same broadcast.' });
const allowedOrigins = z
  .array(Origin)
  .min(1)
  .max(20)
  .meta({ description: 'Pages whose scripts may read the answers of this stream. Absent: any.' });
const publisherAddresses = z.array(Address).min(1).max(50).meta({
  description: 'Who may publish. Absent: any address. It holds for RTMP, RTMPS and SRT.',
});
const maxBitrateBps = z
  .int()
  .min(100_000)
  .max(100_000_000)
  .meta({ description: 'A publisher with a segment above this is cut, and taken again after 30 s.' });
const maxDurationSeconds = z
  .int()
  .min(60)
  .max(604_800)
  .meta({ description: 'A broadcast is cut after this, however often its publisher came back.' });

export const CreateStream = z
  .strictObject({
    title,
    policy: Policy.default('open').meta({ description: 'Who may watch: for good.' }),
    recording: recording.default(true),
    dvrWindowSeconds: dvrWindowSeconds.default(30),
    reconnectWindowSeconds: reconnectWindowSeconds.optional(),
    allowedOrigins: allowedOrigins.optional(),
    publisherAddresses: publisherAddresses.optional(),
    maxBitrateBps: maxBitrateBps.optional(),
    maxDurationSeconds: maxDurationSeconds.optional(),
    metadata: Metadata.default({}),
  })
  .meta({ id: 'CreateStream' });
export type CreateStream = z.infer<typeof CreateStream>;

const OR_NONE = 'null removes it.';
/** What stays away stays as it is. */
export const PatchStream = z
  .strictObject({
    title: title.optional(),
    policy: Policy.optional().meta({ description: 'Only what it is already: another one answers 409.' }),
    recording: recording.optional(),
    dvrWindowSeconds: dvrWindowSeconds.optional(),
    reconnectWindowSeconds: reconnectWindowSeconds.optional(),
    allowedOrigins: allowedOrigins.nullish().meta({ description: OR_NONE }),
    publisherAddresses: publisherAddresses.nullish().meta({ description: OR_NONE }),
    maxBitrateBps: maxBitrateBps.nullish().meta({ description: OR_NONE }),
    maxDurationSeconds: maxDurationSeconds.nullish().meta({ description: OR_NONE }),
    metadata: Metadata.optional().meta({ description: 'Replaces all of it.' }),
  })
  .meta({ id: 'PatchStream' });
export type PatchStream = z.infer<typeof PatchStream>;

export const StreamStatus = z.enum(['idle', 'live', 'reconnecting', 'ended']).meta({
  description:
    '`idle`: never published yet. `reconnecting`: its publisher may come back in time. Derived from heartbeats at each reading.',
});

const sessionFields = { id: SessionId, broadcastId: BroadcastId, nodeId: NodeId, startedAt: Time };
const ending = { endedAt: Time.optional(), endReason: EndReason.optional() };
export const SessionAnswer = z
  .object({ ...sessionFields, ...ending, live: z.boolean().meta({ description: 'Media comes in.' }) })
  .meta({ id: 'Session' });
export type SessionAnswer = z.infer<typeof SessionAnswer>;
export const SessionPage = z.object({ sessions: z.array(SessionAnswer), nextCursor }).meta({ id: 'SessionPage' });

const streamFields = {
  id: StreamId,
  title: z.string(),
  status: StreamStatus,
  policy: Policy,
  recording,
  dvrWindowSeconds,
  reconnectWindowSeconds,
  allowedOrigins: allowedOrigins.optional(),
  publisherAddresses: publisherAddresses.optional(),
  maxBitrateBps: maxBitrateBps.optional(),
  maxDurationSeconds: maxDurationSeconds.optional(),
  metadata: Metadata,
  owner: z.string().optional().meta({ description: 'Subject of the publisher it belongs to; absent: the operator.' }),
  createdAt: Time,
  suspended: z.object({ at: Time, reason: z.string().optional() }).optional(),
  previousKeyUntil: Time.optional().meta({ description: 'Until then the key before this one is good too.' }),
  session: z
    .object({ ...sessionFields, ...ending })
    .optional()
    .meta({ description: 'The newest publish.' }),
  media: MediaReport.optional().meta({
    description: 'What the publisher sends, once its first segments were looked at. Live only.',
  }),
  warnings: z.array(MediaWarning).optional().meta({ description: 'What to change in the encoder; with `media`.' }),
  playback: z.object({
    hls: z.url().meta({ description: 'Multivariant playlist. Before the first segment: 403 or 404, as its storage says.' }),
    whep: z.url().meta({ description: 'WebRTC: a WHEP offer is posted there; of a gated stream with a play token as Bearer.' }),
    webrtc: z.string().meta({
      description: 'The same for players of SRS’s own SDK; of a gated stream with `?token=<play token>`.',
      example: 'webrtc://live.example.com/live/abcdefgh01234567',
    }),
    flv: z.url().meta({ description: 'HTTP-FLV, without end; of a gated stream with `?token=<play token>`.' }),
  }),
};
const whip = z.object({
  url: z.url().meta({ description: 'RFC 9725: post an offer there, with `Authorization: Bearer <stream key>`.' }),
});
const srtServer = z.string().meta({
  description: 'One node’s own address, which may be gone tomorrow: ask again before each event.',
  example: 'srt://203.0.113.7:10080',
});
const rtmpsServer = z.string().meta({
  description: 'The same through TLS.',
  example: 'rtmps://rtmps.live.example.com/live',
});
const rtmpServer = z.string().meta({ description: "An encoder's server field.", example: 'rtmp://ingest.example.com/live' });

export const StreamAnswer = z
  .object({
    ...streamFields,
    ingest: z.object({
      rtmp: z.object({ server: rtmpServer }),
      rtmps: z.object({ server: rtmpsServer }).optional(),
      whip,
      srt: z.object({ server: srtServer }).optional(),
    }),
  })
  .meta({ id: 'Stream' });
export type StreamAnswer = z.infer<typeof StreamAnswer>;

/** What a viewer is shown of a stream: nothing about who publishes it, whence, where to, or by which rules. */
export const ViewerStreamAnswer = z
  .strictObject({
    id: streamFields.id,
    title: streamFields.title,
    status: streamFields.status,
    policy: streamFields.policy,
    recording: streamFields.recording,
    dvrWindowSeconds: streamFields.dvrWindowSeconds,
    metadata: streamFields.metadata,
    createdAt: streamFields.createdAt,
    suspended: z.strictObject({ at: Time }).optional(),
    session: z.strictObject({ id: SessionId, broadcastId: BroadcastId, startedAt: Time, endedAt: Time.optional() }).optional(),
    media: streamFields.media,
    playback: streamFields.playback,
  })
  .meta({ id: 'StreamOfViewer' });
export type ViewerStreamAnswer = z.infer<typeof ViewerStreamAnswer>;

const streamKey = z.string().meta({ description: "An encoder's stream key field." });

/** The only answers with the key. */
export const StreamWithKey = z
  .object({
    ...streamFields,
    key: StreamKey.meta({ description: 'Shown once: kept nowhere.' }),
    ingest: z.object({
      rtmp: z.object({ server: rtmpServer, streamKey }),
      rtmps: z.object({ server: rtmpsServer, streamKey }).optional(),
      whip,
      webrtc: z.object({ url: z.string().meta({ description: 'The same for SRS’s own SDK, with the key in it.' }) }),
      srt: z
        .object({
          server: srtServer,
          streamId: z.string().meta({ description: 'SRT’s `streamid`, as it is: SRS decodes nothing.' }),
          url: z.string().meta({ description: 'Both in one, as ffmpeg takes it and OBS in its server field.' }),
        })
        .optional(),
    }),
  })
  .meta({ id: 'StreamWithKey' });
export type StreamWithKey = z.infer<typeof StreamWithKey>;

export const StreamQuery = PageQuery.extend({
  status: StreamStatus.optional(),
  policy: Policy.optional(),
  title: z.string().min(1).max(200).optional().meta({ description: 'What the title begins with, case and all.' }),
});
export type StreamQuery = z.infer<typeof StreamQuery>;
/** As whoever asks is shown it. */
export const ShownStream = z.union([StreamAnswer, ViewerStreamAnswer]);
export type ShownStream = z.infer<typeof ShownStream>;
export const StreamPage = z.object({ streams: z.array(ShownStream), nextCursor }).meta({ id: 'StreamPage' });

export const RotateKey = z
  .strictObject({
    graceSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(300)
      .meta({ description: 'How long the present key stays good beside the new one. Then its session is cut. 0: at once.' }),
  })
  .meta({ id: 'RotateKey' });
export const SuspendStream = z
  .strictObject({ reason: z.string().trim().min(1).max(200).meta({ pattern: '\\S' }).optional() })
  .meta({ id: 'SuspendStream' });
export const Nothing = z.strictObject({}).meta({ id: 'Nothing' });
