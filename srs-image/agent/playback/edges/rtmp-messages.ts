/** The part of RTMP that an origin needs to push one stream: Adobe's RTMP 1.0, and AMF 0. */

/** One RTMP message. Time in milliseconds. */
export interface RtmpMessage {
  chunkStream: number;
  type: number;
  streamId: number;
  timeMs: number;
  data: Uint8Array;
}

/** The size of the chunks that are sent, once the other side knows it. */
export const CHUNK_BYTES = 65_536;
/**
 * The other side acknowledges so many bytes: silence behind more of them is that of a dead connection. A tenth of a
 * second of a small stream, so that the end of an edge is noticed early; an acknowledgement has 16 bytes.
 */
export const WINDOW_BYTES = 16_384;

/** Message types. */
export const RTMP = { chunkSize: 1, window: 5, audio: 8, video: 9, data: 18, command: 20 } as const;
/** The message stream that `createStream` gives the first one of a connection. */
const MEDIA_STREAM = 1;
const EXTENDED = 0xffffff;

const text = (value: string): Buffer => {
  const head = Buffer.from([2, 0, 0]);
  head.writeUInt16BE(Buffer.byteLength(value), 1);
  return Buffer.concat([head, Buffer.from(value)]);
};
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(9);
  bytes.writeDoubleBE(value, 1);
  return bytes;
};
const object = (fields: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat([
    Buffer.from([3]),
    ...Object.entries(fields).flatMap(([key, value]) => [text(key).subarray(1), text(value)]),
    Buffer.from([0, 0, 9]),
  ]);
const NOTHING = Buffer.from([5]);

const command = (parts: readonly Buffer[], streamId = 0): RtmpMessage => ({
  chunkStream: 3,
  type: RTMP.command,
  streamId,
  timeMs: 0,
  data: Buffer.concat([...parts]),
});

const control = (type: number, value: number): RtmpMessage => {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(value);
  return { chunkStream: 2, type, streamId: 0, timeMs: 0, data };
};

/** Returns the messages with which a publisher begins, each with the word that answers it. */
export function publishSteps(server: { host: string; port: number; app: string }, name: string) {
  const tcUrl = `rtmp://${server.host}:${server.port}/${server.app}`;
  return [
    {
      say: [
        control(RTMP.chunkSize, CHUNK_BYTES),
        control(RTMP.window, WINDOW_BYTES),
        command([text('connect'), number(1), object({ app: server.app, tcUrl })]),
      ],
      answer: '_result',
    },
    { say: [command([text('createStream'), number(2), NOTHING])], answer: '_result' },
    {
      say: [command([text('publish'), number(3), NOTHING, text(name), text('live')], MEDIA_STREAM)],
      answer: 'NetStream.Publish.Start',
    },
  ];
}

/** Makes a message of media, or of a stream's description. */
export const mediaMessage = (type: number, timeMs: number, data: Uint8Array): RtmpMessage => ({
  chunkStream: type === RTMP.audio ? 4 : 6,
  type,
  streamId: MEDIA_STREAM,
  timeMs,
  data,
});

/** Cuts a message into chunks. An extended time stands in each of them, as SRS writes and reads it. */
export function chunksOf(
  { chunkStream, type, streamId, timeMs, data }: RtmpMessage,
  chunkBytes = CHUNK_BYTES,
): Uint8Array[] {
  const isExtended = timeMs >= EXTENDED;
  const extended = Buffer.alloc(isExtended ? 4 : 0);
  if (isExtended) extended.writeUInt32BE(timeMs >>> 0);
  const head = Buffer.alloc(12);
  head.writeUInt8(chunkStream, 0);
  head.writeUIntBE(isExtended ? EXTENDED : timeMs, 1, 3);
  head.writeUIntBE(data.length, 4, 3);
  head.writeUInt8(type, 7);
  head.writeUInt32LE(streamId, 8);
  const parts: Uint8Array[] = [head, extended, data.subarray(0, chunkBytes)];
  for (let at = chunkBytes; at < data.length; at += chunkBytes)
    parts.push(Buffer.from([0xc0 | chunkStream]), extended, data.subarray(at, at + chunkBytes));
  return parts;
}
