import type { GateLimits } from '../../functions/contract/gate';
import { GateRefusal } from './refusal';

/** Adobe AMF 0, 2.1: those that SRS reads. */
const NUMBER = 0;
const BOOLEAN = 1;
const STRING = 2;
const OBJECT = 3;
const NULL = 5;
const UNDEFINED = 6;
const ECMA_ARRAY = 8;
const OBJECT_END = 9;
const END_MARK_BYTES = 3;
const STRICT_ARRAY = 10;
const DATE = 11;

const FIRST_PRINTABLE = 0x20;
const DELETE = 0x7f;

export interface AmfLimits extends Pick<GateLimits, 'depth' | 'keys' | 'keyBytes'> {
  readonly values: number;
  readonly stringBytes: number;
  /** Neither control characters in strings nor in keys: SRS puts them into its log and its hooks. */
  readonly printable: boolean;
}

/**
 * Walks a message's values without keeping any. Throws `GateRefusal` wherever SRS 5 or 6 reads anything but what AMF 0
 * says, or pays more than its share: lengths are signed there, an end mark is a value, keys are compared each with
 * each, nesting is recursion.
 */
export class AmfWalker {
  /** Values seen, nested ones too. */
  values = 0;

  constructor(
    private readonly body: Buffer,
    private at: number,
    private readonly limits: AmfLimits,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.body.length;
  }

  /** A string at the top, with its marker. */
  string(): string {
    this.count();
    if (this.byte() !== STRING) throw new GateRefusal('amf_value', 'no string where a name is expected');
    const length = this.length(this.limits.stringBytes);
    return this.body.toString('latin1', this.at - length, this.at);
  }

  number(): void {
    if (this.body[this.at] !== NUMBER) throw new GateRefusal('amf_value', 'no number where a transaction is expected');
    this.value(0);
  }

  /** All that follow. */
  rest(): void {
    while (!this.isAtEnd) this.value(0);
  }

  private value(depth: number): void {
    if (depth > this.limits.depth) throw new GateRefusal('amf_depth', `nested deeper than ${this.limits.depth}`);
    if (this.isEndMark()) throw new GateRefusal('amf_value', 'an end mark where a value is expected');
    this.count();
    const marker = this.byte();
    if (marker === NUMBER) this.skip(8);
    else if (marker === BOOLEAN) this.skip(1);
    else if (marker === STRING) this.length(this.limits.stringBytes);
    else if (marker === DATE) this.skip(10);
    else if (marker === OBJECT) this.properties(depth);
    else if (marker === ECMA_ARRAY) {
      this.skip(4);
      this.properties(depth);
    } else if (marker === STRICT_ARRAY) this.items(depth);
    else if (marker !== NULL && marker !== UNDEFINED)
      throw new GateRefusal('amf_value', `marker ${marker} is none that SRS reads`);
  }

  /** Up to the end mark; some encoders leave it out at a message's end, and SRS takes that. */
  private properties(depth: number): void {
    for (let keys = 0; !this.isAtEnd && !this.isEndMark(); keys += 1) {
      if (keys === this.limits.keys)
        throw new GateRefusal('amf_keys', `more than ${this.limits.keys} keys in an object`);
      this.length(this.limits.keyBytes);
      this.value(depth + 1);
    }
    if (!this.isAtEnd) this.skip(END_MARK_BYTES);
  }

  private items(depth: number): void {
    this.skip(4);
    const items = this.body.readUInt32BE(this.at - 4);
    // Each item has a byte at the least.
    if (items > this.body.length - this.at)
      throw new GateRefusal('amf_value', `an array of ${items} in a message that is shorter`);
    for (let item = 0; item < items; item += 1) this.value(depth + 1);
  }

  private count(): void {
    this.values += 1;
    if (this.values > this.limits.values)
      throw new GateRefusal('amf_values', `more than ${this.limits.values} values in a message`);
  }

  private byte(): number {
    this.skip(1);
    return this.body.readUInt8(this.at - 1);
  }

  /** A length of two bytes and as many characters. */
  private length(most: number): number {
    this.skip(2);
    const length = this.body.readUInt16BE(this.at - 2);
    if (length > most)
      throw new GateRefusal('amf_string', `a string of ${length} bytes: at most ${most} are read here`);
    this.skip(length);
    if (this.limits.printable) this.requirePrintable(this.at - length);
    return length;
  }

  private requirePrintable(from: number): void {
    for (let at = from; at < this.at; at += 1) {
      const byte = this.body.readUInt8(at);
      if (byte < FIRST_PRINTABLE || byte === DELETE)
        throw new GateRefusal('amf_string', `a control character (${byte}) in a command`);
    }
  }

  private skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.body.length) throw new GateRefusal('amf_value', 'a value that goes beyond its message');
  }

  private isEndMark(): boolean {
    const { body, at } = this;
    return body[at] === 0 && body[at + 1] === 0 && body[at + 2] === OBJECT_END;
  }
}
