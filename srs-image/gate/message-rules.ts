import type { GateLimits } from '../../functions/contract/gate';
import { AmfWalker } from './amf0';
import type { MessageHeader } from './chunk-header';
import type { MessageJudge } from './chunks';
import { GateRefusal } from './refusal';

/** Message types that an encoder or a player sends. Adobe RTMP 1.0, 5.4 and 7.1. */
const SET_CHUNK_SIZE = 1;
const ACKNOWLEDGEMENT = 3;
const USER_CONTROL = 4;
const WINDOW = 5;
const BANDWIDTH = 6;
const AUDIO = 8;
const VIDEO = 9;
const DATA_AMF3 = 15;
const COMMAND_AMF3 = 17;
const DATA = 18;
const COMMAND = 20;

/** Exact lengths of what controls the connection. */
const CONTROL_BYTES: Readonly<Record<number, number>> = {
  [SET_CHUNK_SIZE]: 4,
  [ACKNOWLEDGEMENT]: 4,
  [WINDOW]: 4,
  [BANDWIDTH]: 5,
};
/** A user control message by its event: set buffer length has two numbers, Flash's own events one byte. */
const EVENT_BYTES: Readonly<Record<number, number>> = { 3: 10, 26: 3 };
const EVENT_USUAL_BYTES = 6;
const EVENT_LONGEST_BYTES = 10;

const CHUNK_SIZE_LEAST = 128;
const CHUNK_SIZE_MOST = 0x7fffffff;
/**
 * ffmpeg sends a time code of four bytes as a data message, which SRS knows by its first.
 * https://github.com/ossrs/srs/issues/3803
 */
const TIME_CODE_BYTES = 4;

/** Takes the cost of a message's values, and throws when they come too fast. */
export type PayValues = (values: number) => void;

/** The rules about the order and content of messages. Throws `GateRefusal`. */
export class MessageRules implements MessageJudge {
  isConnected = false;
  /** The purpose of the connection, once it is known. */
  role: 'publisher' | 'player' | undefined;
  /** Messages that began. */
  messages = 0;

  constructor(
    private readonly limits: GateLimits,
    private readonly pay: PayValues,
  ) {}

  begin({ type, length }: MessageHeader): 'pass' | 'whole' {
    this.messages += 1;
    if (length > this.longest(type, length))
      throw new GateRefusal('message_length', `a message of type ${type} and ${length} bytes`);
    const isMedia = type === AUDIO || type === VIDEO;
    if ((isMedia || type === DATA || type === DATA_AMF3) && this.role !== 'publisher')
      throw new GateRefusal('media_before_publish', `a message of type ${type} before publish`);
    return isMedia ? 'pass' : 'whole';
  }

  private longest(type: number, length: number): number {
    const { audioBytes, videoBytes, dataBytes, commandBytes } = this.limits;
    const exact = CONTROL_BYTES[type];
    if (exact !== undefined) return length === 0 || length === exact ? length : 0;
    if (type === USER_CONTROL) return EVENT_LONGEST_BYTES;
    if (type === AUDIO) return audioBytes;
    if (type === VIDEO) return videoBytes;
    if (type === DATA || type === DATA_AMF3) return dataBytes;
    if (type === COMMAND || type === COMMAND_AMF3) return commandBytes;
    throw new GateRefusal('message_type', `a message of type ${type}`);
  }

  judge({ type }: MessageHeader, body: Buffer): number | undefined {
    if (type === SET_CHUNK_SIZE) return chunkSizeOf(body);
    if (type === USER_CONTROL) requireEvent(body);
    if (type === COMMAND) this.command(body, 0);
    if (type === COMMAND_AMF3) {
      // SRS skips this byte, whatever it is; 0 says that AMF 0 follows.
      if (body[0] !== 0) throw new GateRefusal('amf_value', 'a command in AMF 3');
      this.command(body, 1);
    }
    if (type === DATA_AMF3 || (type === DATA && !isTimeCode(body))) this.data(body);
    return undefined;
  }

  private command(body: Buffer, from: number): void {
    const { commandValues: values, commandStringBytes: stringBytes } = this.limits;
    const walker = new AmfWalker(body, from, { ...this.limits, values, stringBytes, printable: true });
    const name = walker.string();
    walker.number();
    walker.rest();
    this.pay(walker.values);
    this.follow(name);
  }

  /** SRS reads data of type 15 as it does that of type 18, from the first byte on. */
  private data(body: Buffer): void {
    const { dataValues: values, dataStringBytes: stringBytes } = this.limits;
    const walker = new AmfWalker(body, 0, { ...this.limits, values, stringBytes, printable: false });
    walker.string();
    walker.rest();
    this.pay(walker.values);
  }

  private follow(name: string): void {
    if (this.isConnected === (name === 'connect'))
      throw new GateRefusal('command_order', this.isConnected ? 'a second connect' : `'${name}' before connect`);
    this.isConnected = true;
    if (name === 'publish') this.role = 'publisher';
    if (name === 'play') this.role ??= 'player';
  }
}

function chunkSizeOf(body: Buffer): number {
  const size = body.readUInt32BE(0);
  if (size >= CHUNK_SIZE_LEAST && size <= CHUNK_SIZE_MOST) return size;
  throw new GateRefusal('chunk_size', `chunks of ${size} bytes: use ${CHUNK_SIZE_LEAST} to ${CHUNK_SIZE_MOST}`);
}

function requireEvent(body: Buffer): void {
  const event = body.length < 2 ? -1 : body.readUInt16BE(0);
  if (body.length !== (EVENT_BYTES[event] ?? EVENT_USUAL_BYTES))
    throw new GateRefusal('control', `a user control message of event ${event} and ${body.length} bytes`);
}

const isTimeCode = (body: Buffer): boolean => body.length === TIME_CODE_BYTES && body[0] === 0;
