import { type MemoryObjectStore, memoryObjectStore } from '../../functions/adapters/memory/object-store';
import { advance, type LiveState } from '../../functions/app/delivery/advance';
import type { DeliveryDeps, PlaylistSource } from '../../functions/app/delivery/source';
import { OBJECT_KINDS } from '../../functions/contract/objects/cache';
import { segmentName, sessionPlaylistName } from '../../functions/contract/objects/layout';
import { encodeMetadata, type SessionPlaylistMetadata } from '../../functions/contract/objects/metadata';
import { formatMediaPlaylist, type MediaSegment } from '../../functions/core/playlist/media-playlist';
import type { Log, ObjectStore } from '../../functions/ports/stores';
import { type VirtualClock, virtualClock } from './virtual-clock';

export const STREAM = 'abcdefgh01234567';
export const BROADCAST = 'b1-aaaaaaaa';
export const sessionOf = (ordinal: number): string => `${ordinal}-aaaaaaaa`;
/** The start of the sessions in these tests: the wall clock at segment 0 of session 1. */
export const START_MS = Date.UTC(2026, 10, 20, 12);

export interface SessionShape {
  ordinal?: number;
  /** Number of the first segment listed. */
  from?: number;
  /** Durations in seconds. */
  durations: readonly number[];
  /** Numbers of the segments which carry a discontinuity of their own. */
  breaks?: readonly number[];
  generation?: number;
  /** The store's clock when it was written. @default the end of its last segment */
  updatedAt?: number;
  /** The wall clock at segment 0. @default an hour after that of the session before */
  startMs?: number;
  metadata?: Partial<SessionPlaylistMetadata>;
}

const startOf = ({ ordinal = 1, startMs = START_MS + ordinal * 3_600_000 }: SessionShape): number => startMs;

/** The text an agent writes for such a session. */
export function sessionText(shape: SessionShape): string {
  const { from = 0, durations, breaks = [] } = shape;
  let at = startOf(shape) + from * 2000;
  const segments = durations.map((seconds, index): MediaSegment => {
    const programDateTimeMs = at;
    at += seconds * 1000;
    const number = from + index;
    return {
      uri: `${number}.ts`,
      durationMs: seconds * 1000,
      programDateTimeMs,
      discontinuity: breaks.includes(number),
    };
  });
  const targetDurationSeconds = Math.max(1, ...durations.map(Math.round));
  return formatMediaPlaylist({
    targetDurationSeconds,
    mediaSequence: from,
    discontinuitySequence: 0,
    ended: false,
    segments,
  });
}

export const metadataOf = ({ ordinal = 1, metadata }: SessionShape): SessionPlaylistMetadata => ({
  policy: 'open',
  broadcast: BROADCAST,
  ordinal,
  window: 30,
  ended: false,
  attributes: { bandwidth: 600_000 },
  ...metadata,
});

export const sourceOf = (shape: SessionShape): PlaylistSource => ({
  ref: { streamId: STREAM, sessionId: sessionOf(shape.ordinal ?? 1), rendition: 'source' },
  text: sessionText(shape),
  metadata: metadataOf(shape),
  generation: `${shape.generation ?? 1}`,
  updatedAt: shape.updatedAt ?? startOf(shape) + 1000 * shape.durations.reduce((sum, seconds) => sum + seconds, 0),
});

/** The live playlist after these sources, one after the other; what changes nothing is passed over. */
export function liveAfter(...shapes: readonly SessionShape[]): LiveState | undefined {
  return shapes.map(sourceOf).reduce<LiveState | undefined>((live, source) => {
    const next = advance(live, source);
    return next.kind === 'write' ? { text: next.text, metadata: next.metadata } : live;
  }, undefined);
}

/** A playlist's lines without its first three tags, dates left out: what a test wants to see. */
export const linesOf = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '' && !/^#(EXTM3U|EXT-X-VERSION|EXT-X-PROGRAM-DATE-TIME)/.test(line));

export interface LogLine {
  level: string;
  event: string;
  fields: Readonly<Record<string, unknown>>;
}

/** A log that keeps its lines. */
export function keptLog(): Log & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: string) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      lines.push({ level, event, fields });
    };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}

export interface DeliveryWorld extends DeliveryDeps {
  ingest: MemoryObjectStore;
  open: MemoryObjectStore;
  clock: VirtualClock;
  log: ReturnType<typeof keptLog>;
  /** Every write to the open bucket that succeeded: name and time. */
  writes: { name: string; at: number }[];
  /** Those the store refused: precondition or rate. */
  refusals: { name: string; kind: string }[];
  /** Writes a session playlist, and the segments it names, as the agent does. */
  publish(shape: SessionShape): Promise<void>;
  /** Lets virtual time pass until `work` is done. */
  settled<T>(work: Promise<T>): Promise<T>;
}

/** The buckets in memory, with Cloud Storage's one write a second, on a clock that nobody waits for. */
export function deliveryWorld(): DeliveryWorld {
  const clock = virtualClock();
  const ingest = memoryObjectStore({ clock });
  const open = memoryObjectStore({ clock, oneWritePerSecond: true });
  const gated = memoryObjectStore({ clock, oneWritePerSecond: true });
  const writes: DeliveryWorld['writes'] = [];
  const refusals: DeliveryWorld['refusals'] = [];
  const observed: ObjectStore = {
    ...open,
    async write(name, content, options) {
      const result = await open.write(name, content, options);
      if (result.kind === 'written') writes.push({ name, at: clock.now() });
      else refusals.push({ name, kind: result.kind });
      return result;
    },
  };
  return {
    ingest,
    open,
    clock,
    writes,
    refusals,
    log: keptLog(),
    delivery: (policy) => (policy === 'open' ? observed : gated),
    publish: (shape) => publish(ingest, open, shape),
    async settled(work) {
      const [result] = await Promise.allSettled([work, clock.run()]);
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    },
  };
}

/** Writes a session playlist, and the segments it names, as the agent does. */
export async function publish(ingest: ObjectStore, delivery: ObjectStore, shape: SessionShape): Promise<void> {
  const { ref, text, metadata } = sourceOf(shape);
  const { from = 0, durations, breaks = [] } = shape;
  for (const [index, seconds] of durations.entries()) {
    const number = from + index;
    const at = startOf(shape) + number * 2000;
    const own = {
      durationMs: seconds * 1000,
      programDateTime: new Date(at).toISOString(),
      discontinuity: breaks.includes(number),
    };
    await delivery.write(segmentName({ ...ref, policy: metadata.policy, number }), 'x'.repeat(1000), {
      ...OBJECT_KINDS.segment,
      metadata: encodeMetadata(own),
      ifGenerationMatch: '0',
    });
  }
  const name = sessionPlaylistName(ref);
  const current = await ingest.stat(name);
  await ingest.write(name, text, {
    ...OBJECT_KINDS.sessionPlaylist,
    metadata: encodeMetadata(metadata),
    ifGenerationMatch: current?.generation ?? '0',
  });
}
