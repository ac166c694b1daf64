import type { Frame } from './frames';

/** Just enough of ISO/IEC 13818-1 to write segments as SRS does: tables once, then a PES packet for each frame. */
const PACKET_BYTES = 188;
/** Time stamps count 90 kHz in 33 bits. */
const WRAP = 2 ** 33;
/** SRS's (`TS_PMT_PID`, `TS_VIDEO_AVC_PID`, `TS_AUDIO_AAC_PID`). */
const PIDS = { association: 0, map: 0x1001, video: 0x100, audio: 0x101 } as const;
const AVC_TYPE = 0x1b;
const AAC_TYPE = 0x0f;

/** CRC-32 of 2.4.4.10, over a section's bytes. */
function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  }
  return value >>> 0;
}

function section(bytes: readonly number[]): Buffer {
  const body = Buffer.from(bytes);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([Buffer.from([0]), body, sum]);
}

const pidBytes = (pid: number): number[] => [0xe0 | (pid >> 8), pid & 0xff];
const ASSOCIATION = section([0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, ...pidBytes(PIDS.map)]);
/** The map has both tracks, even if one is missing, as SRS's default does. */
const MAP = section([
  ...[2, 0xb0, 23, 0, 1, 0xc1, 0, 0, ...pidBytes(PIDS.video), 0xf0, 0],
  ...[AVC_TYPE, ...pidBytes(PIDS.video), 0xf0, 0],
  ...[AAC_TYPE, ...pidBytes(PIDS.audio), 0xf0, 0],
]);

/** Writes one segment: continuity counters start again with it, as SRS's do. */
export class SegmentWriter {
  private readonly counters = new Map<number, number>();

  /** Returns the tables at the head of a segment. */
  tables(): Buffer {
    const padded = (table: Buffer): Buffer =>
      Buffer.concat([table, Buffer.alloc(PACKET_BYTES - 4 - table.length, 0xff)]);
    return Buffer.concat([
      this.packet(PIDS.association, padded(ASSOCIATION), { begins: true }),
      this.packet(PIDS.map, padded(MAP), { begins: true }),
    ]);
  }

  frame({ kind, dts, pts, keyFrame, payload }: Frame): Buffer {
    const at = ticks(dts);
    const shown = ticks(pts);
    const pes = Buffer.concat([header(kind, { dts: at, pts: shown, bytes: payload.length }), payload]);
    const packets: Buffer[] = [];
    for (let from = 0; from < pes.length; ) {
      const begins = from === 0;
      const field = begins && keyFrame ? clockField(at) : Buffer.alloc(0);
      const room = PACKET_BYTES - 4 - field.length;
      const part = pes.subarray(from, from + room);
      packets.push(this.packet(PIDS[kind], part, { begins, field }));
      from += part.length;
    }
    return Buffer.concat(packets);
  }

  private packet(
    pid: number,
    payload: Buffer,
    { begins, field = Buffer.alloc(0) }: { begins: boolean; field?: Buffer },
  ): Buffer {
    const counter = this.counters.get(pid) ?? 0;
    this.counters.set(pid, (counter + 1) & 0x0f);
    const adaptation = stuffed(field, PACKET_BYTES - 4 - payload.length);
    const head = [0x47, (begins ? 0x40 : 0) | (pid >> 8), pid & 0xff, (adaptation.length > 0 ? 0x30 : 0x10) | counter];
    return Buffer.concat([Buffer.from(head), adaptation, payload]);
  }
}

const ticks = (ms: number): number => (((ms * 90) % WRAP) + WRAP) % WRAP;

/** An adaptation field with the program clock reference of a keyframe; its length comes with the stuffing. */
function clockField(at: number): Buffer {
  const high = Math.floor(at / 2);
  const field = Buffer.alloc(8);
  field.writeUInt8(0x50, 1);
  field.writeUInt32BE(high, 2);
  field.writeUInt8(((at % 2) << 7) | 0x7e, 6);
  return field;
}

function stuffed(field: Buffer, bytes: number): Buffer {
  if (bytes === 0) return field;
  const whole = Buffer.alloc(bytes, 0xff);
  whole.writeUInt8(bytes - 1, 0);
  if (bytes > 1) whole.writeUInt8(0, 1);
  if (field.length > 1) field.copy(whole, 1, 1);
  return whole;
}

function header(kind: Frame['kind'], { dts, pts, bytes }: { dts: number; pts: number; bytes: number }): Buffer {
  const times = dts === pts ? stamp(2, pts) : [...stamp(3, pts), ...stamp(1, dts)];
  const length = bytes + 3 + times.length;
  // A length of 0 is open, which is allowed for video only.
  const told = length > 0xffff || kind === 'video' ? 0 : length;
  const flags = dts === pts ? 0x80 : 0xc0;
  return Buffer.from([
    ...[0, 0, 1, kind === 'video' ? 0xe0 : 0xc0, told >> 8, told & 0xff, 0x80, flags, times.length],
    ...times,
  ]);
}

const stamp = (mark: number, at: number): number[] => {
  const high = Math.floor(at / 2 ** 30) & 7;
  const middle = Math.floor(at / 2 ** 15) & 0x7fff;
  const low = at % 2 ** 15;
  return [(mark << 4) | (high << 1) | 1, middle >> 7, ((middle << 1) & 0xfe) | 1, low >> 7, ((low << 1) & 0xfe) | 1];
};
