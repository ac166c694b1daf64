/** AMF 0 as Adobe's document has it, for tests: no limits, so that wrong things can be written, too. */
export const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(9);
  bytes.writeDoubleBE(value, 1);
  return bytes;
};
export const NULL = Buffer.from([5]);
export const OBJECT_END = Buffer.from([0, 0, 9]);
const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
export const key = (name: string): Buffer => Buffer.concat([uint16(Buffer.byteLength(name)), Buffer.from(name)]);
export const string = (text: string): Buffer => Buffer.concat([Buffer.from([2]), key(text)]);
export type Fields = Readonly<Record<string, Buffer>>;
const properties = (fields: Fields): Buffer[] => Object.entries(fields).flatMap(([name, value]) => [key(name), value]);
export const object = (fields: Fields): Buffer => Buffer.concat([Buffer.from([3]), ...properties(fields), OBJECT_END]);
export const ecmaArray = (fields: Fields): Buffer =>
  Buffer.concat([Buffer.from([8]), uint32(Object.keys(fields).length), ...properties(fields), OBJECT_END]);
export const strictArray = (items: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([10]), uint32(items.length), ...items]);

/** A level of nesting without its end: SRS reads as many as there are. */
export const LEVELS = {
  object: Buffer.from([3, 0, 1, 0x61]),
  'ecma array': Buffer.from([8, 0, 0, 0, 1, 0, 1, 0x61]),
  'strict array': Buffer.from([10, 0, 0, 0, 1]),
};
export const nested = (level: Buffer, times: number): Buffer => Buffer.concat(Array<Buffer>(times).fill(level));

export const connect = (app = 'live', tcUrl = 'rtmp://127.0.0.1:1935/live'): Buffer =>
  Buffer.concat([string('connect'), number(1), object({ app: string(app), tcUrl: string(tcUrl) })]);
export const createStream = (): Buffer => Buffer.concat([string('createStream'), number(2), NULL]);
export const publish = (name: string): Buffer =>
  Buffer.concat([string('publish'), number(5), NULL, string(name), string('live')]);
export const play = (name: string): Buffer => Buffer.concat([string('play'), number(5), NULL, string(name)]);
