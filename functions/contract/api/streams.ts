import { z } from 'zod';
import { ChatSettings } from '../chat/settings';
import { SessionHealth } from '../hooks/session-health';
import { BroadcastId, NodeId, Policy, SessionId, StreamId, StreamKey } from '../ids';
import { MediaReport, MediaWarning } from '../media-report';
import { SessionRole } from '../objects/metadata';
import { RenditionReports } from '../packaging';
import { EndReason } from '../state';
import { nextCursor, Time } from './shapes';
import {
  allowedOrigins,
  dvrWindowSeconds,
  edges,
  encryption,
  hotBackup,
  keyRotationSegments,
  ladder,
  latency,
  maxBitrateBps,
  maxDurationSeconds,
  metadata,
  packaging,
  publisherAddresses,
  reconnectWindowSeconds,
  recording,
  recordingDays,
} from './stream-settings';

export const StreamStatus = z.enum(['idle', 'live', 'reconnecting', 'ended']).meta({
  description:
    '`idle`: the stream was never published. `reconnecting`: its publisher may continue the broadcast. ' +
    'The status is derived from heartbeats at each request.',
});
export type StreamStatus = z.infer<typeof StreamStatus>;

const sessionFields = { id: SessionId, broadcastId: BroadcastId, nodeId: NodeId, startedAt: Time };
const role = SessionRole.optional().meta({
  description: 'Present with hot backup: whether the session was admitted as the primary or as the backup.',
});
const ending = { endedAt: Time.optional(), endReason: EndReason.optional() };
export const SessionAnswer = z
  .object({
    ...sessionFields,
    ...ending,
    role,
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
  encryption,
  keyRotationSegments: keyRotationSegments.optional(),
  edges,
  chat: ChatSettings.meta({ description: 'The chat of the stream.' }),
  hotBackup,
  metadata,
  owner: z
    .string()
    .optional()
    .meta({ description: 'The subject of the publisher that owns the stream. If absent, the operator owns it.' }),
  createdAt: Time,
  suspended: z.object({ at: Time, reason: z.string().optional() }).optional(),
  previousKeyUntil: Time.optional().meta({ description: 'The time until which the previous key is also valid.' }),
  session: z
    .object({
      ...sessionFields,
      region: z.string().optional().meta({ description: "The region of the session's node, while the node is known." }),
      ...ending,
      role,
    })
    .optional()
    .meta({ description: 'The newest session; with hot backup the one whose media viewers get.' }),
  backup: z
    .object({ ...sessionFields, role })
    .optional()
    .meta({ description: 'The session that stands by. Present with hot backup, while its publisher is there.' }),
  media: MediaReport.optional().meta({
    description:
      'The properties of the media that the publisher sends. Present while the stream is live, after its first ' +
      'segments.',
  }),
  health: SessionHealth.omit({ problems: true }).optional().meta({
    description: 'How the publisher and the upload do now. Present while the stream is live.',
  }),
  renditions: RenditionReports.optional().meta({
    description: 'The renditions of a stream in `cmaf`, as the node makes them now. Present while the stream is live.',
  }),
  warnings: z
    .array(MediaWarning)
    .optional()
    .meta({ description: 'Problems to fix in the encoder. Present while the stream is live.' }),
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

/** The ingest of each region of an environment with two. */
const ingestRegions = z
  .array(
    z.object({
      region: z.string().meta({ example: 'europe-west4' }),
      role: z.enum(['primary', 'backup']),
      rtmp: z.object({ server: rtmpServer }),
    }),
  )
  .meta({
    description:
      'The ingest of each region, for an encoder that takes a primary and a backup server. The nearest to the caller ' +
      'is the primary. Absent where the service has one region.',
  });

export const StreamAnswer = z
  .object({
    ...streamFields,
    ingest: z.object({
      rtmp: z.object({ server: rtmpServer }),
      rtmps: z.object({ server: rtmpsServer }).optional(),
      regions: ingestRegions.optional(),
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
    encryption: streamFields.encryption,
    dvrWindowSeconds: streamFields.dvrWindowSeconds,
    chat: streamFields.chat,
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
      regions: ingestRegions.optional(),
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

/** A stream in the form that fits the caller's role. */
export const ShownStream = z.union([StreamAnswer, ViewerStreamAnswer]);
export type ShownStream = z.infer<typeof ShownStream>;
export const StreamPage = z.object({ streams: z.array(ShownStream), nextCursor }).meta({ id: 'StreamPage' });
