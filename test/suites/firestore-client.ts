import {
  AggregateField,
  type CollectionReference,
  type DocumentSnapshot,
  FieldPath,
  FieldValue,
  Filter,
  type Firestore,
  GeoPoint,
  type Query,
  type QuerySnapshot,
  Timestamp,
} from '@google-cloud/firestore';
import { unlessItDeviates } from '../support/platform/real-part';

/** Known differences of a server from the service; the tests of them are skipped by name. */
export interface Deviations {
  /** Transactions lock what they read: a write from outside waits for them instead of making them run again. */
  locks?: boolean;
  /** Documents past their time stay; else this collection group is swept by its field `expireAt`. */
  noTimeToLive?: boolean;
  /** A server timestamp is taken before the commit's time. */
  serverTimestampIsEarlier?: boolean;
}

const NOT_FOUND = { code: 5 };
const ALREADY_EXISTS = { code: 6 };
const FAILED_PRECONDITION = { code: 9 };
const INVALID_ARGUMENT = { code: 3 };

/** Tests a Firestore through the application's client: run for the local server and for Google's emulator. */
export function firestoreClientSuite(name: string, open: () => Firestore, deviations: Deviations = {}): void {
  let db: Firestore;
  let tests = 0;
  const collection = (id: string): CollectionReference => db.collection(`${id}${tests}`);

  beforeAll(() => {
    db = open();
  });
  beforeEach(() => {
    tests += 1;
  });

  describe(`Firestore: ${name}`, () => {
    describe('documents', () => {
      it('reads back every type as it was written, with its times', async () => {
        const data = {
          integer: 1,
          double: 1.5,
          big: Number.MAX_SAFE_INTEGER,
          nan: Number.NaN,
          text: 'ä😀',
          yes: true,
          nothing: null,
          at: Timestamp.fromMillis(5),
          bytes: Buffer.from([0, 255]),
          place: new GeoPoint(0, -1.5),
          other: collection('a').doc('2'),
          nested: { list: [1, { deep: null }], 'odd.name': { '`': 1 } },
          empty: { list: [], map: {} },
        };
        await collection('a').doc('1').set(data);
        const read = await collection('a').doc('1').get();
        expect(read.data()).toEqual(data);
        expect(read.updateTime?.isEqual(read.createTime ?? Timestamp.fromMillis(0))).toBe(true);
      });

      it('says of a document which is not there that it does not exist', async () => {
        expect((await collection('a').doc('1').get()).exists).toBe(false);
      });

      it('creates once and refuses to create again', async () => {
        await collection('a').doc('1').create({ x: 1 });
        await expect(collection('a').doc('1').create({ x: 2 })).rejects.toMatchObject(ALREADY_EXISTS);
        expect((await collection('a').doc('1').get()).get('x')).toBe(1);
      });

      it('updates one nested field and leaves its neighbours', async () => {
        await collection('a')
          .doc('1')
          .set({ n: { d: 1, l: [1, 2] }, m: 3 });
        await collection('a').doc('1').update({ 'n.d': 9, 'new.deep': 1 });
        expect((await collection('a').doc('1').get()).data()).toEqual({
          n: { d: 9, l: [1, 2] },
          m: 3,
          new: { deep: 1 },
        });
      });

      it('refuses to update a document which is not there', async () => {
        await expect(collection('a').doc('1').update({ x: 1 })).rejects.toMatchObject(NOT_FOUND);
      });

      it('replaces a document whole, or merges into it when asked', async () => {
        await collection('a')
          .doc('1')
          .set({ x: 1, n: { a: 1 } });
        await collection('a')
          .doc('1')
          .set({ n: { b: 2 } }, { merge: true });
        expect((await collection('a').doc('1').get()).data()).toEqual({ x: 1, n: { a: 1, b: 2 } });
        await collection('a').doc('1').set({ y: 1 });
        expect((await collection('a').doc('1').get()).data()).toEqual({ y: 1 });
      });

      it('keeps the update time when a write changes nothing', async () => {
        const first = await collection('a').doc('1').set({ x: 1 });
        const second = await collection('a').doc('1').set({ x: 1 });
        expect(second.writeTime.isEqual(first.writeTime)).toBe(true);
      });

      it('deletes a document, also one which is not there', async () => {
        await collection('a').doc('1').set({ x: 1 });
        for (const _ of [1, 2]) await collection('a').doc('1').delete();
        expect((await collection('a').doc('1').get()).exists).toBe(false);
      });

      it('refuses a document of more than 1 MiB', async () => {
        const tooLong = 'x'.repeat(1_048_577);
        await expect(collection('a').doc('1').set({ tooLong })).rejects.toMatchObject(INVALID_ARGUMENT);
      });

      it('reads many at once in the order asked for', async () => {
        await collection('a').doc('1').set({ x: 1 });
        const read = await db.getAll(collection('a').doc('2'), collection('a').doc('1'));
        expect(read.map(({ id, exists }) => [id, exists])).toEqual([
          ['2', false],
          ['1', true],
        ]);
      });

      it('reads only the fields of a mask', async () => {
        await collection('a')
          .doc('1')
          .set({ x: 1, y: { a: 1, b: 2 } });
        const [read] = await db.getAll(collection('a').doc('1'), { fieldMask: ['y.b'] });
        expect(read?.data()).toEqual({ y: { b: 2 } });
      });
    });

    describe('field values', () => {
      const updated = async (before: object, change: object): Promise<DocumentSnapshot> => {
        await collection('a').doc('1').set(before);
        await collection('a').doc('1').update(change);
        return collection('a').doc('1').get();
      };

      it('removes a field', async () => {
        expect((await updated({ x: 1, y: 2 }, { y: FieldValue.delete() })).data()).toEqual({ x: 1 });
      });

      it('adds to a number, to one that is not there, and to a text', async () => {
        const change = { x: FieldValue.increment(5), y: FieldValue.increment(2), z: FieldValue.increment(0.5) };
        expect((await updated({ x: 1, y: 'text' }, change)).data()).toEqual({ x: 6, y: 2, z: 0.5 });
      });

      it('loses no increment of many at the same time', async () => {
        await collection('a').doc('1').set({ x: 0 });
        const increment = () =>
          collection('a')
            .doc('1')
            .update({ x: FieldValue.increment(1) });
        await Promise.all(Array.from({ length: 20 }, increment));
        expect((await collection('a').doc('1').get()).get('x')).toBe(20);
      });

      it('sets the time of the server', async () => {
        const read = await updated({}, { at: FieldValue.serverTimestamp() });
        expect(read.get('at')).toBeInstanceOf(Timestamp);
        expect(Math.abs(read.get('at').toMillis() - (read.updateTime?.toMillis() ?? 0))).toBeLessThan(5_000);
      });

      unlessItDeviates(deviations, 'serverTimestampIsEarlier', () => {
        it('sets the time of the commit', async () => {
          const read = await updated({}, { at: FieldValue.serverTimestamp() });
          expect(read.get('at')).toEqual(read.updateTime);
        });
      });

      it('adds to a list what is missing, and removes from it', async () => {
        expect((await updated({ l: [1, 2] }, { l: FieldValue.arrayUnion(2, 3, 3) })).get('l')).toEqual([1, 2, 3]);
        expect((await updated({ l: [1, 2, 1] }, { l: FieldValue.arrayRemove(1) })).get('l')).toEqual([2]);
      });
    });

    describe('preconditions', () => {
      it('updates a document that is still as it was read', async () => {
        const { writeTime } = await collection('a').doc('1').set({ x: 1 });
        await collection('a').doc('1').update({ x: 2 }, { lastUpdateTime: writeTime });
        expect((await collection('a').doc('1').get()).get('x')).toBe(2);
      });

      it('refuses to update one that is not', async () => {
        const { writeTime } = await collection('a').doc('1').set({ x: 1 });
        await collection('a').doc('1').update({ x: 2 });
        const stale = collection('a').doc('1').update({ x: 3 }, { lastUpdateTime: writeTime });
        await expect(stale).rejects.toMatchObject(FAILED_PRECONDITION);
        expect((await collection('a').doc('1').get()).get('x')).toBe(2);
      });

      it('refuses to delete what must exist and does not', async () => {
        await expect(collection('a').doc('1').delete({ exists: true })).rejects.toMatchObject(NOT_FOUND);
      });
    });

    describe('batches', () => {
      it('writes all', async () => {
        const batch = db.batch();
        for (const id of ['1', '2']) batch.set(collection('a').doc(id), { id });
        await batch.commit();
        expect((await collection('a').get()).size).toBe(2);
      });

      it('writes nothing when one write is refused', async () => {
        const batch = db.batch().set(collection('a').doc('1'), { x: 1 }).update(collection('a').doc('2'), { x: 1 });
        await expect(batch.commit()).rejects.toMatchObject(NOT_FOUND);
        expect((await collection('a').get()).size).toBe(0);
      });

      it('lets each write of a batch see those before it', async () => {
        const first = collection('a').doc('1');
        await db
          .batch()
          .create(first, { x: 1 })
          .update(first, { y: FieldValue.increment(1) })
          .commit();
        expect((await first.get()).data()).toEqual({ x: 1, y: 1 });
      });

      it('writes in bulk, each for itself, and deletes a collection with all below', async () => {
        const writer = db.bulkWriter();
        const writes = Array.from({ length: 30 }, (_, i) => writer.set(collection('a').doc(`${i}`), { i }));
        const below = writer.set(collection('a').doc('0').collection('below').doc('1'), { x: 1 });
        const beside = writer.set(collection('ab').doc('1'), { x: 1 });
        await writer.close();
        await Promise.all([...writes, below, beside]);
        expect((await collection('a').count().get()).data().count).toBe(30);
        await db.recursiveDelete(collection('a'));
        expect((await collection('a').get()).size).toBe(0);
        expect((await collection('a').doc('0').collection('below').get()).size).toBe(0);
        expect((await collection('ab').get()).size).toBe(1);
      });
    });

    describe('queries', () => {
      const DOCUMENTS = Array.from({ length: 12 }, (_, i) => ({
        id: `d${String(i).padStart(2, '0')}`,
        data: {
          i,
          g: i % 3,
          st: i % 2 ? 'live' : 'ended',
          tags: [`t${i % 4}`],
          at: Timestamp.fromMillis(1_000 * i),
          n: { i },
        },
      }));
      let all: CollectionReference;

      beforeAll(async () => {
        all = db.collection('queried');
        const batch = db.batch();
        for (const { id, data } of DOCUMENTS) batch.set(all.doc(id), data);
        await batch.commit();
      });

      const found = async (query: Query): Promise<number[]> =>
        (await query.get()).docs.map((document) => document.get('i'));

      it.each<[string, (all: CollectionReference) => Query, number[]]>([
        ['all', (q) => q, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
        ['==', (q) => q.where('st', '==', 'live'), [1, 3, 5, 7, 9, 11]],
        ['== of a nested field', (q) => q.where('n.i', '==', 4), [4]],
        ['== and the newest two', (q) => q.where('st', '==', 'live').orderBy('at', 'desc').limit(2), [11, 9]],
        ['a range', (q) => q.where('i', '>=', 3).where('i', '<', 6), [3, 4, 5]],
        ['ranges of two fields', (q) => q.where('i', '>', 2).where('at', '<=', Timestamp.fromMillis(4_000)), [3, 4]],
        ['a range of another type', (q) => q.where('i', '>', '3'), []],
        ['in', (q) => q.where('g', 'in', [0, 1]), [0, 1, 3, 4, 6, 7, 9, 10]],
        ['not-in, in the order of its field', (q) => q.where('g', 'not-in', [0, 1]), [2, 5, 8, 11]],
        ['!=, in the order of its field', (q) => q.where('g', '!=', 0), [1, 4, 7, 10, 2, 5, 8, 11]],
        ['array-contains', (q) => q.where('tags', 'array-contains', 't1'), [1, 5, 9]],
        ['array-contains-any', (q) => q.where('tags', 'array-contains-any', ['t1', 't2']), [1, 2, 5, 6, 9, 10]],
        ['or', (q) => q.where(Filter.or(Filter.where('i', '==', 0), Filter.where('i', '==', 5))), [0, 5]],
        [
          'and within or',
          (q) =>
            q.where(
              Filter.or(
                Filter.where('i', '==', 0),
                Filter.and(Filter.where('g', '==', 1), Filter.where('st', '==', 'live')),
              ),
            ),
          [0, 1, 7],
        ],
        ['two orders', (q) => q.orderBy('g', 'desc').orderBy('i').limit(5), [2, 5, 8, 11, 1]],
        ['startAt and endBefore', (q) => q.orderBy('i').startAt(2).endBefore(5), [2, 3, 4]],
        ['startAfter and endAt', (q) => q.orderBy('i').startAfter(2).endAt(5), [3, 4, 5]],
        ['startAfter downwards', (q) => q.orderBy('i', 'desc').startAfter(2), [1, 0]],
        ['startAfter two values', (q) => q.orderBy('g').orderBy('i').startAfter(1, 7).limit(2), [10, 2]],
        ['limitToLast', (q) => q.orderBy('i').limitToLast(2), [10, 11]],
        ['limitToLast between cursors', (q) => q.orderBy('i').startAt(3).endAt(7).limitToLast(2), [6, 7]],
        ['offset', (q) => q.orderBy('i').offset(9), [9, 10, 11]],
        ['a cursor on the document id', (q) => q.orderBy(FieldPath.documentId()).startAfter('d09'), [10, 11]],
        [
          'a field and the id downwards',
          (q) => q.orderBy('g', 'desc').orderBy(FieldPath.documentId(), 'desc').limit(3),
          [11, 8, 5],
        ],
        ['ids in a list', (q) => q.where(FieldPath.documentId(), 'in', ['d03', 'd01', 'none']), [1, 3]],
        ['an order by a field that is nowhere', (q) => q.orderBy('nofield'), []],
      ])('finds %s', async (_, query, expected) => {
        expect(await found(query(all))).toEqual(expected);
      });

      it('goes on after a document', async () => {
        const document = await all.doc('d04').get();
        expect(await found(all.orderBy('g').startAfter(document).limit(2))).toEqual([7, 10]);
      });

      it('shows only the fields that are selected', async () => {
        const { docs } = await all.select('i', 'n.i').limit(1).get();
        expect(docs.map((document) => document.data())).toEqual([{ i: 0, n: { i: 0 } }]);
      });

      it('lets != and not-in find no null and no absent field', async () => {
        const batch = db.batch();
        for (const [id, data] of Object.entries({ a: { x: null }, b: {}, c: { x: 1 }, d: { x: Number.NaN } }))
          batch.set(collection('n').doc(id), data);
        await batch.commit();
        const ids = async (query: Query) => (await query.get()).docs.map(({ id }) => id);
        expect(await ids(collection('n').where('x', '!=', 1))).toEqual(['d']);
        expect(await ids(collection('n').where('x', '!=', null))).toEqual(['d', 'c']);
        expect(await ids(collection('n').where('x', '==', null))).toEqual(['a']);
        expect(await ids(collection('n').where('x', '==', Number.NaN))).toEqual(['d']);
        expect(await ids(collection('n').where('x', 'not-in', [2]))).toEqual(['d', 'c']);
      });

      it('orders values of all types as Firestore does', async () => {
        const ordered = [
          null,
          false,
          true,
          Number.NaN,
          Number.NEGATIVE_INFINITY,
          -1,
          0.5,
          1,
          Number.MAX_SAFE_INTEGER,
          Timestamp.fromMillis(1),
          Timestamp.fromMillis(2),
          '',
          'a',
          'b',
          '\uff5e',
          '😀',
          Buffer.from([1]),
          Buffer.from([1, 0]),
          collection('a').doc('1'),
          collection('a').doc('1').collection('b').doc('0'),
          collection('a').doc('2'),
          new GeoPoint(0, 1),
          new GeoPoint(1, 0),
          [],
          [1],
          [1, 2],
          ['a'],
          {},
          { a: 1 },
          { a: 1, b: 1 },
          { a: 2 },
          { b: 0 },
        ];
        const batch = db.batch();
        for (const [index, value] of [...ordered.entries()].reverse())
          batch.set(collection('o').doc(), { index, value });
        await batch.commit();
        const read = await collection('o').orderBy('value').get();
        expect(read.docs.map((document) => document.get('index'))).toEqual([...ordered.keys()]);
      });

      it('finds a collection group wherever it is, below a document too', async () => {
        const group = `group${tests}`;
        for (const id of ['1', '2']) await collection('g').doc(id).collection(group).doc('s').set({ id });
        await db.collection(group).doc('s').set({ id: 'root' });
        expect((await db.collectionGroup(group).get()).docs.map(({ ref }) => ref.path).sort()).toEqual(
          [`${collection('g').path}/1/${group}/s`, `${collection('g').path}/2/${group}/s`, `${group}/s`].sort(),
        );
      });

      it('counts, sums and averages', async () => {
        const sums = { n: AggregateField.count(), sum: AggregateField.sum('i'), mean: AggregateField.average('i') };
        const aggregated = await all.where('st', '==', 'live').aggregate(sums).get();
        expect(aggregated.data()).toEqual({ n: 6, sum: 36, mean: 6 });
      });

      it('averages nothing to null', async () => {
        const sums = { sum: AggregateField.sum('i'), mean: AggregateField.average('i') };
        expect((await collection('none').aggregate(sums).get()).data()).toEqual({ sum: 0, mean: null });
      });

      it('lists documents, also those that only have collections, and collections', async () => {
        await collection('l').doc('1').set({ x: 1 });
        await collection('l').doc('2').collection('below').doc('1').set({ x: 1 });
        expect((await collection('l').listDocuments()).map(({ id }) => id)).toEqual(['1', '2']);
        expect((await db.listCollections()).map(({ id }) => id)).toContain(collection('l').id);
        expect((await collection('l').doc('2').listCollections()).map(({ id }) => id)).toEqual(['below']);
      });
    });

    describe('transactions', () => {
      it('writes what it decided from what it read', async () => {
        await collection('t').doc('1').set({ n: 6 });
        const read = await db.runTransaction(async (transaction) => {
          const document = await transaction.get(collection('t').doc('1'));
          transaction.update(document.ref, { n: document.get('n') + 1 });
          return document.get('n');
        });
        expect([read, (await collection('t').doc('1').get()).get('n')]).toEqual([6, 7]);
      });

      it('reads by query and writes each document found', async () => {
        for (const i of [1, 2, 3]) await collection('t').doc(`${i}`).set({ i });
        await db.runTransaction(async (transaction) => {
          const { docs } = await transaction.get(collection('t').where('i', '<', 3));
          for (const { ref } of docs) transaction.update(ref, { seen: true });
        });
        expect((await collection('t').where('seen', '==', true).get()).size).toBe(2);
      });

      it('loses none of 8 increments at the same time', async () => {
        const counter = collection('t').doc('counter');
        await counter.set({ n: 0 });
        const increment = () =>
          db.runTransaction(
            async (transaction) => {
              const document = await transaction.get(counter);
              transaction.update(counter, { n: document.get('n') + 1 });
            },
            { maxAttempts: 20 },
          );
        await Promise.all(Array.from({ length: 8 }, increment));
        expect((await counter.get()).get('n')).toBe(8);
      }, 60_000);

      unlessItDeviates(deviations, 'locks', () => {
        it('runs again when somebody else wrote what it had read', async () => {
          const document = collection('t').doc('1');
          await document.set({ n: 0 });
          let attempts = 0;
          await db.runTransaction(async (transaction) => {
            const read = await transaction.get(document);
            attempts += 1;
            if (attempts === 1) await document.update({ n: 100 });
            transaction.update(document, { n: read.get('n') + 1 });
          });
          expect([attempts, (await document.get()).get('n')]).toEqual([2, 101]);
        }, 30_000);
      });

      unlessItDeviates(deviations, 'locks', () => {
        it('runs again when a document appeared in what its query had found', async () => {
          const query = collection('t').where('live', '==', true);
          let attempts = 0;
          await db.runTransaction(async (transaction) => {
            const { size } = await transaction.get(query);
            attempts += 1;
            if (attempts === 1) await collection('t').doc('late').set({ live: true });
            transaction.set(collection('t').doc('summary'), { size });
          });
          expect([attempts, (await collection('t').doc('summary').get()).get('size')]).toEqual([2, 1]);
        }, 30_000);
      });

      it('reads without writing', async () => {
        await collection('t').doc('1').set({ n: 1 });
        const read = await db.runTransaction((transaction) => transaction.get(collection('t').doc('1')), {
          readOnly: true,
        });
        expect(read.get('n')).toBe(1);
      });

      it('writes nothing when its function throws', async () => {
        const failing = db.runTransaction(async (transaction) => {
          await transaction.get(collection('t').doc('1'));
          transaction.set(collection('t').doc('2'), { n: 1 });
          throw new Error('boom');
        });
        await expect(failing).rejects.toThrow('boom');
        expect((await collection('t').doc('2').get()).exists).toBe(false);
      });
    });

    describe('listeners', () => {
      it('follows a document', async () => {
        await collection('s').doc('1').set({ n: 0 });
        const seen = following<DocumentSnapshot>((next, fail) => collection('s').doc('1').onSnapshot(next, fail));
        expect((await seen.next()).get('n')).toBe(0);
        await collection('s').doc('1').update({ n: 1 });
        expect((await seen.next()).get('n')).toBe(1);
        await collection('s').doc('1').delete();
        expect((await seen.next()).exists).toBe(false);
        seen.stop();
      });

      it('follows a query as documents come, change and go', async () => {
        const query = collection('s').where('live', '==', true).orderBy('i').limit(2);
        const seen = following<QuerySnapshot>((next, fail) => query.onSnapshot(next, fail));
        const changes = async () => (await seen.next()).docChanges().map(({ type, doc }) => `${type} ${doc.id}`);
        expect(await changes()).toEqual([]);
        await collection('s').doc('1').set({ live: true, i: 1 });
        expect(await changes()).toEqual(['added 1']);
        await collection('s').doc('1').update({ i: 2 });
        expect(await changes()).toEqual(['modified 1']);
        await collection('s').doc('1').update({ live: false });
        expect(await changes()).toEqual(['removed 1']);
        seen.stop();
      });
    });

    unlessItDeviates(deviations, 'noTimeToLive', () => {
      it('removes a document whose time is past, and no other', async () => {
        const expiring = db.collection('ttl');
        await expiring.doc('past').set({ expireAt: Timestamp.fromMillis(0) });
        await expiring.doc('future').set({ expireAt: Timestamp.fromMillis(32_503_680_000_000) });
        await expiring.doc('no time').set({ expireAt: 0 });
        const seen = following<DocumentSnapshot>((next, fail) => expiring.doc('past').onSnapshot(next, fail));
        while ((await seen.next()).exists);
        seen.stop();
        expect((await expiring.listDocuments()).map(({ id }) => id)).toEqual(['future', 'no time']);
      });
    });
  });
}

/** Snapshots one after the other, none lost in between. */
function following<T>(listen: (next: (snapshot: T) => void, fail: (error: Error) => void) => () => void) {
  const [waiting, arrived]: [PromiseWithResolvers<T>[], PromiseWithResolvers<T>[]] = [[], []];
  const slot = (from: PromiseWithResolvers<T>[], to: PromiseWithResolvers<T>[]) => {
    const existing = from.shift();
    if (existing) return existing;
    const created = newSlot<T>();
    to.push(created);
    return created;
  };
  const stop = listen(
    (snapshot) => slot(waiting, arrived).resolve(snapshot),
    (error) => slot(waiting, arrived).reject(error),
  );
  return { next: () => slot(arrived, waiting).promise, stop };
}

interface PromiseWithResolvers<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

function newSlot<T>(): PromiseWithResolvers<T> {
  let [resolve, reject]: [(value: T) => void, (error: Error) => void] = [() => {}, () => {}];
  const promise = new Promise<T>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  return { promise, resolve, reject };
}
