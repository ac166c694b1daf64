import type { ChatEntry } from '../../functions/contract/chat/documents';
import { deleteMessage, freeSender, restrictSender } from '../../functions/core/chat/moderate';
import { postMessage } from '../../functions/core/chat/post';
import type { ChatRooms } from '../../functions/ports/chat';
import { STREAM_ID } from '../support/streams';

const SETTINGS = { enabled: true, slowSeconds: 0, retentionHours: 24 };
const OTHER_STREAM = 'zzzzzzzzzzzzzzzz';
/** Google's emulator lets transactions wait for each other by the second, so that eight once took more than 25 s. */
const AT_ONCE = 3;
/** Listeners of the test that runs, so that a failed one leaves no listener to those after it. */
const listening = new Set<() => void>();
const senderOf = (n: number): string => `sender${String(n).padStart(10, '0')}`;

/** Hears a room; `until` resolves with all that was heard once it holds. */
function hear(rooms: ChatRooms, limit = 100) {
  const heard: ChatEntry[] = [];
  let look = (): void => undefined;
  const stop = rooms.listen(STREAM_ID, limit, {
    heard(entries) {
      heard.push(...entries);
      look();
    },
    failed(error) {
      throw error;
    },
  });
  const until = (holds: (entries: readonly ChatEntry[]) => boolean) =>
    new Promise<ChatEntry[]>((resolve) => {
      look = () => holds(heard) && resolve([...heard]);
      look();
    });
  listening.add(stop);
  return { until };
}

/** Tests the contract of every `ChatRooms`. `open` answers an empty one. */
export function chatRoomsSuite(name: string, open: () => ChatRooms): void {
  describe(`ChatRooms: ${name}`, () => {
    let rooms: ChatRooms;
    let nowMs: number;

    beforeEach(() => {
      rooms = open();
      nowMs = Date.UTC(2026, 10, 20, 10);
    });

    afterEach(() => {
      for (const stop of listening) stop();
      listening.clear();
    });

    function post(sender: string, text: string, streamId = STREAM_ID) {
      const claims = { streamId, sender, name: 'Ada', role: 'viewer' as const, expires: 0 };
      nowMs += 1000;
      const message = { claims, text, settings: SETTINGS, nowMs };
      return rooms.change(streamId, { sender }, (found) => postMessage(found, message));
    }

    it('gives a listener the newest entries in their order, then each that is added', async () => {
      for (let n = 1; n <= 5; n += 1) await post(senderOf(n), `text ${n}`);
      await post(senderOf(1), 'elsewhere', OTHER_STREAM);
      const { until } = hear(rooms, 3);
      expect((await until(({ length }) => length === 3)).map(({ number }) => number)).toEqual([3, 4, 5]);
      await post(senderOf(6), 'text 6');
      expect((await until(({ length }) => length === 4)).at(-1)).toEqual({
        number: 6,
        at: nowMs,
        kind: 'message',
        sender: senderOf(6),
        name: 'Ada',
        role: 'viewer',
        text: 'text 6',
      });
    });

    it('tells a listener of an empty room that it is empty', async () => {
      const heard = await new Promise((resolve, reject) => {
        listening.add(rooms.listen(STREAM_ID, 100, { heard: resolve, failed: reject }));
      });
      expect(heard).toEqual([]);
    });

    it('tells a listener of a deletion, by an entry and by the message without its text', async () => {
      await post(senderOf(1), 'to be deleted');
      const { until } = hear(rooms);
      await until(({ length }) => length === 1);
      const order = { streamId: STREAM_ID, retentionHours: 24, nowMs };
      await rooms.change(STREAM_ID, { message: 1 }, (found) => deleteMessage(found, order));
      const heard = await until(({ length }) => length === 3);
      expect(heard.slice(1)).toMatchObject([
        { number: 1, kind: 'message' },
        { number: 2, kind: 'deletion', of: 1 },
      ]);
      expect(heard[1]).not.toHaveProperty('text');
    });

    it('finds a message by its number, and nothing else', async () => {
      await post(senderOf(1), 'hello');
      const order = { streamId: STREAM_ID, retentionHours: 24, nowMs };
      await rooms.change(STREAM_ID, { message: 1 }, (found) => deleteMessage(found, order));
      for (const message of [2, 3])
        await rooms.change(STREAM_ID, { message }, (found) => {
          expect(found.message).toBeUndefined();
          return { result: 0 };
        });
    });

    it('keeps what was decided about senders, and lists those with a restriction', async () => {
      const restrict = (n: number) => {
        const sender = senderOf(n);
        const wanted = { kind: 'ban' as const };
        const order = { streamId: STREAM_ID, sender, wanted, by: 'ops', retentionHours: 24, nowMs };
        return rooms.change(STREAM_ID, { sender }, (found) => restrictSender(found, order));
      };
      await post(senderOf(1), 'hello');
      for (const n of [3, 1, 2]) await restrict(n);
      expect(await rooms.getSender(STREAM_ID, senderOf(1))).toMatchObject({
        name: 'Ada',
        restriction: { kind: 'ban' },
      });
      expect(await rooms.getSender(OTHER_STREAM, senderOf(1))).toBeUndefined();
      const first = await rooms.listRestricted(STREAM_ID, { limit: 2 });
      expect(first.map(({ sender }) => sender)).toEqual([senderOf(1), senderOf(2)]);
      const free = { streamId: STREAM_ID, sender: senderOf(3), retentionHours: 24, nowMs };
      const after = { limit: 2, after: senderOf(2) };
      expect(await rooms.listRestricted(STREAM_ID, after)).toMatchObject([{ sender: senderOf(3) }]);
      await rooms.change(STREAM_ID, { sender: senderOf(3) }, (found) => freeSender(found, free));
      expect(await rooms.listRestricted(STREAM_ID, after)).toEqual([]);
    });

    it('numbers messages that come at once without a gap', async () => {
      const { until } = hear(rooms);
      await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => post(senderOf(n), `text ${n}`)));
      const heard = await until(({ length }) => length === AT_ONCE);
      expect(heard.map(({ number }) => number)).toEqual([1, 2, 3]);
    });

    it('writes nothing that it could not read', async () => {
      const entry = { number: 0, at: 0, kind: 'deletion' as const, of: 1 };
      await expect(rooms.change(STREAM_ID, {}, () => ({ entries: [entry], result: 0 }))).rejects.toThrow('number');
    });

    it('is empty once it is removed', async () => {
      await post(senderOf(1), 'hello');
      await rooms.remove(STREAM_ID);
      await rooms.remove(STREAM_ID);
      expect(await rooms.getSender(STREAM_ID, senderOf(1))).toBeUndefined();
      const { until } = hear(rooms);
      await post(senderOf(1), 'again');
      expect(await until(({ length }) => length === 1)).toMatchObject([{ number: 1, text: 'again' }]);
    });
  });
}
