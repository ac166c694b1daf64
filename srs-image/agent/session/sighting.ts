import { describeTracks, type Media } from '../inspect/codecs';
import { heldMsOf, type Probe, type TrackProbe } from '../inspect/probe';
import type { SrsMedia } from '../runtime/ports';
import type { SegmentFile } from './ports';
import type { SessionState } from './session-state';

/** A publisher says that it sends these, whether they came yet or not. */
export interface Offers {
  video: boolean;
  audio: boolean;
}

/**
 * A track that begins this much later than the other is not there yet: a player would wait for it at the segment's
 * beginning.
 */
const LATE_MS = 1000;
/** Two clocks that are this far apart say nothing of each other. */
const APART_MS = 10_000;
/** So long a viewer waits for a track that was offered. */
const LEADING_MS = 10_000;

/** Returns the tracks that a player finds from the beginning of a segment. */
function tracksOf({ video, audio }: Probe): Offers {
  return { video: isThere(video, audio), audio: isThere(audio, video) };
}

function isThere(track: TrackProbe | undefined, other: TrackProbe | undefined): boolean {
  if (track === undefined) return false;
  if (other === undefined) return true;
  const lateMs = track.startMs - other.startMs;
  // As long as the other one, only on a clock of its own: it is there from the beginning.
  return lateMs <= LATE_MS || lateMs >= APART_MS || track.heldMs * 2 >= other.heldMs;
}

/**
 * A connection's first segments that lack a track it offers: a player that began with them would never play that track.
 * They are left out, for 10 s at most, so that every player starts with both.
 */
export function isLeftOut(
  state: SessionState,
  file: SegmentFile,
  seen: Probe | undefined,
  offers: Offers | undefined,
): boolean {
  const { last, client } = state;
  const isLeading = last === undefined || last.openedAt < client.since;
  if (!isLeading || seen === undefined || offers === undefined || file.openedAt - client.since >= LEADING_MS)
    return false;
  const there = tracksOf(seen);
  return (offers.video && !there.video) || (offers.audio && !there.audio);
}

/** A stub says nothing of a track it does not have. */
const TELLING_MS = 1000;

/** The encoding of a segment, and what the multivariant playlist may say of it. `last`: of the segment before. */
export function describe(
  seen: Probe,
  srs: SrsMedia | undefined,
  last: { format?: string | undefined; media?: Media | undefined } | undefined,
): { format: string; media: Media } {
  const there = tracksOf(seen);
  const heldMs = heldMsOf(seen);
  const video = there.video ? (seen.format.video ?? 'video') : '';
  const audio = there.audio ? (seen.format.audio ?? 'audio') : '';
  const format = `${video}|${audio}`;
  // Without a parameter set its pictures need those from before.
  const saysLittle = heldMs < TELLING_MS || video === 'video';
  if (last?.format !== undefined && last.media !== undefined && saysLittle && isPartOf(format, last.format))
    return { format: last.format, media: last.media };
  return { format, media: describeTracks(seen.format, there, srs) };
}

/** Nothing in it is new. */
const isPartOf = (format: string, whole: string): boolean => {
  const before = whole.split('|');
  return format.split('|').every((track, index) => track === '' || track === 'video' || track === before[index]);
};
