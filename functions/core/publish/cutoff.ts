import type { EndReason, Node, Session, Stream } from '../../contract/state';

/** The end of a session whose publisher is fine, with its reason. */
export interface Cutoff {
  /** In milliseconds. */
  at: number;
  reason: EndReason;
}

/** A publisher that was cut for what it sends may come back with something else after this. */
export const CUT_PAUSE_MS = 30_000;

/** The earliest end the stream's settings set for `session`; `undefined` when there is none. */
export function cutoffOf(stream: Stream, session: Session): Cutoff | undefined {
  const ends = [keyExpiry(stream, session), durationCap(stream, session)].filter((end) => end !== undefined);
  return ends.reduce<Cutoff | undefined>(
    (first, end) => (first === undefined || end.at < first.at ? end : first),
    undefined,
  );
}

/** The key before the present one is good until its grace is over; older ones are not good at all. */
function keyExpiry(stream: Stream, session: Session): Cutoff | undefined {
  const behind = generationOf(stream) - generationOf(session);
  if (behind <= 0) return undefined;
  return { at: behind === 1 ? (stream.previousKey?.until ?? 0) : 0, reason: 'key_expired' };
}

/** Returns the limit. It counts over a broadcast: an encoder that connects again does not restart the time. */
function durationCap({ maxDurationSeconds, unfinished }: Stream, { broadcastId }: Session): Cutoff | undefined {
  const broadcast = unfinished.find(({ id }) => id === broadcastId);
  if (maxDurationSeconds === undefined || broadcast === undefined) return undefined;
  return { at: broadcast.startedAt + maxDurationSeconds * 1000, reason: 'duration_cap' };
}

/** `stopAll`: the budget guard ends everybody. */
export interface Now {
  node: Pick<Node, 'sessions'> | undefined;
  nowMs: number;
  stopAll?: boolean;
}

/** Returns why a session that is live has to end now; `undefined` while it may go on. */
export function overdueReason(
  stream: Stream,
  session: Session,
  { node, nowMs, stopAll = false }: Now,
): EndReason | undefined {
  if (stopAll) return 'budget';
  const cutoff = cutoffOf(stream, session);
  if (cutoff !== undefined && cutoff.at <= nowMs) return cutoff.reason;
  const reported = node?.sessions.find((each) => each.streamId === stream.id && each.sessionId === session.id);
  return isOverBitrate(stream, reported?.peakBitrateBps) ? 'bitrate_cap' : undefined;
}

export const isOverBitrate = ({ maxBitrateBps }: Pick<Stream, 'maxBitrateBps'>, peakBps = 0): boolean =>
  maxBitrateBps !== undefined && peakBps > maxBitrateBps;

/** Returns the generation of its key; sessions stored before there was a count have the first. */
export const generationOf = ({ keyGeneration = 0 }: Pick<Stream | Session, 'keyGeneration'>): number => keyGeneration;
