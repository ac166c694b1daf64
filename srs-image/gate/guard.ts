import type { GateLimits } from '../../functions/contract/gate';
import { Bucket } from './bucket';
import { Chunks } from './chunks';
import { MessageRules } from './message-rules';
import { GateRefusal } from './refusal';

/** RTMP's version. SRS takes another first byte, F3, for an address that anybody may claim. */
const VERSION = 3;
/** C0, C1, C2: counted and not read, so a complex handshake is the two sides' own. */
const HANDSHAKE_BYTES = 1 + 1536 + 1536;

export interface Passed {
  readonly pieces: readonly Buffer[];
  /** The time that the sender should wait before it is read again, in milliseconds. */
  readonly waitMs: number;
}

/** The stage of a connection. */
export type Stage = 'handshake' | 'connect' | 'publish' | 'publisher' | 'player';

/**
 * Everything a client sends to SRS on one connection, judged before SRS sees it. No clock, no I/O. Throws
 * `GateRefusal`.
 */
export class Guard {
  private handshake = 0;
  private readonly rules: MessageRules;
  private readonly chunks: Chunks;
  private readonly values: Bucket;
  private readonly messages: Bucket;
  private now = 0;

  constructor(limits: GateLimits) {
    this.values = new Bucket(limits.valuesAtOnce, limits.valuesPerSecond);
    this.messages = new Bucket(limits.messagesAtOnce, limits.messagesPerSecond);
    this.rules = new MessageRules(limits, (values) => this.payValues(values));
    this.chunks = new Chunks(limits, this.rules);
  }

  get stage(): Stage {
    if (this.handshake < HANDSHAKE_BYTES) return 'handshake';
    return this.rules.role ?? (this.rules.isConnected ? 'publish' : 'connect');
  }

  /** Returns the bytes for SRS of those that came at `now` (milliseconds, of any clock). */
  take(read: Buffer, now: number): Passed {
    this.now = now;
    if (this.handshake === 0 && read.length > 0 && read[0] !== VERSION)
      throw new GateRefusal('version', `a first byte of ${read[0]}: RTMP begins with ${VERSION}`);
    const greeting = Math.min(HANDSHAKE_BYTES - this.handshake, read.length);
    this.handshake += greeting;
    const before = this.rules.messages;
    const pieces = this.chunks.take(read.subarray(greeting));
    const waitMs = this.messages.take(this.rules.messages - before, now);
    return { pieces: greeting === 0 ? pieces : [read.subarray(0, greeting), ...pieces], waitMs };
  }

  private payValues(values: number): void {
    if (this.values.take(values, this.now) > 0)
      throw new GateRefusal('amf_rate', 'commands and data of more values than a second has room for');
  }
}
