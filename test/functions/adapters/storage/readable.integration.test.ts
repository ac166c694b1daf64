import { gcsObjectStore } from '../../../../functions/adapters/gcp/storage/object-store';
import { gcsReadable } from '../../../../functions/adapters/gcp/storage/readable';
import { storageClient } from '../../../../functions/adapters/gcp/storage/storage-client';
import { type ObjectStoreServer, objectStoreServer } from '../../../../scripts/emulators/gcs';

let server: ObjectStoreServer;
let readable: ReturnType<typeof gcsReadable>;

beforeAll(async () => {
  server = objectStoreServer({ port: 0, clock: { now: Date.now }, buckets: [{ name: 'open' }, { name: 'gated' }] });
  const storage = storageClient({ apiEndpoint: (await server.start()).origin, timeoutMs: 5000 });
  readable = gcsReadable(storage, { open: 'open', gated: 'gated' });
  const how = { contentType: 'video/mp2t', cacheControl: 'public', metadata: {}, ifGenerationMatch: '0' };
  await gcsObjectStore(storage, 'open').write('s/1.ts', 'x'.repeat(100_000), how);
});
afterAll(() => server.stop());
afterEach(() => server.faults.clear());

describe('the bytes of an object', () => {
  it('can be had where the object is, and cannot where it is not', async () => {
    expect(await readable('open', 's/1.ts')).toBe(true);
    expect(await readable('open', 's/2.ts')).toBe(false);
    expect(await readable('gated', 's/1.ts')).toBe(false);
  });

  it('cannot be had while the storage refuses them', async () => {
    server.faults.add({ name: /1\.ts/, status: 503, times: 50 });
    expect(await readable('open', 's/1.ts')).toBe(false);
  });
});
