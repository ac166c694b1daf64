import { createServer, type IncomingHttpHeaders } from 'node:http';
import { objectStoreServer } from '../../../scripts/emulators/gcs';
import { close, listen } from '../../../scripts/emulators/server/listen';
import { StorageEventService } from '../../../scripts/local/services/storage-events';

it('a storage event carries a written object to the function, again if it was refused', async () => {
  const heard: { headers: IncomingHttpHeaders; name: unknown }[] = [];
  const twice = new Promise<void>((resolve) => {
    target.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        heard.push({ headers: request.headers, name: JSON.parse(Buffer.concat(chunks).toString()).name });
        response.writeHead(heard.length === 1 ? 503 : 204).end(() => heard.length === 2 && resolve());
      });
    });
  });
  const port = await listen(target, 0, 'target');
  const store = objectStoreServer({ port: 0, buckets: [{ name: 'ingest' }] });
  const { origin } = await store.start();
  const events = new StorageEventService({
    target: new URL(`http://127.0.0.1:${port}/`),
    bucket: 'ingest',
    retry: { minMs: 1, maxMs: 1 },
  });
  store.onFinalized(events.accept);

  await fetch(`${origin}/upload/storage/v1/b/ingest/o?uploadType=media&name=a/b.m3u8`, {
    method: 'POST',
    body: '#EXTM3U',
  });
  await twice;
  await events.stop();
  await store.stop();
  await close(target);

  expect(heard.map(({ name }) => name)).toEqual(['a/b.m3u8', 'a/b.m3u8']);
  expect(heard[1]?.headers).toMatchObject({ 'ce-subject': 'objects/a/b.m3u8', 'ce-id': heard[0]?.headers['ce-id'] });
});

const target = createServer();
