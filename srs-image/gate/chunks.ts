import type { GateLimits } from '../../functions/contract/gate';
import {
  basicSize,
  chunkStreamOf,
  formatOf,
  hasExtendedTime,
  MAX_HEADER,
  type MessageHeader,
  plainSize,
} from './chunk-header';
import { ChunkStream } from './chunk-stream';
import { GateRefusal } from './refusal';
import { Runs } from './runs';

/** Until a sender says another. */
const FIRST_CHUNK_SIZE = 128;
const TIME_BYTES = 4;

export interface MessageJudge {
  /** At a message's first header. `pass`: its bytes go on as they come; `whole`: it is judged once it is there. */
  begin(header: MessageHeader): 'pass' | 'whole';
  /**
   * A whole message, before any of it goes on. Answers the size of the chunks behind it, if it is what changes that.
   */
  judge(header: MessageHeader, body: Buffer): number | undefined;
}

/** The place of a whole header in the bytes that were read. */
interface Here {
  readonly read: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the chunks of one connection as they come and passes them on so that they can be read in one way only. A header
 * goes on as it is where SRS reads the same out of it, else as a whole one; what is judged goes on once its last byte
 * is there. Nothing is held back of what passes. Throws `GateRefusal`.
 */
export class Chunks {
  private readonly streams = new Map<number, ChunkStream>();
  private readonly head = Buffer.alloc(MAX_HEADER);
  private headBytes = 0;
  private current = new ChunkStream(0);
  /** Bytes of the present chunk that did not come yet. */
  private chunkLeft = 0;
  private chunkSize = FIRST_CHUNK_SIZE;
  private open = 0;
  private empty = 0;
  private readonly runs = new Runs();

  constructor(
    private readonly limits: Pick<GateLimits, 'chunkStreams' | 'openBytes' | 'emptyMessages'>,
    private readonly judge: MessageJudge,
  ) {}

  /** Returns the part of `read` that passes. */
  take(read: Buffer): Buffer[] {
    this.feed(read);
    return this.runs.take();
  }

  private feed(read: Buffer): void {
    for (let at = 0; at < read.length; ) at = this.chunkLeft > 0 ? this.payload(read, at) : this.header(read, at);
  }

  private header(read: Buffer, from: number): number {
    const isFresh = this.headBytes === 0;
    let at = from;
    do {
      this.head[this.headBytes] = read.readUInt8(at);
      this.headBytes += 1;
      at += 1;
    } while (at < read.length && this.headBytes < this.needed());
    if (this.headBytes < this.needed()) return at;
    const bytes = this.headBytes;
    this.headBytes = 0;
    this.chunk(isFresh ? { read, start: from, end: at } : undefined, bytes);
    return at;
  }

  /** Bytes of the header that has begun, as far as its first ones tell. */
  private needed(): number {
    const first = this.head.readUInt8(0);
    const plain = plainSize(first);
    if (this.headBytes < plain) return plain;
    if (formatOf(first) !== 3) return plain + (hasExtendedTime(this.head) ? TIME_BYTES : 0);
    return plain + (this.streams.get(chunkStreamOf(this.head))?.mayRepeatTime ? TIME_BYTES : 0);
  }

  private chunk(here: Here | undefined, bytes: number): void {
    const id = chunkStreamOf(this.head);
    const stream = this.streams.get(id) ?? this.openStream(id);
    this.current = stream;
    if (stream.left > 0) this.goOn(stream, here, bytes);
    else this.begin(stream, here);
  }

  private openStream(id: number): ChunkStream {
    if (id < 2) throw new GateRefusal('chunk_stream', `chunk stream ${id}: use 2 and above`);
    if (this.streams.size === this.limits.chunkStreams)
      throw new GateRefusal('chunk_streams', `more than ${this.limits.chunkStreams} chunk streams`);
    const stream = new ChunkStream(id);
    this.streams.set(id, stream);
    return stream;
  }

  private begin(stream: ChunkStream, here: Here | undefined): void {
    stream.begin(this.head);
    stream.passes = this.judge.begin(stream.header) === 'pass';
    if (stream.header.length === 0) this.skipEmpty();
    else this.announce(stream.header.length);
    this.chunkLeft = Math.min(stream.left, this.chunkSize);
    if (stream.passes && stream.left > 0) this.passHeader(stream.tell(), here);
  }

  private skipEmpty(): void {
    this.empty += 1;
    if (this.empty > this.limits.emptyMessages)
      throw new GateRefusal(
        'empty_messages',
        `more than ${this.limits.emptyMessages} empty messages one after the other`,
      );
  }

  private announce(length: number): void {
    this.empty = 0;
    this.open += length;
    if (this.open > this.limits.openBytes)
      throw new GateRefusal(
        'open_bytes',
        `messages of ${this.open} bytes announced: at most ${this.limits.openBytes} at once`,
      );
  }

  /** `head`, out of what was read where it is the same. */
  private passHeader(head: Buffer, here: Here | undefined): void {
    const isSame = here !== undefined && head.equals(here.read.subarray(here.start, here.end));
    if (isSame) this.runs.pass(here.read, here.start, here.end);
    else this.runs.own(head);
  }

  private goOn(stream: ChunkStream, here: Here | undefined, bytes: number): void {
    const format = formatOf(this.head.readUInt8(0));
    if (format !== 3) throw new GateRefusal('header_in_message', `a header of format ${format} inside a message`);
    this.chunkLeft = Math.min(stream.left, this.chunkSize);
    if (stream.passes && here !== undefined && stream.hasShortContinuation)
      this.runs.pass(here.read, here.start, here.end);
    else if (stream.passes) this.runs.own(stream.continuation());
    if (bytes > basicSize(this.head.readUInt8(0))) this.timeOrPayload(stream, bytes - TIME_BYTES);
  }

  /** Four bytes that are the time once more are left out here; others belong to the message. */
  private timeOrPayload(stream: ChunkStream, at: number): void {
    if (!stream.isTimeAgain(this.head.readUInt32BE(at)))
      this.feed(Buffer.from(this.head.subarray(at, at + TIME_BYTES)));
  }

  private payload(read: Buffer, from: number): number {
    const { current: stream } = this;
    const end = Math.min(read.length, from + this.chunkLeft);
    if (stream.passes) this.runs.pass(read, from, end);
    else stream.collect(read, from, end);
    this.chunkLeft -= end - from;
    stream.left -= end - from;
    if (stream.left === 0) this.complete(stream);
    return end;
  }

  private complete(stream: ChunkStream): void {
    this.open -= stream.header.length;
    if (stream.passes) return;
    const body = stream.takeBody();
    const chunkSize = this.judge.judge(stream.header, body);
    this.runs.own(stream.tell());
    for (let at = 0; at < body.length; at += this.chunkSize) {
      if (at > 0) this.runs.own(stream.continuation());
      this.runs.own(body.subarray(at, at + this.chunkSize));
    }
    this.chunkSize = chunkSize ?? this.chunkSize;
  }
}
