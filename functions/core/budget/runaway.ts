const MINUTE_MS = 60_000;

export interface RunawayOptions {
  /** More events of a stream within a minute than this are a loop, not an encoder. */
  eventsPerMinute: number;
  /** Streams counted at a time; the one that was quiet for longest is forgotten beyond. @default 10000 */
  maxStreams?: number;
}

interface Count {
  since: number;
  events: number;
  told: boolean;
}

/** `exceeded` once a minute and stream; `events` since `since`, in milliseconds. */
export type RunawayVerdict = { kind: 'fine' } | { kind: 'exceeded'; events: number; since: number };

/**
 * Counts events by stream and minute, in memory: a trigger that feeds itself calls a function thousands of times a
 * minute, and nothing that is written per event could be afforded then. Each instance counts what it sees.
 */
export function runawayCounter({ eventsPerMinute, maxStreams = 10_000 }: RunawayOptions) {
  const counts = new Map<string, Count>();
  return (streamId: string, nowMs: number): RunawayVerdict => {
    const before = counts.get(streamId);
    const count =
      before !== undefined && nowMs - before.since < MINUTE_MS ? before : { since: nowMs, events: 0, told: false };
    // Taken out and put back: the map's order is that of the last event.
    counts.delete(streamId);
    counts.set(streamId, count);
    forgetTheQuietest(counts, maxStreams);
    count.events += 1;
    if (count.told || count.events <= eventsPerMinute) return { kind: 'fine' };
    count.told = true;
    return { kind: 'exceeded', events: count.events, since: count.since };
  };
}

function forgetTheQuietest(counts: Map<string, Count>, maxStreams: number): void {
  if (counts.size <= maxStreams) return;
  const [quietest] = counts.keys();
  if (quietest !== undefined) counts.delete(quietest);
}
