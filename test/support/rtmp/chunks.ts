import { uint32 } from './amf';

/** Chunks as Adobe's RTMP 1.0, 5.3.1 has them, and as nobody should write them. */
export interface Written {
  readonly type: number;
  readonly body: Buffer;
  readonly chunkStream?: number;
  readonly streamId?: number;
  readonly timestamp?: number;
  readonly format?: 0 | 1 | 2 | 3;
  readonly chunkSize?: number;
  /** The form of the chunk stream in bytes. @default the shortest */
  readonly form?: 1 | 2 | 3;
  /** Writes four bytes of time whatever it is. */
  readonly extended?: boolean;
  /** True if continuations say an extended time again. @default true */
  readonly repeatsTime?: boolean;
  /** Announced instead of the body's own. */
  readonly length?: number;
}

const basic = (format: number, id: number, form: number): Buffer => {
  if (form === 1) return Buffer.from([(format << 6) | id]);
  if (form === 2) return Buffer.from([format << 6, id - 64]);
  return Buffer.from([(format << 6) | 1, (id - 64) & 0xff, (id - 64) >> 8]);
};
const uint24 = (value: number): Buffer => uint32(value).subarray(1);

/** The chunks of one message, each with its header. */
export function chunksOf(message: Written): Buffer[] {
  const { type, body, chunkStream = 3, streamId = 0, timestamp = 0, format = 0, chunkSize = 128 } = message;
  const form = message.form ?? (chunkStream < 64 ? 1 : chunkStream < 320 ? 2 : 3);
  const isExtended = message.extended ?? timestamp >= 0xffffff;
  const time = isExtended ? uint32(timestamp) : Buffer.alloc(0);
  const stream = Buffer.alloc(4);
  stream.writeUInt32LE(streamId);
  const fields = [
    uint24(isExtended ? 0xffffff : timestamp),
    Buffer.concat([uint24(message.length ?? body.length), Buffer.from([type])]),
    stream,
  ].slice(0, 3 - format);
  const chunks = [Buffer.concat([basic(format, chunkStream, form), ...fields, time, body.subarray(0, chunkSize)])];
  for (let at = chunkSize; at < body.length; at += chunkSize) {
    const again = message.repeatsTime === false ? Buffer.alloc(0) : time;
    chunks.push(Buffer.concat([basic(3, chunkStream, form), again, body.subarray(at, at + chunkSize)]));
  }
  return chunks;
}

export const message = (written: Written): Buffer => Buffer.concat(chunksOf(written));

/** C0, C1 and C2, simple form. */
export const HANDSHAKE = Buffer.concat([Buffer.from([3]), Buffer.alloc(3072)]);
export const setChunkSize = (size: number): Buffer => message({ type: 1, chunkStream: 2, body: uint32(size) });
export const command = (body: Buffer, more: Partial<Written> = {}): Buffer => message({ type: 20, body, ...more });
export const PING = Buffer.concat([Buffer.from([0, 7]), uint32(1)]);
