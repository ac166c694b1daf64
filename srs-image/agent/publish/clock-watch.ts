import type { ClockFault } from '../../../functions/contract/media-report';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { Counters } from '../metrics/counters';
import type { SrsApi } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { SegmentFile } from '../session/ports';
import type { NodeSession } from '../session/session';
import type { SessionSegment, TrackClocks } from '../session/session-state';
import type { Sessions } from '../session/sessions';
import { clockBreaks } from '../session/timeline';
import { type ClockReading, faultOf, isFlooding, isOver, isOverPatience, remembered } from './steadiness';

export interface ClockWatchDeps {
  sessions: Sessions;
  srs: SrsApi;
  /** Tells the cloud, so that it knows why before SRS says that the publisher left. */
  beat: () => Promise<void>;
  clock: Clock;
  log: Log;
  counters: Counters;
}

interface WatchedPublisher {
  clientId: string;
  readings: ClockReading[];
  clocks: TrackClocks;
  /** The times when each track was last seen. */
  seenAt: { video: number; audio: number };
  /** Times in Unix milliseconds: when it was first seen, and last. */
  fault?: { code: ClockFault; since: number; seenAt: number } | undefined;
  isCut?: true;
}

/** Longer ago says nothing of where a track is now. */
const STALE_MS = 5000;

/**
 * Warns publishers whose clocks flood, jump or are apart, and ends those that go on with it. In memory: a restart
 * begins with nothing known.
 */
export class ClockWatch {
  private readonly watched = new WeakMap<NodeSession, WatchedPublisher>();

  constructor(private readonly deps: ClockWatchDeps) {}

  /** A segment was taken: the session's last. */
  taken(session: NodeSession): void {
    const { last } = session.state;
    if (last?.clocks === undefined) return;
    const watched = this.of(session);
    watched.readings = remembered(watched.readings, readingOf(last, last.clocks, watched));
    for (const track of ['video', 'audio'] as const)
      if (last.clocks[track] !== undefined) watched.seenAt[track] = last.openedAt;
    watched.clocks = { ...watched.clocks, ...last.clocks };
  }

  /** Returns whether a file is beyond the limit of one publisher; it counts, though it is not taken. */
  sheds(session: NodeSession, { openedAt: at }: Pick<SegmentFile, 'openedAt'>): boolean {
    const watched = this.of(session);
    if (!isFlooding(watched.readings, at)) return false;
    count(watched, at);
    return true;
  }

  /** SRS told of a segment that was gone before it could be taken: it counts, and nothing is known of its clocks. */
  missed(session: NodeSession): void {
    count(this.of(session), this.deps.clock.now());
  }

  faultOf(session: NodeSession): ClockFault | undefined {
    return this.watched.get(session)?.fault?.code;
  }

  isCut(session: NodeSession): boolean {
    return this.watched.get(session)?.isCut === true;
  }

  async look(): Promise<void> {
    for (const session of this.deps.sessions.open()) await this.judge(session);
  }

  private async judge(session: NodeSession): Promise<void> {
    const { clock, log } = this.deps;
    const watched = this.of(session);
    const code = faultOf(watched.readings, clock.now());
    const now = clock.now();
    if (code === undefined) {
      if (watched.fault !== undefined && isOver(watched.fault, watched.readings, now)) watched.fault = undefined;
      return;
    }
    if (watched.fault?.code !== code)
      log.warn('publisher_warned', { ...session.ref, clientId: watched.clientId, code });
    watched.fault = { code, since: watched.fault?.since ?? now, seenAt: now };
    if (isOverPatience(watched.readings, { since: watched.fault.since, nowMs: now })) await this.cut(session, watched);
  }

  private async cut(session: NodeSession, watched: WatchedPublisher): Promise<void> {
    const { srs, beat, log, counters } = this.deps;
    if (watched.isCut === undefined) {
      log.warn('publisher_cut', { ...session.ref, clientId: watched.clientId, reason: watched.fault?.code });
      counters.kicks += 1;
      watched.isCut = true;
      await beat().catch((error: unknown) => log.warn('heartbeat_failed', { error: reasonOf(error) }));
    }
    await srs.kick(watched.clientId);
  }

  private of(session: NodeSession): WatchedPublisher {
    const { clientId } = session.state.client;
    const known = this.watched.get(session);
    if (known?.clientId === clientId) return known;
    const fresh: WatchedPublisher = { clientId, readings: [], clocks: {}, seenAt: { video: 0, audio: 0 } };
    this.watched.set(session, fresh);
    return fresh;
  }
}

/** A segment of which no more is known than that there was one. */
function count(watched: WatchedPublisher, at: number): void {
  const apartMs = watched.readings.at(-1)?.apartMs ?? 0;
  watched.readings = remembered(watched.readings, { at, durationMs: 0, broke: false, apartMs });
}

/** Milliseconds after which the 33-bit clock starts again at 0. */
const WRAP_MS = 2 ** 33 / 90;
/** The shorter way round. */
const apart = (a: number, b: number): number => Math.min(Math.abs(a - b), WRAP_MS - Math.abs(a - b));

function readingOf(
  { openedAt: at, durationMs }: SessionSegment,
  clocks: TrackClocks,
  { clocks: before, seenAt }: WatchedPublisher,
): ClockReading {
  const startOf = (track: 'video' | 'audio') =>
    clocks[track]?.startMs ?? (at - seenAt[track] < STALE_MS ? before[track]?.endMs : undefined);
  const video = startOf('video');
  const audio = startOf('audio');
  const apartMs = video === undefined || audio === undefined ? 0 : apart(video, audio);
  return { at, durationMs, broke: clockBreaks(before, clocks), apartMs };
}
