import { z } from 'zod';
import { PlaybackWay } from '../api/playback';
import { BroadcastId, StreamId } from '../ids';

const time = z.int().nonnegative();
const total = z.number().nonnegative();

/** A viewing as its beacons told it, the totals capped by what can be. Times in milliseconds since the epoch. */
export const Viewing = z.tuple([
  /** A hash of the stream and the viewing's random name. */
  z.string().regex(/^[0-9a-f]{12}$/),
  /** The number of its newest beacon. */
  z.int().positive(),
  /** Its first beacon, and its newest one. */
  time,
  time,
  /** The time when it counts as gone; 0: it said so. */
  time,
  PlaybackWay,
  /** Seconds played, stalls, and seconds stalled. */
  total,
  total,
  total,
  /** Milliseconds. */
  total,
]);
export type Viewing = z.infer<typeof Viewing>;

/** More than this are sampled: the document stays small, and the error below some 3 %. */
export const MAX_VIEWINGS = 2000;

/**
 * `audiences/{streamId}`: the viewers of the newest broadcast that was watched, as all instances of the api counted
 * them. A viewing leaves it some minutes after its last beacon.
 */
export const Audience = z.object({
  streamId: StreamId,
  broadcastId: BroadcastId,
  /** One viewing in 2^level is kept, by its hash. */
  level: z.int().min(0).max(40),
  /** JSON of `Viewing[]`: one text, because each field of a map would be indexed. */
  viewings: z.string().max(900_000),
  countedAt: time,
  peak: z.object({ viewers: z.int().nonnegative(), at: time }),
  totals: z.object({ viewings: total, playedSeconds: total, stalls: total, stalledSeconds: total, startupMs: total }),
  /** The most viewers of each minute, the newest last. */
  minutes: z.array(z.object({ at: time, viewers: z.int().nonnegative() })).max(60),
});
export type Audience = z.infer<typeof Audience>;
