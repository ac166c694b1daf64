import type { ChatEntry, ChatRoom, ChatSender, MessageEntry, SenderId } from '../contract/chat/documents';
import type { StreamId } from '../contract/ids';

/** The documents that one transaction on a room asks for, beside the room itself. */
export interface ChatAsked {
  sender?: SenderId;
  /** The number of a message. */
  message?: number;
}

/** The documents that were found; `message`: absent too when the number is that of another entry. */
export interface ChatFound {
  room?: ChatRoom;
  sender?: ChatSender;
  message?: MessageEntry;
}

/** The result of a transaction on a room. Absent parts stay as they are. */
export interface ChatChange {
  room?: ChatRoom;
  /** New entries, and messages that have lost their text. Each is kept until `keptUntil`. */
  entries?: readonly ChatEntry[];
  keptUntil?: number;
  sender?: ChatSender;
}

/** A listener's calls. `entries` are new or changed, in the order of their numbers; the first call has the newest. */
export interface ChatListener {
  heard(entries: readonly ChatEntry[]): void;
  /** Nothing is heard any more: listen again. */
  failed(error: unknown): void;
}

/**
 * Rooms, one of each stream with a chat. Transactions as those of `StreamStore`: entries become visible in the order of
 * their numbers, and all of one transaction at once.
 */
export interface ChatRooms {
  change<T>(streamId: StreamId, asked: ChatAsked, decide: (found: ChatFound) => ChatChange & { result: T }): Promise<T>;
  getSender(streamId: StreamId, sender: SenderId): Promise<ChatSender | undefined>;
  /** Hears the newest `limit` entries, then each that is added. Answers how to stop. */
  listen(streamId: StreamId, limit: number, listener: ChatListener): () => void;
  /** Lists senders with a restriction, by their ids, after `after`; one that has ended by itself may be among them. */
  listRestricted(streamId: StreamId, page: { limit: number; after?: SenderId }): Promise<ChatSender[]>;
  /** The room with all that it holds. */
  remove(streamId: StreamId): Promise<void>;
}
