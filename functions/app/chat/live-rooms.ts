import type { StreamId } from '../../contract/ids';
import { HISTORY } from '../../core/chat/room';
import { DomainError } from '../../core/errors';
import type { ChatRooms } from '../../ports/chat';
import type { Clock, Log } from '../../ports/stores';
import { within } from '../deadline';
import { LiveRoom, type RoomReader } from './live-room';

/** A room goes on without readers for this long: they come back after an end. */
const LINGER_MS = 30_000;
/** Each room looks this often whether its chat is still on. */
const LOOK_MS = 30_000;
/** The store says what a room holds within this time, or the reader is refused: it comes back. */
const FIRST_ANSWER_MS = 10_000;

export interface LiveRoomsDeps {
  rooms: ChatRooms;
  clock: Clock;
  log: Log;
  /** Tells whether a stream has a chat now. */
  isOpen(streamId: StreamId): Promise<boolean>;
}

const closed = (): DomainError => new DomainError('unavailable', 'the room was closed: try again');

interface Held {
  room: LiveRoom;
  /** Resolves with the first entries; rejects if the room cannot be heard. */
  ready: Promise<void>;
  close: AbortController;
}

/** The rooms that are read on this instance: one listener each, however many read. */
export class LiveRooms {
  private readonly held = new Map<StreamId, Held>();

  constructor(private readonly deps: LiveRoomsDeps) {}

  /** Begins a reading, and answers how to leave. Rejects if the room cannot be heard, or not in time. */
  async join(
    streamId: StreamId,
    { reader, after }: { reader: RoomReader; after: number | undefined },
  ): Promise<() => void> {
    const held = this.held.get(streamId) ?? this.open(streamId);
    try {
      await within({ clock: this.deps.clock, limitMs: FIRST_ANSWER_MS, what: 'the room' }, held.ready);
      if (held.close.signal.aborted) throw closed();
    } catch (error) {
      this.leave(held, reader);
      throw error;
    }
    held.room.join(reader, after);
    return () => this.leave(held, reader);
  }

  /** Ends every room, with its readers. */
  stop(): void {
    for (const { close } of [...this.held.values()]) close.abort();
  }

  private open(streamId: StreamId): Held {
    const { rooms, log } = this.deps;
    const room = new LiveRoom();
    const close = new AbortController();
    const ready = new Promise<void>((resolve, reject) => {
      const stop = rooms.listen(streamId, HISTORY, {
        heard(entries) {
          room.take(entries);
          resolve();
        },
        failed(error) {
          log.warn('chat_not_heard', { streamId, error });
          reject(error);
          close.abort();
        },
      });
      close.signal.addEventListener('abort', () => {
        stop();
        room.end('reconnect');
        reject(closed());
        if (this.held.get(streamId) === held) this.held.delete(streamId);
      });
    });
    const held = { room, ready, close };
    this.held.set(streamId, held);
    ready.then(
      () => this.look(streamId, held),
      () => undefined,
    );
    return held;
  }

  private leave({ room, close }: Held, reader: RoomReader): void {
    room.readers.delete(reader);
    if (room.readers.size > 0) return;
    void this.deps.clock.sleep(LINGER_MS, close.signal).then(() => {
      if (room.readers.size === 0) close.abort();
    });
  }

  /** Ends a room whose stream was deleted, suspended, or lost its chat. */
  private async look(streamId: StreamId, { room, close: { signal } }: Held): Promise<void> {
    const { clock, isOpen } = this.deps;
    for (;;) {
      await clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      const open = await isOpen(streamId).catch(() => true);
      if (!open) room.end('closed');
    }
  }
}
