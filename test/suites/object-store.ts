import type { ObjectStore, StoredObject, WriteOptions } from '../../functions/ports/stores';
import { unlessItDeviates } from '../support/platform/real-part';

export interface ObjectStoreUnderTest {
  readonly store: ObjectStore;
  /** Returns when a name that was just written may be written again. */
  nextSecond(): Promise<void>;
  /** Names begin with this: what else is in the bucket does not matter. */
  readonly prefix: string;
  /** False where a second write within a second may pass. */
  readonly exactRate: boolean;
}

/** Ways in which a server is known to differ from Cloud Storage; the tests of them are skipped by name. */
export interface Deviations {
  /** Metadata of its own that it adds to every object's: not compared. */
  addsMetadata?: RegExp;
  /** An object without bytes has no `size`. */
  omitsSizeOfNothing?: boolean;
  /** It takes metadata of any size. */
  takesAnyMetadata?: boolean;
}

/**
 * Tests the contract of every `ObjectStore`: run for memory, for the local server, and for Cloud Storage itself or
 * Google's testbench of it.
 */
export function objectStoreSuite(name: string, open: () => ObjectStoreUnderTest, deviations: Deviations = {}): void {
  /** The same without what the server added. */
  const own = <T extends StoredObject>(object: T | undefined): T | undefined =>
    object && { ...object, metadata: without(deviations.addsMetadata, object.metadata) };
  describe(`ObjectStore: ${name}`, () => {
    let subject: ObjectStoreUnderTest;
    let store: ObjectStore;
    let prefix: string;
    const at = (text: string) => `${prefix}${text}`;

    beforeEach(() => {
      subject = open();
      ({ store, prefix } = subject);
    });

    describe('reading', () => {
      it('answers undefined for an object which is not there', async () => {
        expect([await store.read(at('none')), await store.stat(at('none'))]).toEqual([undefined, undefined]);
      });

      it('reads back text, metadata, size in bytes and generation as they were written', async () => {
        const metadata = { ordinal: '1', attributes: '{"codecs":"avc1.4d401f,mp4a.40.2"}' };
        const generation = await created(store, at('a.m3u8'), '#EXTM3U\n#é\n', { metadata });
        const expected = { name: at('a.m3u8'), generation, metadata, sizeBytes: 12 };
        expect(own(await store.read(at('a.m3u8')))).toEqual({
          ...expected,
          text: '#EXTM3U\n#é\n',
          updatedAt: expect.any(Number),
        });
        expect(own(await store.stat(at('a.m3u8')))).toEqual({ ...expected, updatedAt: expect.any(Number) });
      });

      it('has no metadata when none was written', async () => {
        await created(store, at('a'), 'x');
        expect(own(await store.stat(at('a')))?.metadata).toEqual({});
      });

      it('stores bytes that are no text', async () => {
        await created(store, at('bytes'), Uint8Array.from([0x47, 0, 0xff]));
        expect((await store.stat(at('bytes')))?.sizeBytes).toBe(3);
      });

      unlessItDeviates(deviations, 'omitsSizeOfNothing', () => {
        it('stores no bytes at all', async () => {
          await created(store, at('empty'), '');
          expect(await store.read(at('empty'))).toMatchObject({ text: '', sizeBytes: 0 });
        });
      });

      it.each([' a b', 'a%2Fb', 'a+b?c#d&e', 'é/日本', 'a//b'])('takes the name %p as it is', async (text) => {
        await created(store, at(text), text);
        expect(await store.read(at(text))).toMatchObject({ name: at(text), text });
        expect((await store.list(at(text))).map((object) => object.name)).toEqual([at(text)]);
      });

      it('gives text, metadata and generation of one version, whenever it is overwritten', async () => {
        let generation = await created(store, at('v'), '0', { metadata: { version: '0' } });
        for (let version = 1; version <= 5; version += 1) {
          await subject.nextSecond();
          const write = store.write(
            at('v'),
            `${version}`,
            options(generation, { metadata: { version: `${version}` } }),
          );
          const [first, result, second] = await Promise.all([store.read(at('v')), write, store.read(at('v'))]);
          for (const read of [first, second]) expect(read?.metadata.version).toBe(read?.text);
          expect(result.kind).toBe('written');
          generation = result.kind === 'written' ? result.generation : generation;
        }
        expect(await store.read(at('v'))).toMatchObject({ generation, text: '5' });
      });
    });

    describe('writing on a condition', () => {
      it('creates only where there is nothing', async () => {
        await created(store, at('a'), 'first');
        await subject.nextSecond();
        expect(await store.write(at('a'), 'second', options('0'))).toEqual({ kind: 'conflict' });
        expect((await store.read(at('a')))?.text).toBe('first');
      });

      it('overwrites exactly the generation it was told, and counts generations up', async () => {
        const first = await created(store, at('a'), 'first', { metadata: { old: 'yes' } });
        await subject.nextSecond();
        const second = await written(store, at('a'), 'second', options(first));
        await subject.nextSecond();
        expect(BigInt(second) > BigInt(first)).toBe(true);
        expect(await store.write(at('a'), 'third', options(first))).toEqual({ kind: 'conflict' });
        expect(own(await store.read(at('a')))).toMatchObject({ text: 'second', generation: second });
        expect(own(await store.stat(at('a')))?.metadata).toEqual({});
      });

      it('overwrites nothing that is gone', async () => {
        const generation = await created(store, at('a'), 'x');
        await store.remove(at('a'));
        await subject.nextSecond();
        expect(await store.write(at('a'), 'y', options(generation))).toEqual({ kind: 'conflict' });
        expect(await store.stat(at('a'))).toBeUndefined();
      });

      it('removes only the generation that was meant', async () => {
        const first = await created(store, at('a'), 'x');
        await subject.nextSecond();
        const second = await written(store, at('a'), 'y', options(first));
        expect(await store.remove(at('a'), first)).toBe(false);
        expect((await store.stat(at('a')))?.generation).toBe(second);
        expect(await store.remove(at('a'), second)).toBe(true);
        expect(await store.remove(at('a'), second)).toBe(false);
      });

      it('lets one of many writers win who saw the same', async () => {
        const results = await Promise.all(
          Array.from({ length: 8 }, (_, writer) => store.write(at('a'), `${writer}`, options('0'))),
        );
        const winners = results.flatMap((result, writer) => (result.kind === 'written' ? [writer] : []));
        expect(winners).toHaveLength(1);
        expect((await store.read(at('a')))?.text).toBe(`${winners[0]}`);
      });

      it('does not go back in time', async () => {
        const first = await created(store, at('a'), '1');
        const before = await store.stat(at('a'));
        await subject.nextSecond();
        await written(store, at('a'), '2', options(first));
        const after = await store.stat(at('a'));
        expect(after?.updatedAt).toBeGreaterThanOrEqual(before?.updatedAt ?? Number.POSITIVE_INFINITY);
      });

      unlessItDeviates(deviations, 'takesAnyMetadata', () => {
        it('refuses metadata of more than 8 KiB', async () => {
          const metadata = { attributes: 'x'.repeat(9000) };
          await expect(store.write(at('a'), 'x', options('0', { metadata }))).rejects.toThrow(/metadata/);
          expect(await store.stat(at('a'))).toBeUndefined();
        });
      });
    });

    describe('one write a second and name', () => {
      it('tells of the limit, changes nothing, and takes the write a second later', async () => {
        const first = await created(store, at('a'), 'first');
        const hurried = await store.write(at('a'), 'second', options(first));
        if (subject.exactRate) {
          expect(hurried).toEqual({ kind: 'rate_limited' });
          expect((await store.read(at('a')))?.text).toBe('first');
        }
        await subject.nextSecond();
        const generation = (await store.stat(at('a')))?.generation ?? '0';
        expect((await store.write(at('a'), 'third', options(generation))).kind).toBe('written');
      });

      it('tells of a conflict rather than of the limit', async () => {
        await created(store, at('a'), 'first');
        const { kind } = await store.write(at('a'), 'second', options('0'));
        expect(subject.exactRate ? ['conflict'] : ['conflict', 'rate_limited']).toContain(kind);
      });

      it('counts each name for itself', async () => {
        await created(store, at('a'), 'x');
        await created(store, at('b'), 'x');
        expect((await store.list(prefix)).map((object) => object.name)).toEqual([at('a'), at('b')]);
      });
    });

    describe('listing and removing', () => {
      it('lists by name everything with the prefix, with its metadata', async () => {
        for (const text of ['s/2', 's/10', 's/1', 't/1'])
          await created(store, at(text), text, { metadata: { is: text } });
        const found = await store.list(at('s/'));
        expect(found.map(({ name, metadata }) => [name, metadata.is])).toEqual([
          [at('s/1'), 's/1'],
          [at('s/10'), 's/10'],
          [at('s/2'), 's/2'],
        ]);
        expect(found[0]).toEqual(await store.stat(at('s/1')));
      });

      it('lists nothing where nothing is', async () => {
        expect(await store.list(at('nowhere/'))).toEqual([]);
      });

      it('removes, and says whether there was something', async () => {
        const first = await created(store, at('a'), 'x');
        expect([await store.remove(at('a')), await store.remove(at('a'))]).toEqual([true, false]);
        expect([await store.read(at('a')), await store.list(prefix)]).toEqual([undefined, []]);
        await subject.nextSecond();
        expect(BigInt(await created(store, at('a'), 'y')) > BigInt(first)).toBe(true);
      });
    });
  });
}

type Metadata = StoredObject['metadata'];
const without = (names: RegExp | undefined, metadata: Metadata): Metadata =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => !names?.test(name)));

type Extra = Partial<WriteOptions>;

const options = (ifGenerationMatch: string, extra: Extra = {}): WriteOptions => ({
  contentType: 'application/vnd.apple.mpegurl',
  cacheControl: 'no-store',
  metadata: {},
  ifGenerationMatch,
  ...extra,
});

async function written(
  store: ObjectStore,
  name: string,
  content: string | Uint8Array,
  write: WriteOptions,
): Promise<string> {
  const result = await store.write(name, content, write);
  if (result.kind !== 'written') throw new Error(`'${name}' was not written: ${result.kind}`);
  return result.generation;
}

const created = (store: ObjectStore, name: string, content: string | Uint8Array, extra: Extra = {}): Promise<string> =>
  written(store, name, content, options('0', extra));
