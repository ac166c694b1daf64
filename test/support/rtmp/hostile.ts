import type { Reason } from '../../../srs-image/gate/refusal';
import * as amf from './amf';
import { chunksOf, command, HANDSHAKE, message, PING, setChunkSize, type Written } from './chunks';

/** Deep enough for what it is to try; a guard refuses far less. */
const DEEP = 4000;

export interface Hostile {
  readonly title: string;
  readonly bytes: Buffer;
  readonly reason: Reason;
}

const connected = Buffer.concat([HANDSHAKE, command(amf.connect())]);
const publishing = Buffer.concat([
  ...[connected, command(amf.createStream()), command(amf.publish('a'), { streamId: 1 })],
  message({ type: 9, streamId: 1, chunkStream: 6, body: Buffer.alloc(50, 9) }),
]);
const call = (name: string, ...values: Buffer[]): Buffer => Buffer.concat([amf.string(name), amf.number(9), ...values]);

/** The places where a value may stand: the bytes before it, and the message it is the end of. */
const PLACES: Readonly<Record<string, (value: Buffer) => Buffer>> = {
  'the object of connect': (value) => Buffer.concat([HANDSHAKE, command(call('connect', value))]),
  'an argument of connect': (value) => Buffer.concat([HANDSHAKE, command(Buffer.concat([amf.connect(), value]))]),
  'a call nobody knows': (value) => Buffer.concat([connected, command(call('foo', value))]),
  'a call before connect': (value) => Buffer.concat([HANDSHAKE, command(call('foo', value))]),
  'the reset of play': (value) =>
    Buffer.concat([
      connected,
      command(Buffer.concat([amf.play('a'), amf.number(-2), amf.number(-1), value]), { streamId: 1 }),
    ]),
  'a command of type 17': (value) =>
    Buffer.concat([connected, message({ type: 17, body: Buffer.concat([Buffer.from([0]), call('foo', value)]) })]),
  'metadata of type 18': (value) =>
    Buffer.concat([
      publishing,
      message({ type: 18, streamId: 1, body: Buffer.concat([amf.string('onMetaData'), value]) }),
    ]),
  'metadata of type 18 that is set': (value) =>
    Buffer.concat([
      publishing,
      message({
        type: 18,
        streamId: 1,
        body: Buffer.concat([amf.string('@setDataFrame'), amf.string('onMetaData'), value]),
      }),
    ]),
  'metadata of type 15': (value) =>
    Buffer.concat([
      publishing,
      message({ type: 15, streamId: 1, body: Buffer.concat([amf.string('onMetaData'), value]) }),
    ]),
};

const nestings = Object.entries(PLACES).flatMap(([place, at]) =>
  Object.entries(amf.LEVELS).flatMap(([what, level]): Hostile[] => {
    const bytes = at(amf.nested(level, DEEP));
    const isLong = !place.startsWith('metadata') && level !== amf.LEVELS.object;
    return [
      { title: `an ${what} nested ${DEEP} deep in ${place}`, bytes, reason: isLong ? 'message_length' : 'amf_depth' },
    ];
  }),
);
/** Short enough for a command, deep enough to kill. */
const shorter = Object.entries(PLACES).flatMap(([place, at]) =>
  Object.entries(amf.LEVELS).map(
    ([what, level]): Hostile => ({
      title: `an ${what} nested 2000 deep in ${place}`,
      bytes: at(amf.nested(level, 2000)),
      reason: 'amf_depth',
    }),
  ),
);

const LEVEL = amf.LEVELS.object;
const deepCall = call('foo', amf.nested(LEVEL, 2000));
const inPieces = (written: Partial<Written>, between: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([
    connected,
    ...chunksOf({ type: 20, body: deepCall, ...written }).flatMap((chunk) => [chunk, between]),
  ]);
const manyKeys = (keys: number): Buffer =>
  amf.object(Object.fromEntries(Array.from({ length: keys }, (_, at) => [`k${at}`, amf.NULL])));

const ONE_BY_ONE: readonly Hostile[] = [
  {
    title: 'nesting in chunks of 128 bytes with user control messages between them',
    bytes: inPieces({}, message({ type: 4, chunkStream: 2, body: PING })),
    reason: 'amf_depth',
  },
  ...[0x01000000, 0, 0x80000000].flatMap((timestamp) =>
    [true, false].map(
      (repeatsTime): Hostile => ({
        title: `nesting with an extended time of ${timestamp}, ${repeatsTime ? 'said in each chunk' : 'said once'}`,
        bytes: inPieces({ timestamp, extended: true, repeatsTime }),
        reason: 'amf_depth',
      }),
    ),
  ),
  {
    title: 'nesting behind a header of format 1 on a fresh chunk stream',
    bytes: inPieces({ chunkStream: 9, format: 1 }),
    reason: 'amf_depth',
  },
  ...([2, 3] as const).map(
    (format): Hostile => ({
      title: `nesting behind a header of format ${format} that takes a harmless message's length`,
      bytes: Buffer.concat([
        connected,
        command(call('foo', Buffer.alloc(deepCall.length - call('foo').length, 5)), { chunkStream: 8 }),
        message({ type: 20, body: deepCall, chunkStream: 8, format }),
      ]),
      reason: 'amf_values',
    }),
  ),
  ...([2, 3] as const).map(
    (format): Hostile => ({
      title: `a header of format ${format} on a fresh chunk stream`,
      bytes: Buffer.concat([connected, message({ type: 20, body: deepCall, chunkStream: 8, format })]),
      reason: 'fresh_chunk_stream',
    }),
  ),
  {
    title: 'a picture that becomes a command at its last chunk',
    bytes: Buffer.concat([
      publishing,
      ...chunksOf({ type: 9, streamId: 1, chunkStream: 6, body: deepCall }).slice(0, -1),
      message({
        type: 20,
        chunkStream: 6,
        format: 1,
        length: deepCall.length,
        body: deepCall.subarray(-(deepCall.length % 128)),
      }),
    ]),
    reason: 'header_in_message',
  },
  {
    title: 'nesting in one chunk of 2147483647 bytes',
    bytes: Buffer.concat([connected, setChunkSize(0x7fffffff), command(deepCall, { chunkSize: 0x7fffffff })]),
    reason: 'amf_depth',
  },
  {
    title: 'nesting whose chunks become larger in mid-message',
    bytes: Buffer.concat([
      connected,
      ...chunksOf({ type: 20, body: deepCall }).slice(0, 2),
      setChunkSize(65_536),
      Buffer.from([0xc3]),
      deepCall.subarray(256),
    ]),
    reason: 'amf_depth',
  },
  ...([2, 3] as const).map(
    (form): Hostile => ({
      title: `nesting on chunk stream 70 in ${form} bytes`,
      bytes: inPieces({ chunkStream: 70, form }),
      reason: 'amf_depth',
    }),
  ),
  {
    title: 'nesting on chunk stream 70, its chunks in both forms',
    bytes: Buffer.concat([
      connected,
      ...chunksOf({ type: 20, body: deepCall, chunkStream: 70 }).map((chunk, at) =>
        at % 2 === 0 ? chunk : Buffer.concat([Buffer.from([0xc1, 6, 0]), chunk.subarray(2)]),
      ),
    ]),
    reason: 'amf_depth',
  },
  {
    title: 'an abort in mid-message',
    bytes: Buffer.concat([
      ...[connected, ...chunksOf({ type: 20, body: deepCall }).slice(0, 2)],
      message({ type: 2, chunkStream: 2, body: amf.uint32(3) }),
    ]),
    reason: 'message_type',
  },
  {
    title: 'an end mark where a value is expected, with nesting behind it',
    bytes: Buffer.concat([connected, command(call('foo', amf.OBJECT_END, amf.nested(LEVEL, 2000)))]),
    reason: 'amf_value',
  },
  {
    title: 'a string whose length is negative to SRS, with nesting in it',
    bytes: Buffer.concat([
      publishing,
      message({
        type: 18,
        streamId: 1,
        body: Buffer.concat([amf.string('onMetaData'), Buffer.from([2, 0xff, 0]), amf.nested(LEVEL, 16_320)]),
      }),
    ]),
    reason: 'amf_string',
  },
  {
    title: 'an object of 10000 keys',
    bytes: Buffer.concat([
      publishing,
      message({ type: 18, streamId: 1, body: Buffer.concat([amf.string('onMetaData'), manyKeys(10_000)]) }),
    ]),
    reason: 'amf_keys',
  },
  {
    title: 'an object of 1000 keys in a command',
    bytes: Buffer.concat([connected, command(call('foo', manyKeys(1000)))]),
    reason: 'amf_keys',
  },
  {
    title: 'an array of 2147483647 in a message that is shorter',
    bytes: Buffer.concat([connected, command(call('foo', Buffer.from([10, 0x7f, 0xff, 0xff, 0xff, 5, 5])))]),
    reason: 'amf_value',
  },
  {
    title: 'more nulls than a message may hold',
    bytes: Buffer.concat([
      publishing,
      message({ type: 18, streamId: 1, body: Buffer.concat([amf.string('onMetaData'), Buffer.alloc(200_000, 5)]) }),
    ]),
    reason: 'amf_values',
  },
  {
    title: 'messages of many values one after the other',
    bytes: Buffer.concat([
      publishing,
      ...Array<Buffer>(5).fill(
        message({ type: 18, streamId: 1, body: Buffer.concat([amf.string('onMetaData'), Buffer.alloc(30_000, 5)]) }),
      ),
    ]),
    reason: 'amf_rate',
  },
  {
    title: '50000 empty messages',
    bytes: Buffer.concat([connected, message({ type: 20, body: Buffer.alloc(0) }), Buffer.alloc(50_000, 0xc3)]),
    reason: 'empty_messages',
  },
  {
    title: '1000 chunk streams that announce 16 MB each',
    bytes: Buffer.concat([
      publishing,
      ...Array.from({ length: 1000 }, (_, at) =>
        message({ type: 9, streamId: 1, chunkStream: 100 + at, length: 0xffffff, body: Buffer.alloc(128) }),
      ),
    ]),
    reason: 'message_length',
  },
  {
    title: '1000 chunk streams that announce 100 kB each',
    bytes: Buffer.concat([
      publishing,
      ...Array.from({ length: 1000 }, (_, at) =>
        message({ type: 9, streamId: 1, chunkStream: 100 + at, length: 100_000, body: Buffer.alloc(128) }),
      ),
    ]),
    reason: 'chunk_streams',
  },
  {
    title: 'three pictures of 4 MB that are announced together',
    bytes: Buffer.concat([
      publishing,
      ...[10, 11, 12].map((chunkStream) =>
        message({ type: 9, streamId: 1, chunkStream, length: 4 << 20, body: Buffer.alloc(128) }),
      ),
    ]),
    reason: 'open_bytes',
  },
  {
    title: 'an aggregate',
    bytes: Buffer.concat([publishing, message({ type: 22, streamId: 1, body: Buffer.alloc(100) })]),
    reason: 'message_type',
  },
  {
    title: 'an address in SRS’s own header',
    bytes: Buffer.concat([Buffer.from([0xf3, 0, 4, 1, 2, 3, 4]), connected]),
    reason: 'version',
  },
  { title: 'HTTP', bytes: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), reason: 'version' },
  {
    title: 'a line break in tcUrl',
    bytes: Buffer.concat([HANDSHAKE, command(amf.connect('live', 'rtmp://127.0.0.1/live\r\n{"event":"srs_down"}'))]),
    reason: 'amf_string',
  },
  {
    title: 'a line break in a stream’s name',
    bytes: Buffer.concat([connected, command(amf.publish('a\r\nb'), { streamId: 1 })]),
    reason: 'amf_string',
  },
  {
    title: 'a line break in a key of connect',
    bytes: Buffer.concat([HANDSHAKE, command(call('connect', amf.object({ 'a\nb': amf.NULL })))]),
    reason: 'amf_string',
  },
  {
    title: 'a tcUrl of 60 kB',
    bytes: Buffer.concat([HANDSHAKE, command(amf.connect('live', 'a'.repeat(60_000)))]),
    reason: 'message_length',
  },
  { title: 'a second connect', bytes: Buffer.concat([connected, command(amf.connect())]), reason: 'command_order' },
  {
    title: 'a publish before connect',
    bytes: Buffer.concat([HANDSHAKE, command(amf.publish('a'))]),
    reason: 'command_order',
  },
  {
    title: 'a picture before publish',
    bytes: Buffer.concat([connected, message({ type: 9, streamId: 1, chunkStream: 6, body: Buffer.alloc(50, 9) })]),
    reason: 'media_before_publish',
  },
  {
    title: 'a picture of a player',
    bytes: Buffer.concat([
      ...[connected, command(amf.play('a'), { streamId: 1 })],
      message({ type: 9, streamId: 1, chunkStream: 6, body: Buffer.alloc(50, 9) }),
    ]),
    reason: 'media_before_publish',
  },
  {
    title: 'chunks of 2147483648 bytes',
    bytes: Buffer.concat([HANDSHAKE, setChunkSize(0x80000000)]),
    reason: 'chunk_size',
  },
  { title: 'chunks of 127 bytes', bytes: Buffer.concat([HANDSHAKE, setChunkSize(127)]), reason: 'chunk_size' },
  {
    title: 'a chunk size of three bytes',
    bytes: Buffer.concat([HANDSHAKE, message({ type: 1, chunkStream: 2, body: Buffer.alloc(3) })]),
    reason: 'message_length',
  },
  {
    title: 'a user control message of two bytes',
    bytes: Buffer.concat([HANDSHAKE, message({ type: 4, chunkStream: 2, body: Buffer.from([0, 3]) })]),
    reason: 'control',
  },
  {
    title: 'a chunk stream without a place',
    bytes: Buffer.concat([HANDSHAKE, Buffer.from([0xc3])]),
    reason: 'fresh_chunk_stream',
  },
  ...[0x0c, 0x10, 0x11, 0x07, 0x0d, 0x0f].map(
    (marker): Hostile => ({
      title: `a value of marker ${marker}`,
      bytes: Buffer.concat([connected, command(call('foo', Buffer.from([marker, 0, 0, 0, 0, 0])))]),
      reason: 'amf_value',
    }),
  ),
  {
    title: 'a command in AMF 3 behind another byte than 0',
    bytes: Buffer.concat([connected, message({ type: 17, body: Buffer.concat([Buffer.from([1]), call('foo')]) })]),
    reason: 'amf_value',
  },
];

/** Each is a whole connection's bytes, and why our own guards refuse it. */
export const HOSTILE: readonly Hostile[] = [...nestings, ...shorter, ...ONE_BY_ONE];
