import type { Broadcast, Node, Session, Stream } from '../../functions/contract/state';
import { streamLive } from '../../functions/core/events/events';
import type { StreamStore } from '../../functions/ports/stores';

/**
 * Tests the contract of every `StreamStore`: run for memory, for the local Firestore and for Google's emulator. `open`
 * answers an empty stream store at each call.
 */
export function registrySuite(name: string, open: () => StreamStore): void {
  let streamStore: StreamStore;

  beforeEach(() => {
    streamStore = open();
  });

  describe(`StreamStore: ${name}`, () => {
    describe('streams', () => {
      it('are not written when they could not be read, nor is anything beside them', async () => {
        await expect(streamStore.createStream(streamOf(1, { createdAt: -1 }))).rejects.toThrow('createdAt');
        await streamStore.createStream(streamOf(1));
        const broken = { ...sessionOf(1, 2), startedAt: 0.5 };
        const change = { stream: streamOf(1, { title: 'new' }), sessions: [sessionOf(1, 1), broken] };
        await expect(streamStore.changeStream(streamId(1), () => ({ change, result: 0 }))).rejects.toThrow('startedAt');
        expect(await streamStore.getStream(streamId(1))).toStrictEqual(streamOf(1));
        expect(await streamStore.listSessions(streamId(1))).toEqual([]);
      });

      it('answers undefined for a stream which is not there', async () => {
        expect(await streamStore.getStream(streamId(1))).toBeUndefined();
      });

      it('reads back exactly what was created', async () => {
        const stream = streamOf(1, {
          session: sessionOf(1, 1),
          unfinished: [broadcastOf(1, 1)],
          takeovers: [5, 7],
          ordinal: 1,
        });
        expect(await streamStore.createStream(stream)).toBe(true);
        expect(await streamStore.getStream(stream.id)).toStrictEqual(stream);
      });

      it('refuses an id that is taken and keeps the first stream', async () => {
        await streamStore.createStream(streamOf(1, { title: 'first' }));
        expect(await streamStore.createStream(streamOf(1, { title: 'second' }))).toBe(false);
        expect((await streamStore.getStream(streamId(1)))?.title).toBe('first');
      });

      it('lets exactly one of several creators have an id', async () => {
        const created = await Promise.all([1, 2, 3, 4].map(() => streamStore.createStream(streamOf(1))));
        expect(created.filter(Boolean)).toHaveLength(1);
      });

      it('hands out copies: what the caller changes stays with the caller', async () => {
        const stream = streamOf(1);
        await streamStore.createStream(stream);
        stream.title = 'changed by the creator';
        (await streamStore.getStream(stream.id))?.takeovers.push(99);
        expect(await streamStore.getStream(stream.id)).toStrictEqual(streamOf(1));
      });
    });

    describe('listStreams', () => {
      it('answers nothing when there is none', async () => {
        expect(await streamStore.listStreams({ limit: 10 })).toEqual([]);
      });

      it('lists newest first, those of the same millisecond by id downwards', async () => {
        for (const n of [2, 1, 3]) await streamStore.createStream(streamOf(n, { createdAt: n === 1 ? 50 : 100 }));
        const ids = (await streamStore.listStreams({ limit: 10 })).map(({ id }) => id);
        expect(ids).toEqual([streamId(3), streamId(2), streamId(1)]);
      });

      it('goes on after the last stream of the page before, also among those of one millisecond', async () => {
        for (const n of [1, 2, 3, 4, 5]) await streamStore.createStream(streamOf(n, { createdAt: 100 }));
        const first = await streamStore.listStreams({ limit: 2 });
        const next = await streamStore.listStreams({ limit: 2, after: lastOf(first) });
        const rest = await streamStore.listStreams({ limit: 2, after: lastOf(next) });
        expect([...first, ...next, ...rest].map(({ id }) => id)).toEqual([5, 4, 3, 2, 1].map(streamId));
      });

      it('goes on after a stream that was deleted meanwhile', async () => {
        for (const n of [1, 2, 3]) await streamStore.createStream(streamOf(n, { createdAt: n }));
        const after = lastOf(await streamStore.listStreams({ limit: 2 }));
        await streamStore.deleteStream(after.id);
        expect((await streamStore.listStreams({ limit: 2, after })).map(({ id }) => id)).toEqual([streamId(1)]);
      });
    });

    describe('streams of an owner', () => {
      const owners = ['ann', 'an', 'ann-b', 'ann/b', 'ann.b', 'ann0', 'änn'];

      it.each(owners)('lists those of %s only, newest first, page by page', async (owner) => {
        for (const [n, each] of owners.entries()) {
          for (const at of [1, 2, 3])
            await streamStore.createStream(streamOf(n * 10 + at, { owner: each, createdAt: at * 7 }));
        }
        const mine = [3, 2, 1].map((at) => streamId(owners.indexOf(owner) * 10 + at));
        const first = await streamStore.listStreams({ limit: 2, owner });
        const rest = await streamStore.listStreams({ limit: 2, owner, after: lastOf(first) });
        expect([...first, ...rest].map(({ id }) => id)).toEqual(mine);
        expect(await streamStore.countStreams(owner)).toBe(3);
        expect(first[0]).toStrictEqual(streamOf(owners.indexOf(owner) * 10 + 3, { owner, createdAt: 21 }));
      });

      it('leaves out streams of nobody', async () => {
        await streamStore.createStream(streamOf(1));
        expect(await streamStore.listStreams({ limit: 10, owner: 'ann' })).toEqual([]);
        expect(await streamStore.listStreams({ limit: 10 })).toHaveLength(1);
      });
    });

    describe('listUnfinishedStreams', () => {
      it('lists streams with a broadcast that is not closed, and no others', async () => {
        await streamStore.createStream(streamOf(1));
        await streamStore.createStream(streamOf(2, { unfinished: [broadcastOf(2, 1)] }));
        expect(await streamStore.listUnfinishedStreams()).toStrictEqual([
          streamOf(2, { unfinished: [broadcastOf(2, 1)] }),
        ]);
      });

      it('follows a change either way', async () => {
        await streamStore.createStream(streamOf(1));
        await streamStore.changeStream(streamId(1), () => ({
          change: { stream: streamOf(1, { unfinished: [broadcastOf(1, 1)] }) },
          result: 0,
        }));
        expect(await streamStore.listUnfinishedStreams()).toHaveLength(1);
        await streamStore.changeStream(streamId(1), () => ({ change: { stream: streamOf(1) }, result: 0 }));
        expect(await streamStore.listUnfinishedStreams()).toEqual([]);
      });
    });

    describe('listStreamsWithPendingEvents', () => {
      it('lists streams whose events were not all sent, and no others', async () => {
        const pending = [streamLive(sessionOf(2, 1))];
        await streamStore.createStream(streamOf(1));
        await streamStore.createStream(streamOf(2, { pendingEvents: pending }));
        await streamStore.createStream(streamOf(3, { pendingEvents: [] }));
        expect(await streamStore.listStreamsWithPendingEvents()).toStrictEqual([
          streamOf(2, { pendingEvents: pending }),
        ]);
        await streamStore.changeStream(streamId(2), () => ({
          change: { stream: streamOf(2, { pendingEvents: [] }) },
          result: 0,
        }));
        expect(await streamStore.listStreamsWithPendingEvents()).toEqual([]);
      });
    });

    describe('listStreamsWithMediaWork', () => {
      it('lists streams whose media is to be taken down or put back, and no others', async () => {
        const mediaWork = { kind: 'take_down', at: 1 } as const;
        await streamStore.createStream(streamOf(1));
        await streamStore.createStream(streamOf(2, { mediaWork }));
        expect(await streamStore.listStreamsWithMediaWork()).toStrictEqual([streamOf(2, { mediaWork })]);
        await streamStore.changeStream(streamId(2), () => ({ change: { stream: streamOf(2) }, result: 0 }));
        expect(await streamStore.listStreamsWithMediaWork()).toEqual([]);
      });
    });

    describe('listStreamsWithExpired', () => {
      it('lists streams whose first expiry has come, and no others', async () => {
        const expiring = [
          { broadcastId: 'b2-aaaaaaaa', at: 2000 },
          { broadcastId: 'b1-aaaaaaaa', at: 1000 },
        ];
        await streamStore.createStream(streamOf(1));
        await streamStore.createStream(streamOf(2, { expiring }));
        await streamStore.createStream(streamOf(3, { expiring: [] }));
        expect(await streamStore.listStreamsWithExpired(999)).toEqual([]);
        expect(await streamStore.listStreamsWithExpired(1000)).toStrictEqual([streamOf(2, { expiring })]);
        await streamStore.changeStream(streamId(2), () => ({
          change: { stream: streamOf(2, { expiring: [] }) },
          result: 0,
        }));
        expect(await streamStore.listStreamsWithExpired(5000)).toEqual([]);
        await streamStore.createStream(streamOf(4, { recordingsExpireAt: 3000, expiring: [] }));
        expect(await streamStore.listStreamsWithExpired(2999)).toEqual([]);
        expect(await streamStore.listStreamsWithExpired(3000)).toMatchObject([{ recordingsExpireAt: 3000 }]);
      });
    });

    describe('changeStream', () => {
      it('writes stream, sessions and broadcasts and hands out the result', async () => {
        await streamStore.createStream(streamOf(1));
        const changed = streamOf(1, { ordinal: 1, session: sessionOf(1, 1), unfinished: [broadcastOf(1, 1)] });
        const result = await streamStore.changeStream(streamId(1), (stream) => ({
          change: { stream: changed, sessions: [sessionOf(1, 1)], broadcasts: [broadcastOf(1, 1)] },
          result: stream?.ordinal,
        }));
        expect(result).toBe(0);
        expect(await streamStore.getStream(streamId(1))).toStrictEqual(changed);
        expect(await streamStore.listSessions(streamId(1))).toStrictEqual([sessionOf(1, 1)]);
        expect(await streamStore.listBroadcasts(streamId(1))).toStrictEqual([broadcastOf(1, 1)]);
      });

      it('replaces a document whole: a field that is absent is gone', async () => {
        await streamStore.createStream(streamOf(1, { session: sessionOf(1, 1) }));
        await streamStore.changeStream(streamId(1), () => ({ change: { stream: streamOf(1) }, result: 0 }));
        expect(await streamStore.getStream(streamId(1))).toStrictEqual(streamOf(1));
      });

      it('shows undefined for a stream which is not there and writes nothing without a change', async () => {
        expect(await streamStore.changeStream(streamId(1), (stream) => ({ result: stream }))).toBeUndefined();
        expect(await streamStore.getStream(streamId(1))).toBeUndefined();
      });

      it('writes nothing when the function throws, and throws that very error', async () => {
        await streamStore.createStream(streamOf(1));
        const refusal = new Error('refused');
        const refuse = () => {
          throw refusal;
        };
        await expect(streamStore.changeStream(streamId(1), refuse)).rejects.toBe(refusal);
        expect(await streamStore.getStream(streamId(1))).toStrictEqual(streamOf(1));
      });

      it('loses none of many changes at the same time', async () => {
        await streamStore.createStream(streamOf(1));
        const ordinals = await Promise.all(Array.from({ length: 6 }, () => publish(streamStore)));
        expect(ordinals.sort()).toEqual([1, 2, 3, 4, 5, 6]);
        expect((await streamStore.listSessions(streamId(1))).map(({ ordinal }) => ordinal)).toEqual([1, 2, 3, 4, 5, 6]);
      }, 30_000);
    });

    describe('sessions and broadcasts', () => {
      it('lists sessions by number, not by name', async () => {
        const sessions = [10, 9, 1].map((ordinal) => sessionOf(1, ordinal));
        await streamStore.changeStream(streamId(1), () => ({ change: { stream: streamOf(1), sessions }, result: 0 }));
        expect((await streamStore.listSessions(streamId(1))).map(({ ordinal }) => ordinal)).toEqual([1, 9, 10]);
      });

      it('lists broadcasts by their start', async () => {
        const broadcasts = [10, 9, 1].map((n) => broadcastOf(1, n));
        await streamStore.changeStream(streamId(1), () => ({ change: { stream: streamOf(1), broadcasts }, result: 0 }));
        expect((await streamStore.listBroadcasts(streamId(1))).map(({ startedAt }) => startedAt)).toEqual([1, 9, 10]);
      });

      it('pages through sessions, newest first', async () => {
        const sessions = [10, 9, 1].map((ordinal) => sessionOf(1, ordinal));
        await streamStore.changeStream(streamId(1), () => ({ change: { stream: streamOf(1), sessions }, result: 0 }));
        expect(await streamStore.pageSessions(streamId(1), { limit: 2 })).toStrictEqual([
          sessionOf(1, 10),
          sessionOf(1, 9),
        ]);
        expect(await streamStore.pageSessions(streamId(1), { limit: 2, before: 9 })).toStrictEqual([sessionOf(1, 1)]);
      });

      it('pages through broadcasts, newest first, also among those of one millisecond', async () => {
        const broadcasts = [1, 2, 3].map((n) => ({ ...broadcastOf(1, n), startedAt: 5 }));
        await streamStore.changeStream(streamId(1), () => ({ change: { stream: streamOf(1), broadcasts }, result: 0 }));
        const first = await streamStore.pageBroadcasts(streamId(1), { limit: 2 });
        const rest = await streamStore.pageBroadcasts(streamId(1), { limit: 2, after: lastOf(first) });
        expect([...first, ...rest].map(({ id }) => id)).toEqual(['b3-abcdefgh', 'b2-abcdefgh', 'b1-abcdefgh']);
      });

      it('gives one of each, or undefined', async () => {
        const sessions = [sessionOf(1, 1)];
        const broadcasts = [broadcastOf(1, 1)];
        await streamStore.changeStream(streamId(1), () => ({
          change: { stream: streamOf(1), sessions, broadcasts },
          result: 0,
        }));
        expect(await streamStore.getSession(streamId(1), '1-abcdefgh')).toStrictEqual(sessionOf(1, 1));
        expect(await streamStore.getSession(streamId(1), '2-abcdefgh')).toBeUndefined();
        expect(await streamStore.getBroadcast(streamId(1), 'b1-abcdefgh')).toStrictEqual(broadcastOf(1, 1));
        expect(await streamStore.getBroadcast(streamId(2), 'b1-abcdefgh')).toBeUndefined();
      });

      it('removes what a change says, and nothing else', async () => {
        const sessions = [1, 2].map((n) => sessionOf(1, n));
        const broadcasts = [1, 2].map((n) => broadcastOf(1, n));
        await streamStore.changeStream(streamId(1), () => ({
          change: { stream: streamOf(1), sessions, broadcasts },
          result: 0,
        }));
        const removed = { sessions: ['1-abcdefgh'], broadcasts: ['b1-abcdefgh'] };
        await streamStore.changeStream(streamId(1), () => ({ change: { removed }, result: 0 }));
        expect(await streamStore.listSessions(streamId(1))).toStrictEqual([sessionOf(1, 2)]);
        expect(await streamStore.listBroadcasts(streamId(1))).toStrictEqual([broadcastOf(1, 2)]);
        expect(await streamStore.getStream(streamId(1))).toStrictEqual(streamOf(1));
      });

      it('keeps those of another stream apart', async () => {
        for (const n of [1, 2])
          await streamStore.changeStream(streamId(n), () => ({
            change: { stream: streamOf(n), sessions: [sessionOf(n, n)], broadcasts: [broadcastOf(n, n)] },
            result: 0,
          }));
        expect(await streamStore.listSessions(streamId(2))).toStrictEqual([sessionOf(2, 2)]);
        expect(await streamStore.listBroadcasts(streamId(2))).toStrictEqual([broadcastOf(2, 2)]);
      });

      it('updates a session in place', async () => {
        const ended: Session = { ...sessionOf(1, 1), endedAt: 9, endReason: 'superseded' };
        for (const session of [sessionOf(1, 1), ended])
          await streamStore.changeStream(streamId(1), () => ({
            change: { stream: streamOf(1), sessions: [session] },
            result: 0,
          }));
        expect(await streamStore.listSessions(streamId(1))).toStrictEqual([ended]);
      });
    });

    describe('deleteStream', () => {
      it('answers false for a stream which is not there', async () => {
        expect(await streamStore.deleteStream(streamId(1))).toBe(false);
      });

      it('removes the stream with its sessions and broadcasts, and no other', async () => {
        for (const n of [1, 2])
          await streamStore.changeStream(streamId(n), () => ({
            change: { stream: streamOf(n), sessions: [sessionOf(n, 1)], broadcasts: [broadcastOf(n, 1)] },
            result: 0,
          }));
        expect(await streamStore.deleteStream(streamId(1))).toBe(true);
        expect(await streamStore.getStream(streamId(1))).toBeUndefined();
        expect(await streamStore.listSessions(streamId(1))).toEqual([]);
        expect(await streamStore.listBroadcasts(streamId(1))).toEqual([]);
        expect(await streamStore.listSessions(streamId(2))).toHaveLength(1);
      });
    });

    describe('nodes', () => {
      it('answers undefined for a node which is not there', async () => {
        expect(await streamStore.getNode('node-1')).toBeUndefined();
      });

      it('reads back what was written, and lists nodes by id', async () => {
        for (const id of ['node-2', 'node-1'])
          await streamStore.changeNode(id, () => ({ node: nodeOf(id), result: 0 }));
        expect(await streamStore.getNode('node-2')).toStrictEqual(nodeOf('node-2'));
        expect(await streamStore.listNodes()).toStrictEqual([nodeOf('node-1'), nodeOf('node-2')]);
      });

      it('removes a node', async () => {
        await streamStore.changeNode('node-1', () => ({ node: nodeOf('node-1'), result: 0 }));
        expect(await streamStore.changeNode('node-1', () => ({ remove: true, result: 'gone' }))).toBe('gone');
        expect(await streamStore.listNodes()).toEqual([]);
      });

      it('writes nothing without a node', async () => {
        expect(await streamStore.changeNode('node-1', (node) => ({ result: node ?? 'none' }))).toBe('none');
        expect(await streamStore.listNodes()).toEqual([]);
      });

      it('loses none of many changes at the same time', async () => {
        await streamStore.changeNode('node-1', () => ({ node: nodeOf('node-1', { spoolBytes: 0 }), result: 0 }));
        await Promise.all(Array.from({ length: 6 }, () => streamStore.changeNode('node-1', oneByteMore)));
        expect((await streamStore.getNode('node-1'))?.spoolBytes).toBe(6);
      }, 30_000);
    });
  });
}

const streamId = (n: number): string => `stream${String(n).padStart(10, '0')}`;

const streamOf = (n: number, parts: Partial<Stream> = {}): Stream => ({
  id: streamId(n),
  title: `Stream ${n} – "ünïcode"`,
  policy: 'open',
  recording: true,
  reconnectWindowSeconds: 60,
  dvrWindowSeconds: 30,
  keyHash: 'ab'.repeat(32),
  createdAt: 1_000 * n,
  ordinal: 0,
  unfinished: [],
  takeovers: [],
  ...parts,
});

const sessionOf = (stream: number, ordinal: number): Session => ({
  id: `${ordinal}-abcdefgh`,
  streamId: streamId(stream),
  broadcastId: 'b1-abcdefgh',
  ordinal,
  nodeId: 'node-1',
  serviceId: 'service',
  clientId: `client-${ordinal}`,
  startedAt: ordinal,
});

const broadcastOf = (stream: number, n: number): Broadcast => ({
  id: `b${n}-abcdefgh`,
  streamId: streamId(stream),
  state: 'open',
  startedAt: n,
});

const nodeOf = (id: string, parts: Partial<Node> = {}): Node => ({
  id,
  serviceId: 'service',
  role: 'origin',
  draining: false,
  heartbeatAt: 1,
  spoolBytes: 2,
  sessions: [{ streamId: streamId(1), sessionId: '1-abcdefgh', publishing: true, pendingSegments: 3 }],
  kicks: [{ streamId: streamId(1), sessionId: '1-abcdefgh', reason: 'superseded', at: 4 }],
  ...parts,
});

const oneByteMore = (node: Node | undefined): { node: Node; result: undefined } => ({
  node: nodeOf('node-1', { spoolBytes: (node?.spoolBytes ?? 0) + 1 }),
  result: undefined,
});

const publish = (streamStore: StreamStore): Promise<number> =>
  streamStore.changeStream(streamId(1), (stream) => {
    const ordinal = (stream?.ordinal ?? 0) + 1;
    const session = sessionOf(1, ordinal);
    return { change: { stream: streamOf(1, { ordinal, session }), sessions: [session] }, result: ordinal };
  });

function lastOf<T>(items: readonly T[]): T {
  const last = items.at(-1);
  if (last === undefined) throw new Error('the page is empty');
  return last;
}
