import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { sendMedia } from '../../../functions/http/node-media';

const STALL_MS = 150;
let server: Server;
let port: number;
let over: Promise<void>;
let cancelled: boolean;

beforeEach(async () => {
  cancelled = false;
  const media = () =>
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setImmediate(resolve));
        controller.enqueue(new Uint8Array(256 * 1024));
      },
      cancel() {
        cancelled = true;
      },
    });
  over = new Promise((resolve) => {
    server = createServer((_request, response) => void sendMedia(media(), response, STALL_MS).then(resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = address !== null && typeof address === 'object' ? address.port : 0;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function reader(): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  return socket;
}

it('a reader that takes nothing any more is cut, and what feeds it ends', async () => {
  const socket = reader();
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  await over;
  expect(cancelled).toBe(true);
  socket.destroy();
});

it('a reader that takes all there is is left alone, longer than a stall may be', async () => {
  const socket = reader();
  let heard = 0;
  socket.on('data', (part) => {
    heard += part.length;
  });
  const cut = await Promise.race([
    over.then(() => true),
    new Promise((resolve) => setTimeout(resolve, 4 * STALL_MS, false)),
  ]);
  expect([cut, heard > 0]).toEqual([false, true]);
  socket.destroy();
  await over;
  expect(cancelled).toBe(true);
});
