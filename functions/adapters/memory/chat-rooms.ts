import { ChatEntry, ChatRoom, ChatSender } from '../../contract/chat/documents';
import type { ChatFound, ChatListener, ChatRooms } from '../../ports/chat';
import { readable } from '../readable';

interface KeptRoom {
  room?: ChatRoom;
  entries: Map<number, ChatEntry>;
  senders: Map<string, ChatSender>;
  listeners: Set<ChatListener>;
}

/** `ChatRooms` of this process; `reads` counts the entries that listeners were given. Expired ones stay. */
export function memoryChatRooms(): ChatRooms & { reads: number } {
  const rooms = new Map<string, KeptRoom>();
  const roomOf = (streamId: string): KeptRoom => {
    const kept = rooms.get(streamId) ?? { entries: new Map(), senders: new Map(), listeners: new Set() };
    rooms.set(streamId, kept);
    return kept;
  };
  const made: ChatRooms & { reads: number } = {
    reads: 0,
    async change(streamId, asked, decide) {
      const kept = roomOf(streamId);
      const message = kept.entries.get(asked.message ?? 0);
      const found: ChatFound = structuredClone({
        ...(kept.room && { room: kept.room }),
        ...sender(kept.senders.get(asked.sender ?? '')),
        ...(message?.kind === 'message' && { message }),
      });
      const { room, entries = [], sender: next, result } = decide(found);
      if (room) kept.room = structuredClone(readable(ChatRoom, room, streamId));
      if (next) kept.senders.set(next.sender, structuredClone(readable(ChatSender, next, streamId)));
      for (const entry of entries)
        kept.entries.set(entry.number, structuredClone(readable(ChatEntry, entry, streamId)));
      if (entries.length > 0)
        for (const listener of kept.listeners) {
          made.reads += entries.length;
          queueMicrotask(() => kept.listeners.has(listener) && listener.heard(structuredClone(entries)));
        }
      return result;
    },
    listen(streamId, limit, listener) {
      const kept = roomOf(streamId);
      const newest = [...kept.entries.values()].sort((a, b) => a.number - b.number).slice(-limit);
      made.reads += newest.length;
      kept.listeners.add(listener);
      queueMicrotask(() => kept.listeners.has(listener) && listener.heard(structuredClone(newest)));
      return () => void kept.listeners.delete(listener);
    },
    getSender: async (streamId, id) => structuredClone(roomOf(streamId).senders.get(id)),
    async listRestricted(streamId, { limit, after = '' }) {
      const restricted = [...roomOf(streamId).senders.values()].filter(
        (each) => each.restriction !== undefined && each.sender > after,
      );
      return structuredClone(restricted.sort((a, b) => (a.sender < b.sender ? -1 : 1)).slice(0, limit));
    },
    async remove(streamId) {
      const kept = roomOf(streamId);
      delete kept.room;
      kept.entries.clear();
      kept.senders.clear();
    },
  };
  return made;
}

const sender = (found: ChatSender | undefined): Pick<ChatFound, 'sender'> => (found ? { sender: found } : {});
