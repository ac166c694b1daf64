import { z } from 'zod';
import { BroadcastId, Policy, Rendition, SessionId } from '../ids';
import { jsonText } from '../json-text';
import { CommonScheme, ContentKeyId, InitializationVector } from './encryption';

/**
 * Custom metadata of the objects. Cloud Storage keeps strings only, so every schema here takes strings in; `encode`
 * writes them.
 */
const int = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,15})$/, 'use a whole number')
  .transform(Number);
const bool = z.enum(['true', 'false']).transform((text) => text === 'true');

/**
 * Attributes of a rendition in the multivariant playlist (RFC 8216 4.3.4.2). `bandwidth` in bit/s: a peak, never
 * falling.
 */
export const RenditionAttributes = z.object({
  bandwidth: z.int().positive(),
  /** The average of all segments so far, in bit/s. */
  averageBandwidth: z.int().positive().optional(),
  codecs: z
    .string()
    .regex(/^[\w.,-]{1,100}$/)
    .optional(),
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
  frameRate: z.number().positive().optional(),
  /** The channels of the sound. */
  channels: z.int().min(1).max(64).optional(),
});
export type RenditionAttributes = z.infer<typeof RenditionAttributes>;

/** A rendition of a session in CMAF, described by its media. */
export const DescribedRendition = z.object({
  name: Rendition,
  kind: z.enum(['video', 'audio']),
  attributes: RenditionAttributes,
});
export type DescribedRendition = z.infer<typeof DescribedRendition>;

/** The part of a session in a stream with hot backup, as it was admitted. */
export const SessionRole = z.enum(['primary', 'backup']);
export type SessionRole = z.infer<typeof SessionRole>;

/** Beside a session playlist: all hls-publisher needs to know, so that it asks no database. */
export const SessionPlaylistMetadata = z.object({
  policy: Policy,
  broadcast: BroadcastId,
  ordinal: int,
  /** Length of the live playlist in seconds (30 without a DVR window). */
  window: int,
  /** True once the agent will add nothing more. */
  ended: bool,
  /** True once nothing follows this session in its broadcast: somebody stopped it. Only of one that ended. */
  final: bool.optional(),
  /** True for a browser: nobody there can set how often a keyframe comes. */
  browser: bool.optional(),
  /** Present for a stream with hot backup: a backup is for viewers once the others end or fall silent. */
  role: SessionRole.optional(),
  /** The session that was the primary when this backup was admitted. */
  backupOf: SessionId.optional(),
  /** The node's clock when it wrote this, in milliseconds: beside the store's it tells how wrong that clock is. */
  writtenAt: int.optional(),
  /** True where its segments need keys, which are on the public host alone. */
  encrypted: bool.optional(),
  attributes: jsonText(RenditionAttributes),
  /** The renditions of a session in CMAF; absent: the one of the encoder, in transport streams. */
  renditions: jsonText(z.array(DescribedRendition).max(8)).optional(),
});
export type SessionPlaylistMetadata = z.infer<typeof SessionPlaylistMetadata>;

/**
 * A date range of a playlist: a message of the stream's owner, at the time in the media to which it belongs. Times in
 * milliseconds, `startMs` since the epoch. `data`: the text as `encodeMetadataText` writes it.
 */
export const DateRange = z.object({
  id: z.string().regex(/^[\w.-]{1,64}$/),
  startMs: z.int().nonnegative(),
  durationMs: z.int().nonnegative().optional(),
  data: z
    .string()
    .regex(/^[\x20-\x7e]+$/)
    .refine((data) => !data.includes('"'))
    .max(3 << 10),
});
export type DateRange = z.infer<typeof DateRange>;

/** Beside a segment: what a recording needs, so that listing a session's prefix is enough. */
export const SegmentMetadata = z.object({
  durationMs: int,
  /** Wall clock of the first frame, ISO 8601 in UTC with milliseconds. */
  programDateTime: z.iso.datetime({ precision: 3 }),
  /** True if this segment does not follow on from the one before it in its session. */
  discontinuity: bool,
  /** File of the init segment a fragment needs, in the same folder; absent for transport streams. */
  init: z
    .string()
    .regex(/^init-[0-9a-f]{16}\.mp4$/)
    .optional(),
  /** Those that begin in this segment; absent: none. Beside the source's segments only. */
  dateRanges: jsonText(z.array(DateRange)).optional(),
  /** The content key the segment is encrypted with, never its bytes; absent: it is in the clear. */
  keyId: ContentKeyId.optional(),
  /** The vector of a whole segment in AES-128. */
  iv: InitializationVector.optional(),
  /** The scheme of a fragment in Common Encryption; its vectors are in the media. */
  scheme: CommonScheme.optional(),
});
export type SegmentMetadata = z.infer<typeof SegmentMetadata>;

/** The segments of a session that viewers had, both included; absent: from its first, to its last. `to` -1: none. */
export const OnAir = z.object({
  session: SessionId,
  from: z.int().nonnegative().optional(),
  to: z.int().min(-1).optional(),
});
export type OnAir = z.infer<typeof OnAir>;

const LiveNumbers = z.object({
  targetDurationSeconds: z.int().min(1),
  mediaSequence: z.int().min(0),
  discontinuitySequence: z.int().min(0),
});

/** Beside a live playlist: the newest source it contains. `generation` is Cloud Storage's, a decimal string. */
export const LivePlaylistMetadata = z.object({
  session: SessionId,
  ordinal: int,
  generation: z.string().regex(/^[0-9]{1,20}$/),
  /** Highest segment number of `session` that was taken in; -1 is written as `none`. */
  lastNumber: z.union([z.literal('none').transform(() => -1), int]),
  /** The sessions that a change to a backup ended or began; absent: there was none. */
  onAir: jsonText(z.array(OnAir)).optional(),

  /** The numbers with which it goes on, where two regions write it; absent with one. */
  after: jsonText(LiveNumbers).optional(),
});
export type LivePlaylistMetadata = z.infer<typeof LivePlaylistMetadata>;

/** Beside an MPD: when the Periods it names began, in milliseconds since the epoch, by their ids. */
export const MpdMetadata = z.object({ periodStarts: jsonText(z.record(z.string(), z.number())) });
export type MpdMetadata = z.infer<typeof MpdMetadata>;

/** Beside index.m3u8: which broadcast it shows; `ordinal` is that of the newest session it knows. */
export const IndexMetadata = z.object({ broadcast: BroadcastId, ordinal: int });
export type IndexMetadata = z.infer<typeof IndexMetadata>;

/** The strings Cloud Storage keeps for `metadata`: objects as JSON, -1 as `none`, absent stays absent. */
export function encodeMetadata(
  metadata: Readonly<Record<string, string | number | boolean | object | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).flatMap(([key, value]) => {
      if (value === undefined) return [];
      if (value === -1) return [[key, 'none']];
      return [[key, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );
}

/** Beside a steering manifest: the order of CDNs that an operator set, by their names; absent: the weights hold. */
export const SteeringMetadata = z.object({
  priority: z
    .string()
    .transform((text) => text.split(','))
    .optional(),
});
