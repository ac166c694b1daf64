import { FieldPath, type Firestore, Timestamp, type Transaction } from '@google-cloud/firestore';
import { ChatEntry, ChatRoom, ChatSender } from '../../../contract/chat/documents';
import type { ChatAsked, ChatChange, ChatFound, ChatRooms } from '../../../ports/chat';
import { readable } from '../../readable';
import { firestoreCalls } from './firestore-calls';
import { parseIfReadable, readAll } from './readable-documents';
import { parseIfThere } from './stream-documents';

const DAY_MS = 86_400_000;
/** Documents of a page of a deletion: far below what one commit takes. */
const PAGE = 200;

/**
 * Rooms in Firestore, below `streams/{id}`: `chat/room`, `chatEntries`, `chatSenders`. A listener costs one read for
 * each entry of its first answer, and one for each that is added or changed.
 */
export function firestoreChatRooms(firestore: Firestore, options: { deadlineMs?: number } = {}): ChatRooms {
  const { read, transact } = firestoreCalls(firestore, options.deadlineMs);
  const documents = chatDocuments(firestore);
  return {
    change: (streamId, asked, decide) =>
      transact({
        read: (transaction) => readRoom(transaction, documents(streamId), asked),
        decide(transaction, found) {
          const { result, ...change } = decide(found);
          writeRoom(transaction, documents(streamId), change);
          return result;
        },
      }),
    listen(streamId, limit, listener) {
      const newest = documents(streamId).entries.orderBy('number', 'desc').limit(limit);
      return newest.onSnapshot(
        (snapshot) => {
          const heard = snapshot
            .docChanges()
            .flatMap(({ type, doc }) => (type === 'removed' ? [] : (parseIfReadable(ChatEntry, doc) ?? [])));
          listener.heard(heard.sort((a, b) => a.number - b.number));
        },
        (error) => listener.failed(error),
      );
    },
    getSender: (streamId, sender) =>
      read(async () => parseIfThere(ChatSender, await documents(streamId).senders.doc(sender).get())),
    listRestricted(streamId, { limit, after }) {
      const restricted = documents(streamId).senders.where('isRestricted', '==', true).orderBy(FieldPath.documentId());
      return read(() => readAll(ChatSender, (after ? restricted.startAfter(after) : restricted).limit(limit)));
    },
    async remove(streamId) {
      const { room, entries, senders } = documents(streamId);
      await read(() => room.delete());
      for (const all of [entries, senders]) while ((await read(() => removePage(firestore, all))) === PAGE);
    },
  };
}

type Documents = ReturnType<ReturnType<typeof chatDocuments>>;

/** Numbers have twelve digits, so that their order is that of the names. */
const nameOf = (number: number): string => String(number).padStart(12, '0');

const chatDocuments = (firestore: Firestore) => (streamId: string) => {
  const stream = firestore.collection('streams').doc(streamId);
  return {
    room: stream.collection('chat').doc('room'),
    entries: stream.collection('chatEntries'),
    senders: stream.collection('chatSenders'),
  };
};

async function readRoom(
  transaction: Transaction,
  { room, entries, senders }: Documents,
  { sender, message }: ChatAsked,
): Promise<ChatFound> {
  const wanted = [
    room,
    ...(sender === undefined ? [] : [senders.doc(sender)]),
    ...(message === undefined ? [] : [entries.doc(nameOf(message))]),
  ];
  const [ofRoom, ...others] = await transaction.getAll(...wanted);
  const [ofSender] = sender === undefined ? [] : others;
  const ofMessage = message === undefined ? undefined : others.at(-1);
  const foundRoom = ofRoom && parseIfThere(ChatRoom, ofRoom);
  const foundSender = ofSender && parseIfThere(ChatSender, ofSender);
  const entry = ofMessage && parseIfThere(ChatEntry, ofMessage);
  return {
    ...(foundRoom && { room: foundRoom }),
    ...(foundSender && { sender: foundSender }),
    ...(entry?.kind === 'message' && { message: entry }),
  };
}

/** `removeAt` is what Firestore's time to live goes by, which wants a timestamp. */
function writeRoom(
  transaction: Transaction,
  { room: roomRef, entries, senders }: Documents,
  { room, entries: changed = [], keptUntil = 0, sender }: ChatChange,
): void {
  if (room) transaction.set(roomRef, readable(ChatRoom, room, roomRef.path));
  for (const entry of changed) {
    const ref = entries.doc(nameOf(entry.number));
    transaction.set(ref, { ...readable(ChatEntry, entry, ref.path), removeAt: Timestamp.fromMillis(keptUntil) });
  }
  if (sender === undefined) return;
  const ref = senders.doc(sender.sender);
  const until = keptSenderUntil(sender);
  transaction.set(ref, {
    ...readable(ChatSender, sender, ref.path),
    isRestricted: sender.restriction !== undefined,
    ...(until !== undefined && { removeAt: Timestamp.fromMillis(until) }),
  });
}

/** A day after slow mode and the restriction have no more use of it; never, while a restriction has no end. */
function keptSenderUntil({ newest, restriction }: ChatSender): number | undefined {
  if (restriction !== undefined && restriction.until === undefined) return undefined;
  return Math.max(newest?.at ?? 0, restriction?.until ?? 0) + DAY_MS;
}

async function removePage(firestore: Firestore, all: Documents['entries']): Promise<number> {
  const { docs } = await all.select().limit(PAGE).get();
  const batch = firestore.batch();
  for (const { ref } of docs) batch.delete(ref);
  if (docs.length > 0) await batch.commit();
  return docs.length;
}
