import { z } from 'zod';
import { BroadcastId, NodeId, Policy, SessionId, StreamId, StreamKey } from '../ids';
import { Latency } from '../latency';
import { DvrWindowSeconds, ReconnectWindowSeconds } from '../limits';
import { MediaReport, MediaWarning } from '../media-report';
import { Ladder, Packaging, RenditionReports } from '../packaging';
import { EndReason } from '../state';
import { WebOrigin } from '../web-origin';
import { nextCursor, PageQuery, Time } from './shapes';

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
    description: `Your own data, with at most ${MAX_METADATA} keys. The service does not interpret it.`,
    example: { room: '12' },
    propertyNames: { pattern: METADATA_KEY.source },
    maxProperties: MAX_METADATA,
  });

const title = z.string().trim().min(1).max(200).meta({ example: 'Town hall', pattern: '\\S' });
const recording = z.boolean().meta({
  description: 'Whether each broadcast is kept as a VOD playlist. A change takes effect with the next broadcast.',
});
const dvrWindowSeconds = DvrWindowSeconds.meta({
  description:
    'The length of the live playlist, in which viewers can seek back. A change takes effect with the next session.',
});
const reconnectWindowSeconds = ReconnectWindowSeconds.meta({
  description: 'The time in which a publisher can reconnect and continue the same broadcast.',
});
const allowedOrigins = z.array(WebOrigin).min(1).max(20).meta({
  description: 'The web origins whose scripts may read responses of this stream. If absent, every origin may.',
});
const publisherAddresses = z.array(Address).min(1).max(50).meta({
  description:
    'The addresses from which publishing is allowed by RTMP, RTMPS and SRT. If absent, every address is allowed.',
});
const maxBitrateBps = z.int().min(100_000).max(100_000_000).meta({
  description:
    'The maximum bitrate of a segment. A publisher above it is disconnected and may publish again after 30 s.',
});
const maxDurationSeconds = z
  .int()
  .min(60)
  .max(604_800)
  .meta({ description: 'The maximum length of a broadcast, reconnections included. The broadcast is ended after it.' });

const recordingDays = z
  .int()
  .min(1)
  .max(3650)
  .meta({
    description:
      'The days for which a recording is kept after its broadcast was finished. ' +
      'A change takes effect for all recordings of the stream.',
  });

const packaging = Packaging.meta({
  description:
    '`ts`: HLS with the MPEG-TS segments of the encoder. `cmaf`: HLS and MPEG-DASH with fragmented MP4. ' +
    'It cannot be changed later.',
});
const ladder = Ladder.meta({
  description:
    'The renditions made beside the one of the encoder: `sd` has 480p and 240p, `hd` has 720p, 480p and 360p, ' +
    'none larger than the source. It needs `cmaf`. A change takes effect with the next session.',
});

const latency = Latency.meta({
  description:
    '`low`: the stream is also delivered by low-latency HLS, some two seconds behind the encoder. ' +
    'It needs the policy `open`. A change takes effect with the next session.',
});

export const CreateStream = z
  .strictObject({
    title,
    policy: Policy.default('open').meta({
      description: '`open`: everybody may watch. `gated`: viewers need a grant. The policy cannot be changed later.',
    }),
    recording: recording.default(true),
    dvrWindowSeconds: dvrWindowSeconds.default(30),
    reconnectWindowSeconds: reconnectWindowSeconds.optional(),
    allowedOrigins: allowedOrigins.optional(),
    publisherAddresses: publisherAddresses.optional(),
    maxBitrateBps: maxBitrateBps.optional(),
    maxDurationSeconds: maxDurationSeconds.optional(),
    recordingDays: recordingDays.optional(),
    packaging: packaging.optional(),
    ladder: ladder.optional(),
    latency: latency.optional(),
    metadata: Metadata.default({}),
  })
  .meta({ id: 'CreateStream' });
export type CreateStream = z.infer<typeof CreateStream>;

const OR_NONE = 'Use null to remove the setting.';
/** Changes to a stream. Absent fields stay as they are. */
export const PatchStream = z
  .strictObject({
    title: title.optional(),
    policy: Policy.optional().meta({
      description: 'The policy cannot be changed: any value but the present one is answered with 409.',
    }),
    recording: recording.optional(),
    dvrWindowSeconds: dvrWindowSeconds.optional(),
    reconnectWindowSeconds: reconnectWindowSeconds.optional(),
    allowedOrigins: allowedOrigins.nullish().meta({ description: OR_NONE }),
    publisherAddresses: publisherAddresses.nullish().meta({ description: OR_NONE }),
    maxBitrateBps: maxBitrateBps.nullish().meta({ description: OR_NONE }),
    maxDurationSeconds: maxDurationSeconds.nullish().meta({ description: OR_NONE }),
    recordingDays: recordingDays.nullish().meta({ description: 'Use null for the setting of the environment.' }),
    ladder: ladder.optional(),
    latency: latency.optional(),
    metadata: Metadata.optional().meta({ description: 'Replaces all metadata of the stream.' }),
  })
  .meta({ id: 'PatchStream' });
export type PatchStream = z.infer<typeof PatchStream>;

export const StreamStatus = z.enum(['idle', 'live', 'reconnecting', 'ended']).meta({
  description:
    '`idle`: the stream was never published. `reconnecting`: its publisher may continue the broadcast. ' +
    'The status is derived from heartbeats at each request.',
});
export type StreamStatus = z.infer<typeof StreamStatus>;

const sessionFields = { id: SessionId, broadcastId: BroadcastId, nodeId: NodeId, startedAt: Time };
const ending = { endedAt: Time.optional(), endReason: EndReason.optional() };
export const SessionAnswer = z
  .object({
    ...sessionFields,
    ...ending,
    live: z.boolean().meta({ description: 'Whether the session receives media.' }),
  })
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
  recordingDays: recordingDays.optional(),
  packaging,
  ladder,
  latency,
  metadata: Metadata,
  owner: z
    .string()
    .optional()
    .meta({ description: 'The subject of the publisher that owns the stream. If absent, the operator owns it.' }),
  createdAt: Time,
  suspended: z.object({ at: Time, reason: z.string().optional() }).optional(),
  previousKeyUntil: Time.optional().meta({ description: 'The time until which the previous key is also valid.' }),
  session: z
    .object({ ...sessionFields, ...ending })
    .optional()
    .meta({ description: 'The newest session.' }),
  media: MediaReport.optional().meta({
    description:
      'The properties of the media that the publisher sends. Present while the stream is live, after its first ' +
      'segments.',
  }),
  renditions: RenditionReports.optional().meta({
    description: 'The renditions of a stream in `cmaf`, as the node makes them now. Present while the stream is live.',
  }),
  warnings: z
    .array(MediaWarning)
    .optional()
    .meta({ description: 'Problems to fix in the encoder. Present together with `media`.' }),
  playback: z.object({
    hls: z
      .url()
      .meta({ description: 'The URL of the multivariant playlist. It answers 403 or 404 before the first segment.' }),
    dash: z.url().optional().meta({
      description: 'The URL of the MPD of the newest broadcast. Present for `cmaf`, once the stream was published.',
    }),
    lowLatencyHls: z
      .url()
      .optional()
      .meta({
        description:
          'The URL of low-latency HLS. Present for the latency `low`. It answers 404 before the first segment. ' +
          'Players move over to `hls` by themselves.',
      }),
    whep: z
      .url()
      .meta({ description: 'The WHEP endpoint for WebRTC. A gated stream needs a play token as the bearer token.' }),
    webrtc: z.string().meta({
      description: 'The WebRTC URL for players of the SRS SDK. A gated stream needs `?token=<play token>`.',
      example: 'webrtc://live.example.com/live/abcdefgh01234567',
    }),
    flv: z.url().meta({
      description: 'The URL for HTTP-FLV, a response without an end. A gated stream needs `?token=<play token>`.',
    }),
  }),
};
const whip = z.object({
  url: z
    .url()
    .meta({ description: 'The WHIP endpoint (RFC 9725). Post the offer with `Authorization: Bearer <stream key>`.' }),
});
const srtServer = z.string().meta({
  description: 'The address of one node. It can change: read it again before each event.',
  example: 'srt://203.0.113.7:10080',
});
const rtmpsServer = z.string().meta({
  description: 'The server field of an encoder, for RTMP over TLS.',
  example: 'rtmps://rtmps.live.example.com/live',
});
const rtmpServer = z
  .string()
  .meta({ description: 'The server field of an encoder.', example: 'rtmp://ingest.example.com/live' });

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

/** A stream as a viewer sees it, without its publisher, addresses and rules. */
export const ViewerStreamAnswer = z
  .strictObject({
    id: streamFields.id,
    title: streamFields.title,
    status: streamFields.status,
    policy: streamFields.policy,
    recording: streamFields.recording,
    packaging: streamFields.packaging,
    ladder: streamFields.ladder,
    latency: streamFields.latency,
    dvrWindowSeconds: streamFields.dvrWindowSeconds,
    metadata: streamFields.metadata,
    createdAt: streamFields.createdAt,
    suspended: z.strictObject({ at: Time }).optional(),
    session: z
      .strictObject({ id: SessionId, broadcastId: BroadcastId, startedAt: Time, endedAt: Time.optional() })
      .optional(),
    media: streamFields.media,
    playback: streamFields.playback,
  })
  .meta({ id: 'StreamOfViewer' });
export type ViewerStreamAnswer = z.infer<typeof ViewerStreamAnswer>;

const streamKey = z.string().meta({ description: 'The stream key field of an encoder.' });

/** The only answers with the key. */
export const StreamWithKey = z
  .object({
    ...streamFields,
    key: StreamKey.meta({ description: 'Shown only in this answer. The service stores a hash, not the key.' }),
    ingest: z.object({
      rtmp: z.object({ server: rtmpServer, streamKey }),
      rtmps: z.object({ server: rtmpsServer, streamKey }).optional(),
      whip,
      webrtc: z.object({
        url: z.string().meta({ description: 'The URL for the SRS SDK. It contains the stream key.' }),
      }),
      srt: z
        .object({
          server: srtServer,
          streamId: z.string().meta({
            description: 'The `streamid` of SRT. Use it without percent-encoding, because SRS does not decode it.',
          }),
          url: z.string().meta({
            description: 'The server and the `streamid` as one URL, for ffmpeg and for the server field of OBS.',
          }),
        })
        .optional(),
    }),
  })
  .meta({ id: 'StreamWithKey' });
export type StreamWithKey = z.infer<typeof StreamWithKey>;

export const StreamQuery = PageQuery.extend({
  status: StreamStatus.optional(),
  policy: Policy.optional(),
  title: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'The first characters of the title, case-sensitive.' }),
});
export type StreamQuery = z.infer<typeof StreamQuery>;
/** A stream in the form that fits the caller's role. */
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
      .meta({
        description:
          'The time in which the previous key stays valid. After it, a session with the previous key is ended. ' +
          'With 0 this happens at once.',
      }),
  })
  .meta({ id: 'RotateKey' });
export const SuspendStream = z
  .strictObject({ reason: z.string().trim().min(1).max(200).meta({ pattern: '\\S' }).optional() })
  .meta({ id: 'SuspendStream' });
export const Nothing = z.strictObject({}).meta({ id: 'Nothing' });
