import { createServer, type IncomingMessage } from 'node:http';
import { storageClient } from '../../../functions/adapters/gcp/storage/storage-client';
import { objectStoreServer } from '../../../scripts/emulators/gcs';
import { createTokens } from '../../../scripts/emulators/metadata/tokens';
import { NO_EVENT_FAULTS } from '../../../scripts/emulators/server/event-faults';
import { close, listen } from '../../../scripts/emulators/server/listen';
import type { FunctionBlueprint } from '../../../scripts/local/blueprint/blueprint';
import { storageTriggers } from '../../../scripts/local/services/storage-triggers';

const TRIGGER = 'trigger@demo.iam.gserviceaccount.com';
const publisher: FunctionBlueprint = {
  name: 'demo-publisher',
  entryPoint: 'hls-publisher',
  serviceAccount: 'publisher@demo.iam.gserviceaccount.com',
  env: {},
  secrets: {},
  ingress: 'ALLOW_INTERNAL_ONLY',
  timeoutSeconds: 60,
  invokers: [],
  trigger: {
    eventType: 'google.cloud.storage.object.v1.finalized',
    bucket: 'ingest',
    serviceAccount: TRIGGER,
    retry: true,
  },
};

it("a new object in a trigger's bucket reaches its function, with a token of the trigger's account", async () => {
  const arrived: IncomingMessage[] = [];
  let hear = (): void => undefined;
  const heard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const server = createServer((request, response) => {
    arrived.push(request);
    response.writeHead(204).end();
    hear();
  });
  const target = `http://127.0.0.1:${await listen(server, 0, 'publisher')}`;
  const store = objectStoreServer({ port: 0, buckets: [{ name: 'ingest' }, { name: 'other' }] });
  const apiEndpoint = (await store.start()).origin;
  const tokens = await createTokens();
  const triggers = storageTriggers({
    functions: [publisher],
    store,
    tokens,
    urlOf: () => target,
    faults: NO_EVENT_FAULTS,
  });
  await triggers.start();

  const storage = storageClient({ apiEndpoint });
  await storage.bucket('other').file('a/b.m3u8').save('x', { resumable: false });
  await storage.bucket('ingest').file('a/b.m3u8').save('x', { resumable: false });
  await heard;
  await triggers.stop();
  await Promise.all([store.stop(), close(server)]);

  const [, token = ''] = (arrived[0]?.headers.authorization ?? '').split(' ');
  expect(arrived.map(({ headers }) => headers['ce-subject'])).toEqual(['objects/a/b.m3u8']);
  expect(arrived[0]?.headers['ce-bucket']).toBe('ingest');
  expect(await tokens.verify(token, target)).toEqual({ email: TRIGGER });
});
