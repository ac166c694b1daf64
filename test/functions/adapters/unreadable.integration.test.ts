import { firestoreStreamStore } from '../../../functions/adapters/gcp/firestore/stream-store';
import { firestoreWebhookStore } from '../../../functions/adapters/gcp/firestore/webhook-store';
import { newWebhook } from '../../../functions/core/webhooks/new-webhook';
import { localDatabases } from '../../support/google/firestore-databases';
import { nodeOf, reported, sessionOf, streamOf } from '../../support/streams';

const open = localDatabases();

describe('a document that is not as the contract says', () => {
  it('is left out of lists, and of none of them are the others', async () => {
    const firestore = open();
    const streamStore = firestoreStreamStore(firestore);
    for (let n = 0; n < 6; n += 1) {
      const id = `abcdefgh0123456${n}`;
      await streamStore.createStream(
        streamOf({ id, createdAt: n, unfinished: [{ id: 'b1-aaaaaaaa', streamId: id, state: 'open', startedAt: 0 }] }),
      );
    }
    for (const n of [1, 4]) await firestore.doc(`streams/abcdefgh0123456${n}`).update({ policy: 'secret' });
    const ids = (streams: { id: string }[]) => streams.map(({ id }) => id.at(-1)).join('');
    expect(ids(await streamStore.listStreams({ limit: 3 }))).toBe('532');
    expect(ids(await streamStore.listStreams({ limit: 3, after: { id: 'abcdefgh01234562', createdAt: 2 } }))).toBe('0');
    expect(ids(await streamStore.listUnfinishedStreams())).toBe('0235');
  });

  it('is no node, until its next heartbeat writes it again', async () => {
    const firestore = open();
    const streamStore = firestoreStreamStore(firestore);
    await streamStore.changeNode('node-1', () => ({ node: nodeOf(), result: undefined }));
    await firestore.doc('nodes/node-2').set({ ...nodeOf({ id: 'node-2' }), heartbeatAt: 'yesterday' });
    expect((await streamStore.listNodes()).map(({ id }) => id)).toEqual(['node-1']);
    const found = await streamStore.changeNode('node-2', (node) => ({ node: nodeOf({ id: 'node-2' }), result: node }));
    expect(found).toBeUndefined();
    expect(await streamStore.listNodes()).toHaveLength(2);
  });

  it('is one session of a node, and the node has its others', async () => {
    const firestore = open();
    const streamStore = firestoreStreamStore(firestore);
    const sessions = [reported(sessionOf(1)), { ...reported(sessionOf(2)), media: { video: { framesPerSecond: 0 } } }];
    await firestore.doc('nodes/node-1').set({ ...nodeOf(), sessions, kicks: [{ reason: 7 }] });
    expect(await streamStore.listNodes()).toEqual([nodeOf({ sessions: [reported(sessionOf(1))] })]);
  });

  it('is one webhook, and the others get their events', async () => {
    const firestore = open();
    const store = firestoreWebhookStore(firestore);
    const make = (n: number) =>
      newWebhook(
        { url: `https://example.com/${n}`, owner: '', types: [], streams: [] },
        { randomId: (length) => `${n}`.repeat(length), clock: { now: () => n } },
      );
    for (const n of [1, 2]) await store.createWebhook(make(n));
    await firestore.doc(`webhooks/${make(1).id}`).update({ url: 'nonsense' });
    expect((await store.listWebhooks()).map(({ url }) => url)).toEqual(['https://example.com/2']);
  });
});
