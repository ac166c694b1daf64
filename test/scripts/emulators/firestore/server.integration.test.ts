import { type Firestore, Timestamp } from '@google-cloud/firestore';
import { firestoreClient } from '../../../../functions/adapters/gcp/firestore/firestore-client';
import { firestoreServer, NO_FIRESTORE_FAULTS } from '../../../../scripts/emulators/firestore';
import type { FirestoreServerOptions } from '../../../../scripts/emulators/firestore/wire/firestore-server';
import type { LocalService } from '../../../../scripts/emulators/server/local-service';

const running: { service: LocalService; client: Firestore }[] = [];
afterEach(async () => {
  for (const { service, client } of running.splice(0)) {
    await client.terminate();
    await service.stop();
  }
});

async function started(options: Partial<FirestoreServerOptions> = {}, databaseId = 'here') {
  const service = firestoreServer({ port: 0, ...options });
  const url = await service.start();
  const client = firestoreClient({ projectId: 'test', databaseId, host: url.host });
  running.push({ service, client });
  return { service, client, url };
}

describe('the local Firestore', () => {
  it('refuses a query that needs an index nobody declared, and names the index', async () => {
    const { client } = await started({ indexes: [] });
    const query = client.collection('a').where('x', '==', 1).orderBy('y', 'desc');
    await expect(query.get()).rejects.toMatchObject({
      code: 9,
      message: expect.stringContaining("on collection 'a' (COLLECTION): x ASCENDING, y DESCENDING"),
    });
  });

  it('answers it once the index is declared', async () => {
    const fields = [{ fieldPath: 'x', order: 'ASCENDING' } as const, { fieldPath: 'y', order: 'DESCENDING' } as const];
    const { client } = await started({ indexes: [{ collection: 'a', fields }] });
    await client.collection('a').doc('1').set({ x: 1, y: 2 });
    expect((await client.collection('a').where('x', '==', 1).orderBy('y', 'desc').get()).size).toBe(1);
  });

  it('knows no database but those it was told of', async () => {
    const { client } = await started({ databases: ['srs-live-dev'] }, 'elsewhere');
    await expect(client.doc('a/1').set({ x: 1 })).rejects.toMatchObject({
      code: 5,
      message: expect.stringContaining('projects/test/databases/elsewhere does not exist; there is: srs-live-dev'),
    });
  });

  it('keeps databases apart', async () => {
    const { client, url } = await started();
    await client.doc('a/1').set({ x: 1 });
    const other = firestoreClient({ projectId: 'test', databaseId: 'other', host: url.host });
    expect((await other.doc('a/1').get()).exists).toBe(false);
    await other.terminate();
  });

  it('keeps its port and its documents from stop to start', async () => {
    const { service, client, url } = await started();
    await client.doc('a/1').set({ x: 1 });
    await service.stop();
    expect(await service.start()).toEqual(url);
    const again = firestoreClient({ projectId: 'test', databaseId: 'here', host: url.host });
    expect((await again.doc('a/1').get()).get('x')).toBe(1);
    await again.terminate();
  });

  it('lists more documents and collections than one page holds', async () => {
    const { client } = await started();
    const batch = client.batch();
    for (let i = 0; i < 450; i++) batch.set(client.doc(`a/${i}/b${i}/x`), { i });
    await batch.commit();
    expect(await client.collection('a').listDocuments()).toHaveLength(450);
    expect((await client.doc('a/7').listCollections()).map(({ id }) => id)).toEqual(['b7']);
  });

  it('refuses what its faults say, and answers again without them', async () => {
    const faults = { ...NO_FIRESTORE_FAULTS, abortRate: 1 };
    const { client } = await started({ faults });
    const write = () => client.runTransaction(async (t) => t.set(client.doc('a/1'), { x: 1 }), { maxAttempts: 1 });
    await expect(write()).rejects.toMatchObject({ code: 10 });
    expect((await client.doc('a/1').get()).exists).toBe(false);
    Object.assign(faults, { abortRate: 0, delayMs: 1 });
    await write();
    expect((await client.doc('a/1').get()).get('x')).toBe(1);
  });

  it('stops twice without complaint', async () => {
    const { service } = await started();
    await service.stop();
    await expect(service.stop()).resolves.toBeUndefined();
  });

  it('says in a sentence that its port is taken', async () => {
    const { url } = await started();
    const second = firestoreServer({ port: Number(url.port) });
    await expect(second.start()).rejects.toThrow(`port ${url.port} (firestore) is taken`);
  });

  it('takes its time from the clock it is given', async () => {
    const { client } = await started({ clock: { now: () => 5_000 } });
    const { writeTime } = await client.doc('a/1').set({ x: 1 });
    expect(writeTime).toEqual(Timestamp.fromMillis(5_000));
  });

  it('gives each commit a later time, though the clock stands', async () => {
    const { client } = await started({ clock: { now: () => 5_000 } });
    const times = [await client.doc('a/1').set({ x: 1 }), await client.doc('a/1').set({ x: 2 })];
    expect(times.map(({ writeTime }) => writeTime.nanoseconds)).toEqual([0, 1_000]);
  });

  it('shows a transaction that only reads one moment, whatever is written meanwhile', async () => {
    const { client } = await started();
    await client.doc('a/1').set({ x: 1 });
    const seen = await client.runTransaction(
      async (transaction) => {
        const first = await transaction.get(client.doc('a/1'));
        await client.doc('a/1').set({ x: 2 });
        await client.doc('a/2').set({ x: 2 });
        const all = await transaction.get(client.collection('a'));
        return [first.get('x'), ...all.docs.map((document) => document.get('x'))];
      },
      { readOnly: true },
    );
    expect(seen).toEqual([1, 1]);
  });
});
