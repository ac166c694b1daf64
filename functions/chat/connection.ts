import type { ChatEnd } from '../contract/api/chat';
import type { ChatEntry } from '../contract/chat/documents';
import type { RoomClaims } from '../core/chat/room-token';
import { endEvent, entryEvent } from './events';

/**
 * Bytes that may wait for a reader, beside what its socket holds. The whole history is less. They are shared by all
 * readers, so a slow one costs little.
 */
const MAX_WAITING_BYTES = 512 * 1024;

/** The end of a connection, decided when it begins: at `reconnectAt` a reader moves on, at `expiresAt` it may not. */
export interface ConnectionEnds {
  reconnectAt: number;
  expiresAt: number;
}

/** One reader: a body of server-sent events. */
export class ReaderConnection {
  readonly body: ReadableStream<Uint8Array>;
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(
    private readonly ends: ConnectionEnds,
    private readonly you: RoomClaims | undefined,
    private readonly onClose: () => void,
  ) {
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.controller = controller;
        },
        cancel: () => this.close(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_WAITING_BYTES }),
    );
  }

  get isClosed(): boolean {
    return this.controller === undefined;
  }

  /** A reader that takes nothing is cut: it comes back with its number, and has lost nothing. */
  write(bytes: Uint8Array): void {
    const { controller } = this;
    if (controller === undefined) return;
    if ((controller.desiredSize ?? 0) <= 0) {
      this.close();
      controller.error(new Error('the reader is too slow'));
    } else controller.enqueue(bytes);
  }

  /** Writes the events of entries that are for this reader; a ban of its own that holds at `now` ends it. */
  writeEntries(entries: readonly ChatEntry[], now: number): void {
    for (const entry of entries) {
      const bytes = this.mayRead(entry) ? entryEvent(entry) : undefined;
      if (bytes !== undefined) this.write(bytes);
    }
    const own = entries.findLast((entry) => entry.kind === 'restriction' && entry.sender === this.you?.sender);
    if (own?.kind !== 'restriction' || own.restriction !== 'ban') return;
    if (own.until === undefined || own.until > now) this.end('banned');
  }

  end(reason: ChatEnd['reason']): void {
    const { controller } = this;
    if (controller === undefined) return;
    this.close();
    controller.enqueue(endEvent(reason));
    controller.close();
  }

  /** Ends a connection whose time is over, and answers true then. */
  endIfOver(now: number): boolean {
    const { reconnectAt, expiresAt } = this.ends;
    if (now < Math.min(reconnectAt, expiresAt)) return false;
    this.end(now >= expiresAt ? 'expired' : 'reconnect');
    return true;
  }

  /** Restrictions are for moderators, and for the one they are about. */
  private mayRead(entry: ChatEntry): boolean {
    return entry.kind !== 'restriction' || this.you?.role === 'moderator' || this.you?.sender === entry.sender;
  }

  private close(): void {
    if (this.controller === undefined) return;
    this.controller = undefined;
    this.onClose();
  }
}
