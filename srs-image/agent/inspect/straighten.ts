import { clockReferenceAt, packetsOf, timesAt, WRAP_TICKS, writeTime } from './packets';
import type { Jump, Probe } from './probe';

const VIDEO_TYPES: readonly number[] = [0x1b, 0x24];

/**
 * The segment with the jumps inside it taken out: what comes after a jump goes on where the clock was, pictures and
 * sound alike, so that a player has no hole to fall into. The next segment has the new clock, behind a discontinuity.
 * The bytes change in place of the time stamps only; a segment without jumps is the same object.
 */
export function straighten(ts: Uint8Array, { video, audio }: Pick<Probe, 'video' | 'audio'>): Uint8Array {
  if ((video?.jumps.length ?? 0) + (audio?.jumps.length ?? 0) === 0) return ts;
  const straight = Uint8Array.from(ts);
  const beside = new Map<number, number>();
  for (const { pid, at, start, begins, streamType } of packetsOf(straight).packets) {
    const jumps = (VIDEO_TYPES.includes(streamType) ? video : audio)?.jumps ?? [];
    if (begins) beside.set(pid, besideAt(jumps, at));
    const ticks = beside.get(pid) ?? 0;
    if (ticks !== 0) shift(straight, { at, start, begins, ticks });
  }
  return straight;
}

/** Returns the offset of the clock from that of the segment's beginning, at this packet. */
const besideAt = (jumps: readonly Jump[], at: number): number =>
  jumps.reduce((sum, jump) => (jump.at <= at ? sum + jump.ticks : sum), 0);

interface Shift {
  at: number;
  start: number;
  begins: boolean;
  ticks: number;
}

function shift(ts: Uint8Array, { at, start, begins, ticks }: Shift): void {
  const { pts, dts, ptsAt, dtsAt } = begins ? timesAt(ts, start) : {};
  if (pts !== undefined && ptsAt !== undefined) writeTime(ts, ptsAt, within33Bits(pts - ticks));
  if (dts !== undefined && dtsAt !== undefined) writeTime(ts, dtsAt, within33Bits(dts - ticks));
  const reference = clockReferenceAt(ts, at);
  if (reference !== undefined) writeReference(ts, reference, within33Bits(readReference(ts, reference) - ticks));
}

const within33Bits = (ticks: number): number => ((Math.round(ticks) % WRAP_TICKS) + WRAP_TICKS) % WRAP_TICKS;

/** `program_clock_reference_base` (2.4.3.5): 33 bits; the extension behind it stays. */
const readReference = (ts: Uint8Array, at: number): number => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = ts.subarray(at, at + 5);
  return a * 2 ** 25 + b * 2 ** 17 + c * 2 ** 9 + d * 2 + (e >> 7);
};

function writeReference(ts: Uint8Array, at: number, ticks: number): void {
  const high = Math.floor(ticks / 2);
  ts.set([(high >>> 24) & 0xff, (high >>> 16) & 0xff, (high >>> 8) & 0xff, high & 0xff], at);
  ts[at + 4] = ((ts[at + 4] ?? 0) & 0x7f) | ((ticks % 2) << 7);
}

/**
 * The segment in parts that begin at these packets, each with the tables in front, so that each can be decoded alone.
 */
export function splitAt(ts: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const first = packetsOf(ts).packets[0]?.at ?? 0;
  const borders = [first, ...offsets.filter((at) => at > first), ts.length];
  const tables = ts.subarray(0, first);
  return borders.slice(1).map((end, index) => Buffer.concat([tables, ts.subarray(borders[index], end)]));
}
