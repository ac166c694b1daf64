import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { sendMedia } from '../../../../srs-image/agent/http/media-reply';

const STALL_MS = 100;
let server: Server;
let port: number;
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  server = createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = address !== null && typeof address === 'object' ? address.port : 0;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const endless = (): Readable =>
  new Readable({
    read() {
      setImmediate(() => this.push(Buffer.alloc(256 * 1024)));
    },
  });
const closed = (media: Readable): Promise<void> => new Promise((resolve) => media.once('close', resolve));

function reader(): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  return socket;
}

it('a reader that takes nothing any more is cut, and its media ends', async () => {
  const media = endless();
  answer = (response) => void sendMedia(media, response, STALL_MS);
  const socket = reader();
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  await closed(media);
  socket.destroy();
});

it('media for a reader that has left meanwhile ends', async () => {
  const media = endless();
  const ended = closed(media);
  answer = (response) => response.once('close', () => void sendMedia(media, response, STALL_MS));
  reader().destroySoon();
  await ended;
});

it('a reader that takes all there is gets more than a stall would let through', async () => {
  const media = endless();
  answer = (response) => void sendMedia(media, response, STALL_MS);
  const socket = reader();
  const began = Date.now();
  await new Promise<void>((resolve) => socket.on('data', () => Date.now() - began > 4 * STALL_MS && resolve()));
  expect(media.destroyed).toBe(false);
  socket.destroy();
  await closed(media);
});
