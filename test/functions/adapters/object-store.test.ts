import { memoryObjectStore } from '../../../functions/adapters/memory/object-store';
import { objectStoreSuite } from '../../suites/object-store';

const steppedClock = () => {
  let now = Date.UTC(2026, 10, 20);
  const step = () => {
    now += 1000;
  };
  return { now: () => now, step };
};

objectStoreSuite('memory', () => {
  const clock = steppedClock();
  return {
    store: memoryObjectStore({ clock, oneWritePerSecond: true }),
    nextSecond: async () => clock.step(),
    prefix: '',
    exactRate: true,
  };
});

describe('memory object store', () => {
  const options = { contentType: 'video/mp2t', cacheControl: 'public', metadata: {}, ifGenerationMatch: '0' };

  it('shows the headers, bytes and custom time of an object', async () => {
    const store = memoryObjectStore();
    const customTime = new Date(5000);
    await store.write('a.ts', Buffer.from([1, 2]), { ...options, customTime });
    expect(store.entry('a.ts')).toMatchObject({
      contentType: 'video/mp2t',
      cacheControl: 'public',
      customTime,
      content: Buffer.from([1, 2]),
    });
    expect(store.entry('b.ts')).toBeUndefined();
  });

  it('takes writes at any rate when it has no clock', async () => {
    const store = memoryObjectStore();
    const first = await store.write('a', '1', options);
    const generation = first.kind === 'written' ? first.generation : '';
    expect(await store.write('a', '2', { ...options, ifGenerationMatch: generation })).toMatchObject({
      kind: 'written',
    });
  });

  it('keeps what was written, whatever happens to the bytes it was written from', async () => {
    const store = memoryObjectStore();
    const bytes = Buffer.from('abc');
    const metadata = { key: 'value' };
    await store.write('a', bytes, { ...options, metadata });
    bytes.fill('x');
    metadata.key = 'changed';
    expect(await store.read('a')).toMatchObject({ text: 'abc', metadata: { key: 'value' } });
  });
});
