import type { ChatEntry, ChatRoom } from '../../contract/chat/documents';
import type { StreamId } from '../../contract/ids';

/** Entries that a newcomer is given, and that a reader who comes back can have missed. */
export const HISTORY = 100;

export const emptyRoom = (streamId: StreamId): ChatRoom => ({
  streamId,
  last: 0,
  lastAt: 0,
  second: { since: 0, messages: 0 },
});

/** An entry without its place. */
export type NewEntry = ChatEntry extends infer Entry
  ? Entry extends ChatEntry
    ? Omit<Entry, 'number' | 'at'>
    : never
  : never;

/** The place of the next entry, and the room after it. Numbers have no gap, and times never go back. */
export function nextNumber(room: ChatRoom, nowMs: number): { place: { number: number; at: number }; room: ChatRoom } {
  const place = { number: room.last + 1, at: Math.max(nowMs, room.lastAt) };
  return { place, room: { ...room, last: place.number, lastAt: place.at } };
}
