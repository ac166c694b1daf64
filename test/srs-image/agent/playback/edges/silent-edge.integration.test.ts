import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamId } from '../../../../../functions/contract/ids';
import type { FlvTag } from '../../../../../functions/core/low-latency/flv';
import { close, listen } from '../../../../../scripts/emulators/server/listen';
import { rtmpGates } from '../../../../../srs-image/agent/playback/edges/rtmp-gates';

const HANDSHAKE = 1536;
const PIECE = 8192;
const picture = (timeMs: number): FlvTag => ({ kind: 'video', timeMs, body: Buffer.alloc(PIECE, 0x27) });

/** Says what a server says to a publisher, reads all that comes, and acknowledges all of it or nothing. */
function letIn(socket: Socket): void {
  let bytes = 0;
  let isIn = false;
  socket.on('error', () => undefined);
  socket.on('data', (piece: Buffer) => {
    if (bytes === 0) socket.write(Buffer.alloc(1 + 2 * HANDSHAKE, 3));
    bytes += piece.length;
    if (isIn && acknowledges) socket.write(Buffer.alloc(16, 3));
    const text = piece.toString('latin1');
    if (text.includes('connect') || text.includes('createStream')) socket.write('_result');
    if (text.includes('publish')) {
      socket.write('NetStream.Publish.Start');
      isIn = true;
    }
  });
}

let acknowledges = false;
const sockets: Socket[] = [];
const server = createServer((socket) => {
  sockets.push(socket);
  letIn(socket);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await close(server);
});

let port = 0;
beforeAll(async () => {
  port = await listen(server, 0, 'an edge');
});
const publish = () =>
  rtmpGates.publish({
    host: '127.0.0.1',
    port,
    streamId: StreamId.parse('abcdefgh01234567'),
    token: `sle_${'a'.repeat(32)}`,
    signal: new AbortController().signal,
  });

it('an edge that reads and acknowledges nothing is let go after few bytes of a small stream', async () => {
  acknowledges = false;
  const edge = await publish();
  let reason: string | undefined;
  void edge.ended.then((why) => {
    reason = why;
  });
  let sent = 0;
  for (let at = 0; reason === undefined && sent < 2 << 20; at += 100) {
    edge.send([picture(at)]);
    sent += PIECE;
    await sleep(100);
  }
  expect(reason).toBe('the edge acknowledges nothing');
  expect(sent).toBeLessThan(400_000);
}, 60_000);

it('an edge that acknowledges is kept when this process stands still longer than an edge may be silent', async () => {
  acknowledges = true;
  const edge = await publish();
  edge.send([picture(0)]);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2200);
  for (let at = 1; at < 10; at += 1) edge.send([picture(at)]);
  expect(await Promise.race([edge.ended, sleep(1000, 'still there')])).toBe('still there');
  edge.close();
}, 60_000);
