import { memoryObjectStore } from '../../../functions/adapters/memory/object-store';
import { rememberingStore } from '../../../functions/adapters/remembering-store';
import type { ObjectStore } from '../../../functions/ports/stores';
import { objectStoreSuite } from '../../suites/object-store';

let now = Date.UTC(2026, 10, 21);
objectStoreSuite('remembering, over memory', () => ({
  store: rememberingStore(memoryObjectStore({ clock: { now: () => now }, oneWritePerSecond: true })),
  nextSecond: async () => {
    now += 1000;
  },
  prefix: '',
  exactRate: true,
}));

describe('remembering store', () => {
  const options = { contentType: 'text/plain', cacheControl: 'no-store', metadata: {}, ifGenerationMatch: '0' };
  /** A store that keeps a list of what it was asked for. */
  const counted = (mostCharacters?: number) => {
    const bucket = memoryObjectStore();
    const asked: string[] = [];
    const store: ObjectStore = {
      ...bucket,
      read: (name) => {
        asked.push(`read ${name}`);
        return bucket.read(name);
      },
      stat: (name) => {
        asked.push(`stat ${name}`);
        return bucket.stat(name);
      },
    };
    return { bucket, asked, store: rememberingStore(store, mostCharacters) };
  };

  it('asks only for the metadata of what it has written', async () => {
    const { asked, store } = counted();
    await store.write('a', 'one', options);
    expect((await store.read('a'))?.text).toBe('one');
    expect(asked).toEqual(['stat a']);
  });

  it('sees at once what somebody else wrote', async () => {
    const { bucket, asked, store } = counted();
    await store.write('a', 'one', options);
    const generation = (await bucket.stat('a'))?.generation ?? '';
    await bucket.write('a', 'two', { ...options, ifGenerationMatch: generation });
    expect((await store.read('a'))?.text).toBe('two');
    expect(asked).toEqual(['stat a', 'read a']);
  });

  it('sees at once that an object is gone, and that it is back', async () => {
    const { bucket, store } = counted();
    await store.write('a', 'one', options);
    await bucket.remove('a');
    expect(await store.read('a')).toBeUndefined();
    await bucket.write('a', 'two', options);
    expect((await store.read('a'))?.text).toBe('two');
  });

  it('forgets what was used longest ago when it holds enough', async () => {
    const { asked, store } = counted(6);
    for (const name of ['a', 'b']) await store.write(name, '123', options);
    await store.read('a');
    await store.write('c', '123', options);
    asked.length = 0;
    for (const name of ['a', 'b']) await store.read(name);
    expect(asked).toEqual(['stat a', 'read b']);
  });

  it('does not keep what is more than it may hold', async () => {
    const { asked, store } = counted(2);
    await store.write('a', '123', options);
    expect((await store.read('a'))?.text).toBe('123');
    expect(asked).toEqual(['read a']);
  });
});
