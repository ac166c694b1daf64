import { randomInt } from 'node:crypto';
import { firestoreChatRooms } from '../../../functions/adapters/gcp/firestore/chat-rooms';
import { memoryChatRooms } from '../../../functions/adapters/memory/chat-rooms';
import { memoryGrantStore } from '../../../functions/adapters/memory/grant-store';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { randomId, systemClock } from '../../../functions/adapters/system';
import { chatHandler } from '../../../functions/chat/handler';
import { mintRoomToken } from '../../../functions/core/chat/room-token';
import type { ChatRooms } from '../../../functions/ports/chat';
import { EventReader } from '../../support/chat/events';
import { CHAT } from '../../support/chat/rig';
import { localDatabases } from '../../support/google/firestore-databases';
import { KEYS, NEWEST } from '../../support/signing-keys';
import { STREAM_ID, streamOf } from '../../support/streams';

const MESSAGES = 24;
const READERS = 20;
const URL = `http://function/api/v1/streams/${STREAM_ID}/chat`;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Counts what the listeners of an instance are given: each is a document read of the store. */
function metered(rooms: ChatRooms): ChatRooms & { reads: number } {
  const counted: ChatRooms & { reads: number } = {
    ...rooms,
    reads: 0,
    listen: (streamId, limit, listener) =>
      rooms.listen(streamId, limit, {
        ...listener,
        heard(entries) {
          counted.reads += entries.length;
          listener.heard(entries);
        },
      }),
  };
  return counted;
}

function instanceOf(rooms: ChatRooms, streamStore: ReturnType<typeof memoryStreamStore>) {
  const counted = metered(rooms);
  const limits = { perInstance: 100, perAddress: 100 };
  const deps = { rooms: counted, streamStore, limits, keys: KEYS, grants: memoryGrantStore(), allowedOrigins: ['*'] };
  const made = chatHandler({ ...deps, clock: systemClock, randomId, randomInt, log: SILENT });
  return { ...made, reads: () => counted.reads };
}
type Instance = ReturnType<typeof instanceOf>;

/** Reads until `text`, and reconnects to `others` when its instance ends, as a page does. Answers all texts it saw. */
async function readThrough(instances: readonly Instance[], text: string): Promise<string[]> {
  const texts: string[] = [];
  let after: string | undefined;
  for (const { handler } of instances) {
    const answer = await handler(new Request(URL, { headers: after === undefined ? {} : { 'Last-Event-ID': after } }));
    const reader = new EventReader(answer);
    const isLast = ({ event, data }: { event: string; data: Record<string, unknown> }) =>
      event === 'end' || data.text === text;
    const events = await reader.until(isLast);
    texts.push(...events.flatMap(({ data }) => (typeof data.text === 'string' ? [data.text] : [])));
    after = reader.lastEventId ?? after;
    await reader.leave();
  }
  return texts;
}

async function send({ handler }: Instance, n: number): Promise<void> {
  const expires = Math.floor(Date.now() / 1000) + 60;
  const sender = `sender${String(n).padStart(10, '0')}`;
  const claims = { streamId: STREAM_ID, sender, name: `n${n}`, role: 'viewer' as const, expires };
  const headers = { Authorization: `Bearer ${mintRoomToken(claims, NEWEST)}` };
  for (let tries = 0; tries < 50; tries += 1) {
    const body = JSON.stringify({ text: `text ${n}`, id: 'm' });
    const { status } = await handler(new Request(URL, { method: 'POST', headers, body }));
    if (status === 201) return;
    await systemClock.sleep(100);
  }
  throw new Error(`message ${n} was never taken`);
}

function twoInstancesSuite(name: string, open: () => { rooms: [ChatRooms, ChatRooms] }): void {
  describe(`two instances over ${name}`, () => {
    it('lose and double nothing when one ends in the middle, for one read of a message each', async () => {
      const streamStore = memoryStreamStore();
      await streamStore.createStream({ ...streamOf(), chat: CHAT });
      const { rooms: stores } = open();
      const [one, two] = stores.map((rooms) => instanceOf(rooms, streamStore));
      if (one === undefined || two === undefined) throw new Error('there are not two instances');
      const last = `text ${MESSAGES}`;
      const reading = Array.from({ length: READERS }, () => readThrough([one, two], last));
      for (let n = 1; n <= MESSAGES; n += 1) {
        await send(n % 2 === 0 ? one : two, n);
        if (n === MESSAGES / 2) one.stop();
      }
      const wanted = Array.from({ length: MESSAGES }, (_, n) => `text ${n + 1}`);
      for (const texts of await Promise.all(reading)) expect(texts).toEqual(wanted);
      expect(one.reads()).toBeLessThanOrEqual(MESSAGES);
      expect(two.reads()).toBeLessThanOrEqual(MESSAGES);
      two.stop();
      // By the time that the store answers, the listeners have ended.
      for (const store of stores) await store.getSender(STREAM_ID, 'sender0000000001');
    }, 60_000);
  });
}

twoInstancesSuite('one store in memory', () => {
  const rooms = memoryChatRooms();
  return { rooms: [rooms, rooms] };
});

describe('Firestore on this machine', () => {
  const open = localDatabases();
  twoInstancesSuite('Firestore', () => {
    const firestore = open();
    return { rooms: [firestoreChatRooms(firestore), firestoreChatRooms(firestore)] };
  });
});
