import {
  type ChunkFormat,
  EXTENDED,
  formatOf,
  type MessageHeader,
  readHeader,
  writeContinuation,
  writeHeader,
} from './chunk-header';
import { GateRefusal } from './refusal';

const NOTHING: MessageHeader = { timestamp: 0, length: 0, type: 0, streamId: 0 };
/** A body grows as it comes: what is only announced takes no memory. */
const FIRST_BODY_BYTES = 4096;
/** SRS compares as many. */
const TIME_BITS = 0x7fffffff;

/** One chunk stream of a connection: what its sender said last, and what SRS was told last. */
export class ChunkStream {
  header = NOTHING;
  /** Bytes of the present message that did not come yet. */
  left = 0;
  /** True if the present message is passed on as it comes, false if it is judged as a whole. */
  passes = false;
  private format: ChunkFormat = 0;
  /** The time that a header without one adds to the one before. */
  private delta = 0;
  private extended = false;
  private begun = false;
  private told: (MessageHeader & { readonly delta: number }) | undefined;
  private toldExtended = false;
  private body: Buffer | undefined;
  private filled = 0;

  constructor(readonly id: number) {}

  /** Takes a message's first header. */
  begin(head: Buffer): void {
    const format = formatOf(head.readUInt8(0));
    if (!this.begun && format > 1) throw new GateRefusal('fresh_chunk_stream', `a first header of format ${format}`);
    if (format === 3 && this.extended)
      throw new GateRefusal('extended_timestamp', 'a header without a time after an extended one');
    this.begun = true;
    this.format = format;
    if (format === 3) this.header = { ...this.header, timestamp: (this.header.timestamp + this.delta) >>> 0 };
    else ({ header: this.header, time: this.delta, extended: this.extended } = readHeader(head, this.header));
    this.left = this.header.length;
  }

  /**
   * The header to send: the one that came, where SRS reads exactly the same out of it, else one that leaves nothing
   * out.
   */
  tell(): Buffer {
    const { header, delta, format } = this;
    const isSame = this.isToldBy(format);
    this.told = { ...header, delta: isSame ? delta : header.timestamp };
    this.toldExtended = !isSame && header.timestamp >= EXTENDED;
    return isSame ? writeHeader(this.id, header, format, delta) : writeHeader(this.id, header);
  }

  private isToldBy(format: ChunkFormat): boolean {
    const { told, header, delta } = this;
    if (this.extended) return false;
    if (format === 0) return true;
    if (told === undefined || told.streamId !== header.streamId) return false;
    if ((told.timestamp + delta) >>> 0 !== header.timestamp) return false;
    if (format === 1) return true;
    return told.length === header.length && told.type === header.type && (format === 2 || told.delta === delta);
  }

  /** The header of the chunks behind the first. */
  continuation(): Buffer {
    return writeContinuation(this.id, this.toldExtended ? this.header.timestamp : 0);
  }

  /** Returns whether one byte is enough for it. */
  get hasShortContinuation(): boolean {
    return !this.extended && !this.toldExtended && this.id < 64;
  }

  /**
   * Returns whether the four bytes behind a continuation's header may be the time once more: some senders write it into
   * every chunk.
   */
  get mayRepeatTime(): boolean {
    return this.extended && this.left > 0;
  }

  isTimeAgain(value: number): boolean {
    return (value & TIME_BITS) === (this.header.timestamp & TIME_BITS);
  }

  collect(read: Buffer, start: number, end: number): void {
    const needed = this.filled + end - start;
    if (this.body === undefined || this.body.length < needed) this.body = this.grown(needed);
    read.copy(this.body, this.filled, start, end);
    this.filled = needed;
  }

  private grown(needed: number): Buffer {
    const wanted = Math.max(needed, 2 * (this.body?.length ?? 0), FIRST_BODY_BYTES);
    const grown = Buffer.allocUnsafe(Math.min(this.header.length, wanted));
    this.body?.copy(grown, 0, 0, this.filled);
    return grown;
  }

  /** The body that is whole now. */
  takeBody(): Buffer {
    const body = this.body?.subarray(0, this.filled) ?? Buffer.alloc(0);
    this.body = undefined;
    this.filled = 0;
    return body;
  }
}
