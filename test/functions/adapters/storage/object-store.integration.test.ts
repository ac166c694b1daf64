import { gcsObjectStore } from '../../../../functions/adapters/gcp/storage/object-store';
import { storageClient } from '../../../../functions/adapters/gcp/storage/storage-client';
import { type ObjectStoreServer, objectStoreServer } from '../../../../scripts/emulators/gcs';
import { objectStoreSuite } from '../../../suites/object-store';

/** No waiting between attempts. */
const retry = { clock: { sleep: async () => undefined } };
let now = Date.UTC(2026, 10, 20);
const clock = { now: () => now };
let server: ObjectStoreServer;
let origin: string;
let opened = 0;

beforeAll(async () => {
  server = objectStoreServer({ port: 0, clock, buckets: [{ name: 'bucket' }] });
  origin = (await server.start()).origin;
});
afterAll(() => server.stop());
afterEach(() => server.faults.clear());

const open = () => gcsObjectStore(storageClient({ apiEndpoint: origin, timeoutMs: 5000 }), 'bucket', retry);

objectStoreSuite('@google-cloud/storage on the local server', () => {
  opened += 1;
  const nextSecond = async () => {
    now += 1000;
  };
  return { store: open(), nextSecond, prefix: `run-${opened}/`, exactRate: true };
});

describe('gcsObjectStore', () => {
  const options = {
    contentType: 'video/mp2t',
    cacheControl: 'public, max-age=9',
    metadata: {},
    ifGenerationMatch: '0',
  };
  const insertsOf = () => server.operations().buckets.bucket?.['objects.insert'] ?? 0;
  let name: string;
  beforeEach(() => {
    opened += 1;
    name = `fault-${opened}`;
  });

  it('writes content type, Cache-Control and custom time, in one request', async () => {
    const before = insertsOf();
    await open().write(name, 'x', { ...options, customTime: new Date('2026-11-20T18:00:00.000Z') });
    const [metadata] = await storageClient({ apiEndpoint: origin }).bucket('bucket').file(name).getMetadata();
    expect(metadata).toMatchObject({
      contentType: 'video/mp2t',
      cacheControl: 'public, max-age=9',
      customTime: '2026-11-20T18:00:00.000Z',
    });
    expect(insertsOf() - before).toBe(1);
  });

  it.each([500, 502, 503, 504])('sends a request again that was answered with %i', async (status) => {
    server.faults.add({ name: new RegExp(name), status, times: 2 });
    expect(await open().write(name, 'x', options)).toMatchObject({ kind: 'written' });
    server.faults.add({ name: new RegExp(name), status, times: 1 });
    expect(await open().read(name)).toMatchObject({ text: 'x' });
  });

  it('throws when the store stays unavailable', async () => {
    server.faults.add({ name: new RegExp(name), status: 503 });
    await expect(open().write(name, 'x', options)).rejects.toMatchObject({ code: 503 });
    await expect(open().read(name)).rejects.toMatchObject({ code: 503 });
    await expect(open().list('')).resolves.toBeInstanceOf(Array);
  });

  it('tells of 429 at once instead of trying again', async () => {
    server.faults.add({ name: new RegExp(name), status: 429, times: 1 });
    expect(await open().write(name, 'x', options)).toEqual({ kind: 'rate_limited' });
  });

  it('writes once when the answer to a write is lost', async () => {
    server.faults.add({ name: new RegExp(name), operations: ['objects.insert'], loseAnswer: true, times: 1 });
    const before = insertsOf();
    expect(await open().write(name, 'x', options)).toEqual({ kind: 'conflict' });
    expect(await open().read(name)).toMatchObject({ text: 'x' });
    expect(insertsOf() - before).toBe(1);
  });

  it('gives up a request which is not answered in time', async () => {
    server.faults.add({ name: new RegExp(name), delayMs: 60_000 });
    const hurried = gcsObjectStore(storageClient({ apiEndpoint: origin, timeoutMs: 50 }), 'bucket', retry);
    await expect(hurried.stat(name)).rejects.toThrow(/timeout/);
  });

  it('sends again beside it what is not answered, long before its own time limit', async () => {
    const hasty = gcsObjectStore(storageClient({ apiEndpoint: origin, timeoutMs: 3000 }), 'bucket', {
      ...retry,
      patienceMs: 50,
    });
    server.faults.add({ name: new RegExp(name), operations: ['objects.insert'], delayMs: 14_000, times: 2 });
    expect(await hasty.write(name, 'x', options)).toMatchObject({ kind: 'written' });
    server.faults.add({ name: new RegExp(name), operations: ['objects.get'], halfAnswer: true, times: 3 });
    expect(await hasty.read(name)).toMatchObject({ text: 'x' });
  }, 12_000);

  it('keeps its retries when calls with and without a condition run side by side', async () => {
    const store = open();
    const names = Array.from({ length: 10 }, (_, index) => `${name}/${index}`);
    for (const each of names) server.faults.add({ name: new RegExp(`^${each}$`), status: 503, times: 1 });
    const results = await Promise.all(
      names.flatMap((each) => [store.write(each, 'x', options), store.stat(each), store.remove(each)]),
    );
    expect(results.filter((result) => typeof result === 'object' && 'kind' in result)).toHaveLength(10);
  });

  it('throws for a bucket which is not there', async () => {
    const store = gcsObjectStore(storageClient({ apiEndpoint: origin }), 'no-such-bucket', retry);
    await expect(store.list('')).rejects.toMatchObject({ code: 404 });
    await expect(store.stat('a')).rejects.toMatchObject({ code: 404 });
    await expect(store.read('a')).rejects.toMatchObject({ code: 404 });
    await expect(store.remove('a')).rejects.toMatchObject({ code: 404 });
    await expect(store.write('a', 'x', options)).rejects.toMatchObject({ code: 404 });
  });
});
