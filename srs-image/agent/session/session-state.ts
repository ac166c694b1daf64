import { z } from 'zod';
import { SessionGrant } from '../../../functions/contract/hooks/srs';
import { SessionEncryption } from '../../../functions/contract/objects/encryption';
import { DescribedRendition } from '../../../functions/contract/objects/metadata';
import { Media } from '../inspect/codecs';

/** Times in milliseconds since the epoch. */
const time = z.int().nonnegative();

/** One connection of SRS that publishes into a session. `since`: when it was admitted. */
export const SessionClient = z.object({ clientId: z.string(), serviceId: z.string(), since: time });
export type SessionClient = z.infer<typeof SessionClient>;

/**
 * Fields of an on_publish that the on_unpublish SRS may owe needs: no `param` and no query, because the key is in
 * there.
 */
export const PublishedAs = z.object({
  server_id: z.string(),
  ip: z.string(),
  vhost: z.string(),
  tcUrl: z.string(),
});
export type PublishedAs = z.infer<typeof PublishedAs>;

/** WHIP and WHEP have no tcUrl, in SRS 5 and 6. */
export const isWebRtc = ({ tcUrl }: Pick<PublishedAs, 'tcUrl'>): boolean => tcUrl === '';

/** First and next time stamp of a track, in milliseconds of its own clock. */
const Span = z.object({ startMs: z.int(), endMs: z.int() });
/** The clocks of a segment's tracks, as they are in the bucket; a track without packets is absent. */
export const TrackClocks = z.object({ video: Span.optional(), audio: Span.optional() });
export type TrackClocks = z.infer<typeof TrackClocks>;

/**
 * Place of a packaged segment in time, and what its renditions need: ticks to the Unix epoch, init segments by
 * rendition.
 */
export const PackagedSegment = z.object({
  shift: z.int(),
  inits: z.record(z.string(), z.string()),
  /** Rungs: still to come (the segment stays in the spool), or settled: what is not in `inits` never comes. */
  rungs: z.enum(['wait', 'settled']),
});
export type PackagedSegment = z.infer<typeof PackagedSegment>;

/** A rendition and how much of it there was, for its average. */
export const MeasuredRendition = DescribedRendition.extend({
  bytes: z.int().nonnegative(),
  mediaMs: z.int().nonnegative(),
});
export type MeasuredRendition = z.infer<typeof MeasuredRendition>;

const Rung = z.object({ name: z.string(), width: z.int(), height: z.int(), bitsPerSecond: z.int() });

/**
 * A session's renditions in CMAF. `plan`: the rungs of the present encoding. `picture`: how the agent set up the last
 * picture it made itself. `isByProgram`: a segment was not plain, and the packager makes those that follow. `isOff`:
 * packaging was given up.
 */
export const PackagedSession = z.object({
  renditions: z.array(MeasuredRendition),
  plan: z.array(Rung),
  picture: z.object({ avcC: z.string(), edit: z.int() }).optional(),
  isByProgram: z.boolean().optional(),
  isOff: z.boolean().optional(),
});
export type PackagedSession = z.infer<typeof PackagedSession>;

/** Timed metadata that waits for the next segment. `at`: when it came; `data` as `encodeMetadataText` writes it. */
export const WaitingMetadata = z.object({
  id: z.string(),
  at: time,
  durationMs: z.int().nonnegative().optional(),
  data: z.string(),
});
export type WaitingMetadata = z.infer<typeof WaitingMetadata>;

/** A segment of a session. `index`: its place among all that were taken, the name of its file in the spool. */
export const SessionSegment = z.object({
  index: z.int().nonnegative(),
  /** Name in SRS's folder, and what that name says. */
  file: z.string(),
  seqNo: z.int().nonnegative(),
  openedAt: time,
  durationMs: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  programDateTimeMs: time,
  discontinuity: z.boolean(),
  /**
   * The difference of this machine's clock from the one that the session began with, if it was set during the session.
   */
  clockSetByMs: z.int().optional(),
  /** The clocks of its packets; absent where they could not be read. */
  clocks: TrackClocks.optional(),
  /** Pictures in it, and those of them that are keyframes: 0 where they are not known, as of HEVC. */
  pictures: z.object({ count: z.int().positive(), keyframes: z.int().nonnegative() }).optional(),
  media: Media.optional(),
  /** Tells one encoding from another: a decoder has to start again when it changes. */
  format: z.string().optional(),
  /** Timed metadata that begins in it, by its distance from the segment's beginning. */
  ranges: z.array(WaitingMetadata.omit({ at: true }).extend({ offsetMs: z.int().nonnegative() })).optional(),
  /** Once it was packaged: a segment in CMAF. */
  packaged: PackagedSegment.optional(),
});
export type SessionSegment = z.infer<typeof SessionSegment>;

/** All that is known of a session: plain data, rebuilt from its journal. */
export const SessionState = z.object({
  grant: SessionGrant,
  /** Absent: its segments are in the clear. Its secret stays in the journal, on the node's memory disk. */
  encryption: SessionEncryption.optional(),
  keyHash: z.string(),
  client: SessionClient,
  publishedAs: PublishedAs,
  /** Length of the session playlist. */
  windowMs: z.int().positive(),
  /** Number of `kept[0]`; the number of `kept[i]` is `firstNumber + i`. */
  firstNumber: z.int().nonnegative(),
  /** The window that was uploaded, then everything that waits, in order. */
  kept: z.array(SessionSegment),
  /** The number of segments of `kept` in the delivery bucket: always the first ones. */
  uploaded: z.int().nonnegative(),
  nextIndex: z.int().nonnegative(),
  /** Discontinuities among the segments that left the window. */
  discontinuitySequence: z.int().nonnegative(),
  /** The segment taken last, whether it was kept or dropped. */
  last: SessionSegment.optional(),
  /** Timed metadata for the segments to come, in order. */
  waiting: z.array(WaitingMetadata).default([]),
  /** The time when the newest of the leading segments that were left out was opened. */
  leftOutAt: time.optional(),
  /** The next segment does not follow on: another client resumed, or one was dropped before it. */
  breakNext: z.boolean(),
  /** Peak in bit/s. */
  bandwidth: z.int().nonnegative(),
  /** The same, as it was. */
  peakBps: z.int().nonnegative().default(0),
  targetDurationSeconds: z.int().positive(),
  media: Media,
  /** Absent: nothing was packaged. */
  cmaf: PackagedSession.optional(),
  /** SRS lets nothing more in. */
  endedAt: time.optional(),
  /** The cloud says that nothing follows it: its broadcast was stopped. */
  final: z.boolean().optional(),
  /** The cloud knows of that end. */
  reported: z.boolean(),
  /** Everything is uploaded and said. */
  finished: z.boolean(),
});
export type SessionState = z.infer<typeof SessionState>;

/** Facts that packaging found out about a segment, which holds from then on. */
export const UploadedInCmaf = z.object({
  segment: PackagedSegment,
  programDateTimeMs: time,
  durationMs: z.int().positive(),
  discontinuity: z.boolean(),
  session: PackagedSession,
});
export type UploadedInCmaf = z.infer<typeof UploadedInCmaf>;

/** One line of a session's journal. */
export const SessionRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('state'), state: SessionState }),
  z.object({ kind: z.literal('resumed'), client: SessionClient, publishedAs: PublishedAs }),
  z.object({ kind: z.literal('taken'), segment: SessionSegment }),
  z.object({ kind: z.literal('left_out'), openedAt: time }),
  z.object({ kind: z.literal('uploaded'), packaged: UploadedInCmaf.optional() }),
  z.object({
    kind: z.literal('rungs'),
    index: z.int().nonnegative(),
    inits: z.record(z.string(), z.string()),
    renditions: z.array(MeasuredRendition),
  }),
  z.object({ kind: z.literal('packaging_off') }),
  z.object({ kind: z.literal('dropped'), index: z.int().nonnegative() }),
  z.object({ kind: z.literal('vanished'), index: z.int().nonnegative() }),
  z.object({ kind: z.literal('media'), media: Media }),
  z.object({ kind: z.literal('ended'), at: time }),
  z.object({ kind: z.literal('metadata'), metadata: WaitingMetadata }),
  z.object({ kind: z.literal('final') }),
  z.object({ kind: z.literal('reported') }),
  z.object({ kind: z.literal('finished') }),
]);
export type SessionRecord = z.infer<typeof SessionRecord>;

export type NewSession = Pick<SessionState, 'grant' | 'encryption' | 'keyHash' | 'client' | 'publishedAs' | 'windowMs'>;

/** A session in which nothing happened yet. */
export const newSession = (start: NewSession): SessionState => ({
  ...start,
  firstNumber: 0,
  kept: [],
  uploaded: 0,
  nextIndex: 0,
  discontinuitySequence: 0,
  waiting: [],
  breakNext: false,
  bandwidth: 0,
  peakBps: 0,
  targetDurationSeconds: 1,
  media: {},
  reported: false,
  finished: false,
});

export const pendingOf = (state: SessionState): readonly SessionSegment[] => state.kept.slice(state.uploaded);
/** Those uploaded whose rungs are still to come, oldest first. */
export const awaitingRungs = (state: SessionState): readonly SessionSegment[] =>
  state.cmaf === undefined
    ? []
    : state.kept.slice(0, state.uploaded).filter(({ packaged }) => packaged?.rungs === 'wait');
/** Nothing comes any more, and nothing waits. */
export const isComplete = (state: SessionState): boolean =>
  state.endedAt !== undefined && state.uploaded === state.kept.length && awaitingRungs(state).length === 0;
export const isOpen = (state: SessionState): boolean => state.endedAt === undefined;
