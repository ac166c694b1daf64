import { connect, createStream, ecmaArray, NULL, number, object, publish, strictArray, string } from './amf';
import { command, HANDSHAKE, message, PING, setChunkSize } from './chunks';

const call = (name: string, transaction: number, text: string): Buffer =>
  Buffer.concat([string(name), number(transaction), NULL, string(text)]);
const KEY = 'b3x1?key=sk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
const media = (type: number, bytes: number): Buffer => Buffer.alloc(bytes, type);
const metadata = (fields: Record<string, Buffer>): Buffer =>
  Buffer.concat([string('@setDataFrame'), string('onMetaData'), ecmaArray(fields)]);

/**
 * librtmp's order (OBS, many hardware encoders): medium headers for all that follows a chunk stream's first message.
 */
const librtmp = (): Buffer[] => [
  HANDSHAKE,
  command(connect()),
  setChunkSize(4096),
  command(call('releaseStream', 2, KEY), { format: 1, chunkSize: 4096 }),
  command(call('FCPublish', 3, KEY), { format: 1, chunkSize: 4096 }),
  command(createStream(), { format: 1, chunkSize: 4096 }),
  command(publish(KEY), { streamId: 1, chunkStream: 4, chunkSize: 4096 }),
  message({
    type: 18,
    streamId: 1,
    chunkStream: 4,
    chunkSize: 4096,
    body: metadata({ width: number(1280), encoder: string('obs-output') }),
  }),
  message({ type: 9, streamId: 1, chunkStream: 4, chunkSize: 4096, body: media(9, 9000), timestamp: 0 }),
  message({ type: 8, streamId: 1, chunkStream: 4, chunkSize: 4096, body: media(8, 400), timestamp: 23, format: 1 }),
  message({ type: 9, streamId: 1, chunkStream: 4, chunkSize: 4096, body: media(9, 700), timestamp: 17, format: 1 }),
  message({ type: 9, streamId: 1, chunkStream: 4, chunkSize: 4096, body: media(9, 700), timestamp: 17, format: 3 }),
  message({ type: 4, chunkStream: 2, body: PING, format: 1, chunkSize: 4096 }),
];

/** ffmpeg's: an acknowledgement window first, and a time code as a data message. */
const ffmpeg = (): Buffer[] => [
  HANDSHAKE,
  command(connect()),
  message({ type: 5, chunkStream: 2, body: Buffer.from([0, 0x26, 0x25, 0xa0]) }),
  setChunkSize(60_000),
  command(call('releaseStream', 2, KEY), { chunkSize: 60_000 }),
  command(publish(KEY), { streamId: 1, chunkStream: 8, chunkSize: 60_000 }),
  message({ type: 18, streamId: 1, chunkStream: 5, chunkSize: 60_000, body: Buffer.from([0, 1, 2, 3]) }),
  message({ type: 9, streamId: 1, chunkStream: 6, chunkSize: 60_000, body: media(9, 90_000) }),
];

const SIX_HOURS_OF_KEYFRAMES = Array.from({ length: 10_800 }, (_, index) => number(index * 2));

/** Recordings sent as live streams have their keyframes' index in the metadata: two long arrays. */
const keyframeIndex = (): Buffer[] => [
  ...librtmp(),
  message({
    type: 18,
    streamId: 1,
    chunkStream: 4,
    chunkSize: 4096,
    body: metadata({
      duration: number(21_600),
      keyframes: object({
        times: strictArray(SIX_HOURS_OF_KEYFRAMES),
        filepositions: strictArray(SIX_HOURS_OF_KEYFRAMES),
      }),
    }),
  }),
];

const HOURS_4_66 = 0xffffff;

/** Past 4.66 hours times have four bytes: said again in every chunk as Adobe's do, or not as old librtmp did. */
const longStream = (repeatsTime: boolean) => (): Buffer[] => [
  ...librtmp(),
  ...[0, 1, 2].map((step) =>
    message({
      type: 9,
      streamId: 1,
      chunkStream: 6,
      chunkSize: 4096,
      repeatsTime,
      body: media(9, 9000),
      timestamp: HOURS_4_66 + step * 40,
    }),
  ),
  message({ type: 9, streamId: 1, chunkStream: 6, chunkSize: 4096, format: 1, body: media(9, 9000), timestamp: 40 }),
];

/** Medium headers that carry a stream over 4.66 hours, as a steady encoder's do. */
const crossing = (): Buffer[] => [
  ...librtmp(),
  message({ type: 8, streamId: 1, chunkStream: 7, chunkSize: 4096, body: media(8, 300), timestamp: HOURS_4_66 - 30 }),
  ...[23, 23, 23].map((timestamp) =>
    message({ type: 8, streamId: 1, chunkStream: 7, chunkSize: 4096, format: 1, body: media(8, 300), timestamp }),
  ),
];

/** Flash's: sound and picture cut into 128 bytes, one between the other, on far chunk streams. */
const interleaved = (): Buffer[] => {
  const split = (type: number, chunkStream: number, bytes: number) =>
    Array.from({ length: Math.ceil(bytes / 128) }, (_, index) => {
      const body = media(type, Math.min(128, bytes - index * 128));
      return index === 0
        ? message({ type, streamId: 1, chunkStream, body, length: bytes })
        : Buffer.concat([Buffer.from([0xc0, chunkStream - 64]), body]);
    });
  const video = split(9, 70, 900);
  const audio = split(8, 80, 500);
  return [
    ...[HANDSHAKE, command(connect()), command(publish(KEY), { streamId: 1 })],
    ...video.flatMap((chunk, index) => [chunk, audio[index] ?? Buffer.alloc(0)]),
  ];
};

/** The bytes of encoders' whole connections, each with its encoder's habits. */
export const ENCODERS: Readonly<Record<string, () => Buffer[]>> = {
  'OBS and others by librtmp': librtmp,
  ffmpeg,
  'an FLV file with a keyframe index': keyframeIndex,
  'a stream over 4.66 hours that says its time in every chunk': longStream(true),
  'a stream over 4.66 hours that says its time once': longStream(false),
  'a stream that comes to 4.66 hours': crossing,
  'Flash with chunks of two streams one between the other': interleaved,
};
