/**
 * Headers of a transport stream (ISO/IEC 13818-1) as SRS writes it: one program, whole packets, PAT and PMT in one
 * packet each.
 */
export const PACKET = 188;
const SYNC = 0x47;
const PAT_PID = 0;

/** Time stamps count 90 kHz in 33 bits. */
export const TICKS_A_MS = 90;
export const WRAP_TICKS = 2 ** 33;

/** One packet that carries payload of a track. `start`: offset of its payload in the segment. */
export interface TrackPacket {
  streamType: number;
  pid: number;
  /** Offset of the packet in the segment. */
  at: number;
  start: number;
  /** A PES packet begins here. */
  begins: boolean;
}

/** A segment's packets in order, and which streams its tables name. */
export interface Packets {
  /** Stream types by packet id. */
  named: ReadonlyMap<number, number>;
  packets: TrackPacket[];
}

/** Reads headers only, so that a segment of some megabytes takes milliseconds; what is malformed is left out. */
export function packetsOf(ts: Uint8Array): Packets {
  const named = new Map<number, number>();
  const packets: TrackPacket[] = [];
  let pmtPid: number | undefined;
  for (let at = 0; at + PACKET <= ts.length; at += PACKET) {
    const start = payloadStart(ts, at);
    if (start === undefined) continue;
    const second = ts[at + 1] ?? 0;
    const pid = ((second & 0x1f) << 8) | (ts[at + 2] ?? 0);
    const begins = (second & 0x40) !== 0;
    const streamType = named.get(pid);
    if (pid === PAT_PID && begins) pmtPid = programOf(ts.subarray(start, at + PACKET));
    else if (pid === pmtPid && begins) {
      for (const [streamPid, type] of streamsOf(ts.subarray(start, at + PACKET))) named.set(streamPid, type);
    } else if (streamType !== undefined) packets.push({ streamType, pid, at, start, begins });
  }
  return { named, packets };
}

function payloadStart(ts: Uint8Array, at: number): number | undefined {
  const control = ts[at + 3] ?? 0;
  if (ts[at] !== SYNC || (control & 0x10) === 0) return undefined;
  const start = at + ((control & 0x20) !== 0 ? 5 + (ts[at + 4] ?? 0) : 4);
  return start < at + PACKET ? start : undefined;
}

const hasAdaptation = (ts: Uint8Array, at: number): boolean =>
  ((ts[at + 3] ?? 0) & 0x20) !== 0 && (ts[at + 4] ?? 0) > 0;

/** Finds where the program clock reference of the packet at `at` stands; `undefined` without one. */
export const clockReferenceAt = (ts: Uint8Array, at: number): number | undefined =>
  hasAdaptation(ts, at) && (ts[at + 4] ?? 0) >= 7 && ((ts[at + 5] ?? 0) & 0x10) !== 0 ? at + 6 : undefined;

/** A table's section, behind its pointer field. */
const sectionOf = (payload: Uint8Array): Uint8Array => payload.subarray(1 + (payload[0] ?? 0));

const programOf = (payload: Uint8Array): number => {
  const section = sectionOf(payload);
  return (((section[10] ?? 0) & 0x1f) << 8) | (section[11] ?? 0);
};

function streamsOf(payload: Uint8Array): [pid: number, streamType: number][] {
  const section = sectionOf(payload);
  const end = 3 + ((((section[1] ?? 0) & 0x0f) << 8) | (section[2] ?? 0)) - 4;
  const streams: [number, number][] = [];
  let at = 12 + ((((section[10] ?? 0) & 0x0f) << 8) | (section[11] ?? 0));
  while (at + 5 <= end && at + 5 <= section.length) {
    streams.push([(((section[at + 1] ?? 0) & 0x1f) << 8) | (section[at + 2] ?? 0), section[at] ?? 0]);
    at += 5 + ((((section[at + 3] ?? 0) & 0x0f) << 8) | (section[at + 4] ?? 0));
  }
  return streams;
}

/** Times of a PES packet that begins at `start`, in ticks, and where they stand; `undefined` where there is none. */
export function timesAt(ts: Uint8Array, start: number): { pts?: number; dts?: number; ptsAt?: number; dtsAt?: number } {
  if (ts[start] !== 0 || ts[start + 1] !== 0 || ts[start + 2] !== 1) return {};
  const flags = ts[start + 7] ?? 0;
  if ((flags & 0x80) === 0) return {};
  const ptsAt = start + 9;
  const pts = readTime(ts, start + 9);
  if ((flags & 0x40) === 0) return { pts, ptsAt, dts: pts };
  return { pts, ptsAt, dts: readTime(ts, start + 14), dtsAt: start + 14 };
}

/** 33 bits in five bytes, with marker bits between: more than JavaScript's bit operators take. */
function readTime(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = bytes.subarray(at, at + 5);
  return ((a >> 1) & 7) * 2 ** 30 + (((b << 7) | (c >> 1)) << 15) + ((d << 7) | (e >> 1));
}

/** Writes a time over the one at `at`; the four bits before it stay. */
export function writeTime(bytes: Uint8Array, at: number, ticks: number): void {
  const high = Math.floor(ticks / 2 ** 30) & 7;
  const middle = Math.floor(ticks / 2 ** 15) & 0x7fff;
  const low = ticks % 2 ** 15;
  const head = (bytes[at] ?? 0) & 0xf0;
  bytes.set([head | (high << 1) | 1, middle >> 7, ((middle << 1) & 0xfe) | 1, low >> 7, ((low << 1) & 0xfe) | 1], at);
}
