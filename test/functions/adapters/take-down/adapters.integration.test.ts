import { firestoreInvalidationStore } from '../../../../functions/adapters/gcp/firestore/invalidation-store';
import { computeCdnInvalidator } from '../../../../functions/adapters/gcp/google/cdn-invalidator';
import { gcsMediaMover } from '../../../../functions/adapters/gcp/storage/media-mover';
import { gcsObjectStore } from '../../../../functions/adapters/gcp/storage/object-store';
import { storageClient } from '../../../../functions/adapters/gcp/storage/storage-client';
import type { Policy } from '../../../../functions/contract/ids';
import { type ObjectStoreServer, objectStoreServer } from '../../../../scripts/emulators/gcs';
import type { LocalService } from '../../../../scripts/emulators/server/local-service';
import { AnswerCache } from '../../../../scripts/local/edge/cache';
import { invalidationServer } from '../../../../scripts/local/edge/invalidation';
import { cdnInvalidatorSuite } from '../../../suites/cdn-invalidator';
import { invalidationStoreSuite } from '../../../suites/invalidation-store';
import { mediaMoverSuite } from '../../../suites/media-mover';
import { localDatabases } from '../../../support/google/firestore-databases';
import { GoogleCdn } from '../../../support/google/google-cdn';
import { GoogleStandIn } from '../../../support/google/google-stand-in';
import { manualClock } from '../../../support/manual-clock';

const databases = localDatabases();
invalidationStoreSuite('local Firestore', () => firestoreInvalidationStore(databases()));

describe('documents of invalidations', () => {
  const invalidation = {
    id: 'a'.repeat(64),
    path: '/open/*',
    streamId: 'abcdefgh01234567',
    requestedAt: 1,
    changedAt: 5,
    attempts: 1,
  };

  it('expire 90 days after they were done, and never before', async () => {
    const database = databases();
    const store = firestoreInvalidationStore(database);
    const field = async () => (await database.collection('invalidations').doc(invalidation.id).get()).get('removeAt');
    await store.put({ ...invalidation, state: 'running', operation: 'op' });
    expect(await field()).toBeUndefined();
    await store.put({ ...invalidation, state: 'done' });
    expect((await field()).toMillis()).toBe(5 + 90 * 86_400_000);
  });
});

describe('take-downs in buckets of the local server', () => {
  const NAMES: Readonly<Record<Policy, string>> = { open: 'delivery-open', gated: 'delivery-gated' };
  let now = Date.UTC(2026, 10, 26);
  let opened = 0;
  let server: ObjectStoreServer;
  let apiEndpoint = '';
  beforeAll(async () => {
    server = objectStoreServer({
      port: 0,
      clock: { now: () => now },
      buckets: Object.values(NAMES).map((name) => ({ name })),
    });
    apiEndpoint = (await server.start()).origin;
  });
  afterAll(() => server.stop());
  afterEach(() => server.faults.clear());

  // Waiting for the next attempt is the time that passes: a name takes one write a second.
  const retry = {
    clock: {
      async sleep(ms: number) {
        now += ms;
      },
    },
  };
  const client = () => storageClient({ apiEndpoint, timeoutMs: 5000 });
  const mover = () => gcsMediaMover(client(), NAMES, retry);

  mediaMoverSuite('@google-cloud/storage', () => {
    now = now + 1000;
    opened = opened + 1;
    const bucketOf = (policy: Policy) => gcsObjectStore(client(), NAMES[policy], retry);
    return { move: mover(), bucketOf, prefix: `run-${opened}/` };
  });

  it.each(['run/index.m3u8', 'run/0.ts'])(
    '%s is removed though it was changed within the second, which Cloud Storage refuses',
    async (name) => {
      const store = gcsObjectStore(client(), NAMES.open, retry);
      await store.write(name, 'x', {
        contentType: 'a/b',
        cacheControl: 'no-store',
        metadata: {},
        ifGenerationMatch: '0',
      });
      server.faults.add({ name: new RegExp(name), status: 429, times: 1 });
      expect(await store.remove(name)).toBe(true);
    },
  );

  it('headers go along, and what the store answers with 503 is done again', async () => {
    const from = { bucket: 'open', name: 'h.ts' } as const;
    const to = { bucket: 'gated', name: 'held/h.ts' } as const;
    const file = client().bucket(NAMES.open).file(from.name);
    await file.save('x', {
      resumable: false,
      metadata: { contentType: 'video/mp2t', cacheControl: 'public, max-age=9' },
    });
    server.faults.add({ name: /h\.ts/, status: 503, times: 1 });
    expect(await mover()(from, to)).toBe(true);
    const [metadata] = await client().bucket(NAMES.gated).file(to.name).getMetadata();
    expect(metadata).toMatchObject({ contentType: 'video/mp2t', cacheControl: 'public, max-age=9', size: '1' });
  });
});

describe('invalidations by Compute Engine', () => {
  const compute = new GoogleCdn();
  const google = new GoogleStandIn(compute.routes);
  let apiEndpoint = '';
  beforeAll(async () => {
    apiEndpoint = `${await google.start()}/compute.googleapis.com`;
  });
  afterAll(() => google.stop());

  const cdn = () =>
    computeCdnInvalidator({
      projectId: 'test-project',
      urlMap: 'public',
      apiEndpoint,
      accessToken: async () => 'token',
    });

  cdnInvalidatorSuite('Compute Engine', () => {
    compute.paths.length = 0;
    compute.quota = Number.POSITIVE_INFINITY;
    return {
      cdn: cdn(),
      takes: (requests) => void Object.assign(compute, { quota: requests }),
      minuteLater: () => void Object.assign(compute, { quota: 500 }),
      forgotten: () => compute.paths,
    };
  });

  it.each([
    ['PENDING', false],
    ['RUNNING', false],
    ['DONE', true],
  ] as const)('an operation that is %s is done: %s', async (status, done) => {
    compute.status = status;
    const answer = await cdn().request('/open/*');
    expect(answer.kind === 'accepted' && (await cdn().isDone(answer.operation))).toBe(done);
  });

  it("a refusal that is no quota is thrown, with Google's message", async () => {
    google.fault = { change: google.changes + 1, when: 'before' };
    await expect(cdn().request('/open/*')).rejects.toThrow('503: try again');
  });
});

describe('invalidations by the local edge', () => {
  const clock = manualClock();
  /** Google's, and the edge's: a minute takes so many. */
  const A_MINUTE = 500;
  let forgotten: string[] = [];
  let server: LocalService;
  let apiEndpoint = '';
  beforeAll(async () => {
    const log = {
      info: (_event: string, fields?: Readonly<Record<string, unknown>>) => void forgotten.push(String(fields?.path)),
      warn: () => undefined,
      error: () => undefined,
    };
    server = invalidationServer(new AnswerCache(1 << 20), { port: 0, clock, log });
    apiEndpoint = (await server.start()).origin;
  });
  afterAll(() => server.stop());
  // Each begins in a minute of its own.
  beforeEach(() => clock.advance(60_000));

  const cdn = () =>
    computeCdnInvalidator({ projectId: 'p', urlMap: 'u', apiEndpoint, accessToken: async () => 'token' });

  cdnInvalidatorSuite('the local edge', () => {
    forgotten = [];
    return {
      cdn: cdn(),
      async takes(requests) {
        for (let asked = requests; asked < A_MINUTE; asked += 1) await cdn().request('/used-up/*');
        forgotten = [];
      },
      minuteLater: () => clock.advance(60_000),
      forgotten: () => forgotten,
    };
  });

  it('a path with a star in its middle is refused, as Google does', async () => {
    await expect(cdn().request('/open/*/x')).rejects.toThrow('400');
  });
});
