/** A message as the first header of its chunks says; times in milliseconds, modulo 2^32. Adobe RTMP 1.0, 5.3.1. */
export interface MessageHeader {
  readonly timestamp: number;
  readonly length: number;
  readonly type: number;
  readonly streamId: number;
}

/** The fields that a header leaves out: 0 none, 3 all of them. */
export type ChunkFormat = 0 | 1 | 2 | 3;

/** Value of a time of three bytes that has four more behind. */
export const EXTENDED = 0xffffff;
/** Bytes of a message header by format, before an extended time stamp. */
const SIZES = [11, 7, 3, 0] as const;
const EXTENDED_BYTES = 4;
/** Three bytes of chunk stream, eleven of header, four of time. */
export const MAX_HEADER = 18;

export const formatOf = (first: number): ChunkFormat => FORMATS[first >> 6] ?? 0;
const FORMATS = [0, 1, 2, 3] as const;

/** Bytes that name the chunk stream, by the first of them. */
export const basicSize = (first: number): number => {
  const low = first & 0x3f;
  return low > 1 ? 1 : low + 2;
};

/** Bytes of the header that begins with `first`, without an extended time stamp. */
export const plainSize = (first: number): number => basicSize(first) + SIZES[formatOf(first)];

export const hasExtendedTime = (head: Buffer): boolean => {
  const first = head.readUInt8(0);
  return formatOf(first) !== 3 && head.readUIntBE(basicSize(first), 3) === EXTENDED;
};

export const chunkStreamOf = (head: Buffer): number => {
  const size = basicSize(head.readUInt8(0));
  if (size === 1) return head.readUInt8(0) & 0x3f;
  return 64 + head.readUInt8(1) + (size === 3 ? head.readUInt8(2) * 256 : 0);
};

const shortestSize = (chunkStream: number): number => (chunkStream < 64 ? 1 : chunkStream < 320 ? 2 : 3);

/**
 * The header's own fields; those it leaves out are `before`'s. Its time, or what it adds to the one before, is `time`.
 */
export function readHeader(
  head: Buffer,
  before: MessageHeader,
): { header: MessageHeader; time: number; extended: boolean } {
  const first = head.readUInt8(0);
  const at = basicSize(first);
  const format = formatOf(first);
  const extended = hasExtendedTime(head);
  const time = extended ? head.readUInt32BE(at + SIZES[format]) : head.readUIntBE(at, 3);
  const length = format < 2 ? head.readUIntBE(at + 3, 3) : before.length;
  const type = format < 2 ? head.readUInt8(at + 6) : before.type;
  const streamId = format === 0 ? head.readUInt32LE(at + 7) : before.streamId;
  // SRS 5 and 6 take an extended time for the time itself in every format. No encoder's delta is 4.66 hours.
  const timestamp = format === 0 || extended ? time : (before.timestamp + time) >>> 0;
  return { header: { timestamp, length, type, streamId }, time, extended };
}

/**
 * A message's first header, in the shortest form of its chunk stream. `time`: what it says, or adds to the one before.
 */
export function writeHeader(
  chunkStream: number,
  header: MessageHeader,
  format: ChunkFormat = 0,
  time = header.timestamp,
): Buffer {
  const isExtended = format !== 3 && time >= EXTENDED;
  const at = shortestSize(chunkStream);
  const head = Buffer.allocUnsafe(at + SIZES[format] + (isExtended ? EXTENDED_BYTES : 0));
  writeBasic(head, format, chunkStream);
  if (format < 3) head.writeUIntBE(isExtended ? EXTENDED : time, at, 3);
  if (format < 2) head.writeUIntBE(header.length, at + 3, 3);
  if (format < 2) head.writeUInt8(header.type, at + 6);
  if (format === 0) head.writeUInt32LE(header.streamId, at + 7);
  if (isExtended) head.writeUInt32BE(time, at + SIZES[format]);
  return head;
}

/**
 * The header of every chunk of a message but the first: with the extended time stamp, which SRS then always reads as
 * one.
 */
export function writeContinuation(chunkStream: number, timestamp: number): Buffer {
  const isExtended = timestamp >= EXTENDED;
  const at = shortestSize(chunkStream);
  const head = Buffer.allocUnsafe(at + (isExtended ? EXTENDED_BYTES : 0));
  writeBasic(head, 3, chunkStream);
  if (isExtended) head.writeUInt32BE(timestamp, at);
  return head;
}

function writeBasic(head: Buffer, format: ChunkFormat, chunkStream: number): void {
  const size = shortestSize(chunkStream);
  if (size === 1) head.writeUInt8((format << 6) | chunkStream, 0);
  if (size === 2) head.writeUInt16BE((format << 14) | (chunkStream - 64), 0);
  if (size === 3) {
    head.writeUInt8((format << 6) | 1, 0);
    head.writeUInt16LE(chunkStream - 64, 1);
  }
}
