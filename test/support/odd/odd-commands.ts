import * as amf from '../rtmp/amf';
import { command, HANDSHAKE, message } from '../rtmp/chunks';

/**
 * One connection that an admitted publisher makes, with its stream's name and key. The kinds are those of public
 * reports about servers of the field.
 */
export interface OddCommands {
  readonly title: string;
  bytes(name: string): Buffer;
}

const STREAM = { streamId: 1 } as const;
const call = (name: string, ...values: readonly Buffer[]): Buffer =>
  Buffer.concat([amf.string(name), amf.number(9), amf.NULL, ...values]);
const connected = Buffer.concat([HANDSHAKE, command(amf.connect())]);
const created = Buffer.concat([connected, command(amf.createStream())]);
const publish = (name: string): Buffer => command(amf.publish(name), STREAM);
const publishing = (name: string): Buffer => Buffer.concat([created, publish(name)]);
const media = (type: 8 | 9, ...bytes: readonly number[]): Buffer =>
  message({ type, ...STREAM, chunkStream: 6, body: Buffer.from(bytes) });
const data = (...values: readonly Buffer[]): Buffer => message({ type: 18, ...STREAM, body: Buffer.concat(values) });
const times = (count: number, bytes: Buffer): Buffer => Buffer.concat(Array<Buffer>(count).fill(bytes));
const BOOLEAN = Buffer.from([1, 0]);
const other = 'zzzzzzzzzzzzzzzz';

const row = (title: string, ...parts: readonly (Buffer | ((name: string) => Buffer))[]): OddCommands => ({
  title,
  bytes: (name) => Buffer.concat(parts.map((part) => (typeof part === 'function' ? part(name) : part))),
});

/** Illuspas/Node-Media-Server 67, 88, 117, 399; mediamtx 128, 1459; arut/nginx-rtmp-module 345; SRS 4173, 4449. */
export const ODD_COMMANDS: readonly OddCommands[] = [
  row('a publish whose name is a boolean', created, command(call('publish', BOOLEAN), STREAM)),
  row('a publish whose name is a number', created, command(call('publish', amf.number(7)), STREAM)),
  row('a publish whose name is null', created, command(call('publish', amf.NULL), STREAM)),
  row('a publish without a name', created, command(call('publish'), STREAM)),
  row('a publish of an empty name', created, publish('')),
  row('the same publish twice', publishing, publish),
  row('a publish of another name behind it', publishing, publish(other)),
  row('a play of its own stream behind it', publishing, (name) => command(amf.play(name), STREAM)),
  row('a publish behind a play', created, command(amf.play(other), STREAM), publish),
  row('a publish on a stream that was never made', connected, (name) => command(amf.publish(name), { streamId: 77 })),
  row('500 streams that are made', connected, times(500, command(amf.createStream())), publish),
  row(
    'an end of it by FCUnpublish, and a publish again',
    publishing,
    (name) => command(call('FCUnpublish', amf.string(name))),
    publish,
  ),
  row(
    'a closeStream, and media behind it',
    publishing,
    command(call('closeStream'), STREAM),
    media(9, 0x17, 1, 0, 0, 0),
  ),
  row('a deleteStream of another number', publishing, command(call('deleteStream', amf.number(999))), publish),
  row(
    'pictures and sounds of 0 to 4 bytes',
    publishing,
    ...[8, 9].flatMap((type) =>
      [[], [0x17], [0x17, 0], [0x17, 0, 0], [0xaf, 0, 0, 0]].map((body) => media(type === 8 ? 8 : 9, ...body)),
    ),
  ),
  row(
    'a sequence header of H.264 whose lengths lie',
    publishing,
    media(9, 0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xff, 0xff, 0xff),
  ),
  row(
    'a picture whose units lie about their lengths',
    publishing,
    media(9, 0x17, 0, 0, 0, 0, 1, 0x42, 0, 0x1f, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0, 0x1f, 1, 0, 2, 0x68, 0xce),
    times(50, media(9, 0x17, 1, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0x65)),
  ),
  row(
    'pictures in Annex B',
    publishing,
    times(50, media(9, 0x17, 1, 0, 0, 0, 0, 0, 0, 1, 0x67, 0x42, 0, 0x1f, 0, 0, 0, 1, 0x65)),
  ),
  row(
    'a sound header of AAC whose object type does not exist',
    publishing,
    media(8, 0xaf, 0, 0xff, 0xff),
    times(50, media(8, 0xaf, 1, 1, 2, 3)),
  ),
  row('codecs that nobody knows', publishing, times(20, media(9, 0x1f, 1, 0, 0, 0)), times(20, media(8, 0xf3, 1, 0))),
  row(
    'enhanced RTMP with a codec that nobody knows, and with many tracks',
    publishing,
    media(9, 0x90, 0x78, 0x78, 0x78, 0x78, 0, 0),
    media(9, 0x96, 0x10, 0x61, 0x76, 0x63, 0x31, 0, 0, 0, 1),
    media(8, 0x95, 0x4f, 0x70, 0x75, 0x73, 0),
  ),
  row(
    'HEVC whose configuration is cut off',
    publishing,
    media(9, 0x90, 0x68, 0x76, 0x63, 0x31, 1),
    media(9, 0x1c, 0, 0, 0, 0, 1),
  ),
  row(
    'metadata without a value, and with values of other kinds',
    publishing,
    data(amf.string('onMetaData')),
    data(amf.string('@setDataFrame')),
    data(amf.string('onMetaData'), BOOLEAN),
    data(
      amf.string('@setDataFrame'),
      amf.string('onMetaData'),
      amf.object({ width: amf.string('x'), framerate: amf.number(Number.NaN) }),
    ),
  ),
  row(
    '2000 acknowledgements, and windows of 0 bytes',
    publishing,
    times(2000, message({ type: 3, chunkStream: 2, body: amf.uint32(1) })),
    message({ type: 5, chunkStream: 2, body: amf.uint32(0) }),
    message({ type: 6, chunkStream: 2, body: Buffer.from([0, 0, 0, 0, 2]) }),
  ),
];
