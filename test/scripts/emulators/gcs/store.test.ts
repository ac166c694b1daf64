import { Bodies } from '../../../../scripts/emulators/gcs/api/bodies';
import { parseMultipart } from '../../../../scripts/emulators/gcs/api/multipart';
import { crc32c } from '../../../../scripts/emulators/gcs/checksums';
import { Store } from '../../../../scripts/emulators/gcs/store';
import { WriteRate } from '../../../../scripts/emulators/gcs/write-rate';

const object = (text: string, preconditions = {}) => ({
  bytes: Buffer.from(text),
  headers: { contentType: 'text/plain', metadata: {} },
  preconditions,
});
const at = (name: string) => ({ bucket: 'media', name });

function storeAt(times: number[], oneWritePerSecond = false): { store: Store; bodies: Bodies } {
  const bodies = new Bodies({ limitBytes: 1000 });
  const clock = { now: () => (times.length > 1 ? (times.shift() ?? 0) : (times[0] ?? 0)) };
  const store = new Store({ clock, bodies, oneWritePerSecond });
  store.createBucket({ name: 'media' });
  return { store, bodies };
}

describe('Store', () => {
  it('counts generations up, also when the clock stands or goes back', async () => {
    const { store } = storeAt([5000, 5000, 5000, 4000, 4000]);
    const generations = [];
    for (const text of ['a', 'b', 'c', 'd'])
      generations.push(Number((await store.insert(at('x'), object(text))).generation));
    expect(generations).toEqual([...generations].sort((a, b) => a - b));
    expect(new Set(generations).size).toBe(4);
  });

  it('lets one of many creators win and frees the bytes of the others', async () => {
    const { store, bodies } = storeAt([1000]);
    const writes = Array.from({ length: 20 }, (_, writer) =>
      store.insert(at('x'), object(`writer-${writer}`, { ifGenerationMatch: '0' })),
    );
    const results = await Promise.allSettled(writes);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(bodies.memoryBytes).toBe(store.get(at('x')).size);
  });

  it('frees the bytes of what is overwritten and removed', async () => {
    const { store, bodies } = storeAt([1000]);
    await store.insert(at('x'), object('12345'));
    await store.insert(at('x'), object('123'));
    expect(bodies.memoryBytes).toBe(3);
    store.remove(at('x'), {});
    expect(bodies.memoryBytes).toBe(0);
  });

  it('gives the content of the record that was asked for, also when it is overwritten meanwhile', async () => {
    const { store } = storeAt([1000]);
    const content = store.content(await store.insert(at('x'), object('old')));
    await store.insert(at('x'), object('new'));
    expect((await content).toString()).toBe('old');
  });

  it('tells listeners of a generation that can be read', async () => {
    const { store } = storeAt([1000]);
    const seen: string[] = [];
    store.onFinalized(
      ({ name, generation }) => void seen.push(store.get({ bucket: 'media', name }, { generation }).name),
    );
    await store.insert(at('x'), object('1'));
    store.patch(at('x'), { cacheControl: 'no-store' }, {});
    expect(seen).toEqual(['x']);
  });
});

describe('WriteRate', () => {
  it('takes a write a second, counted from the last one that was taken', () => {
    const rate = new WriteRate();
    rate.took('a', 0);
    expect([rate.allows('a', 999), rate.allows('b', 999), rate.allows('a', 1000)]).toEqual([false, true, true]);
    rate.took('a', 1000);
    expect([rate.allows('a', 1999), rate.allows('a', 2000)]).toEqual([false, true]);
  });
});

describe('Bodies', () => {
  it('keeps to its memory, reads back from files, and still gives what is freed while it is read', async () => {
    const bodies = new Bodies({ limitBytes: 8 });
    const [a, b, c] = await Promise.all(['aaaa', 'bbbb', 'cccc'].map((text) => bodies.put(Buffer.from(text))));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three bodies were put');
    expect(bodies.memoryBytes).toBeLessThanOrEqual(8);
    const reading = bodies.read(a);
    bodies.free(a);
    expect((await reading).toString()).toBe('aaaa');
    expect((await bodies.read(b)).toString() + (await bodies.read(c)).toString()).toBe('bbbbcccc');
    await bodies.close();
  });

  it('refuses what it can put nowhere, and goes on', async () => {
    const bodies = new Bodies({ limitBytes: 4, spillFolder: '/dev/null/none' });
    await bodies.put(Buffer.from('aaaa'));
    await expect(bodies.put(Buffer.from('bbbb'))).rejects.toThrow(/ENOTDIR/);
    expect(bodies.memoryBytes).toBe(4);
    await bodies.close();
  });
});

describe('crc32c', () => {
  // RFC 3720, appendix B.4.
  it.each([
    [Buffer.alloc(32), 'aa36918a'],
    [Buffer.alloc(32, 0xff), '43aba862'],
    [Buffer.from(Array.from({ length: 32 }, (_, index) => index)), '4e79dd46'],
  ])('has the value of the RFC for %#', (bytes, littleEndian) => {
    const bigEndian = Buffer.from(crc32c(bytes), 'base64').reverse().toString('hex');
    expect(bigEndian).toBe(littleEndian);
  });
});

describe('parseMultipart', () => {
  it('splits parts and leaves their bytes alone', () => {
    const body = Buffer.from(
      '--B\r\nContent-Type: application/json\r\n\r\n{}\r\n--B\r\ncontent-type: video/mp2t\r\n\r\n\r\n-- \r\n\r\n--B--',
    );
    expect(
      parseMultipart('multipart/related; boundary="B"', body).map((part) => [part.contentType, part.body.toString()]),
    ).toEqual([
      ['application/json', '{}'],
      ['video/mp2t', '\r\n-- \r\n'],
    ]);
  });
});
