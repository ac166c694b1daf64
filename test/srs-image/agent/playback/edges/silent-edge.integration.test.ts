import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamId } from '../../../../../functions/contract/ids';
import type { FlvTag } from '../../../../../functions/core/low-latency/flv';
import { close, listen } from '../../../../../scripts/emulators/server/listen';
import { rtmpGates } from '../../../../../srs-image/agent/playback/edges/rtmp-gates';

const HANDSHAKE = 1536;
const PIECE = 8192;
const picture = (timeMs: number): FlvTag => ({ kind: 'video', timeMs, body: Buffer.alloc(PIECE, 0x27) });

/** Says what a server says to a publisher, reads all that comes, and acknowledges none of it. */
function letIn(socket: Socket): void {
  let bytes = 0;
  socket.on('error', () => undefined);
  socket.on('data', (piece: Buffer) => {
    if (bytes === 0) socket.write(Buffer.alloc(1 + 2 * HANDSHAKE, 3));
    bytes += piece.length;
    const text = piece.toString('latin1');
    if (text.includes('connect') || text.includes('createStream')) socket.write('_result');
    if (text.includes('publish')) socket.write('NetStream.Publish.Start');
  });
}

const sockets: Socket[] = [];
const server = createServer((socket) => {
  sockets.push(socket);
  letIn(socket);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await close(server);
});

it('an edge that reads and acknowledges nothing is let go after few bytes of a small stream', async () => {
  const port = await listen(server, 0, 'a silent edge');
  const edge = await rtmpGates.publish({
    host: '127.0.0.1',
    port,
    streamId: StreamId.parse('abcdefgh01234567'),
    token: `sle_${'a'.repeat(32)}`,
    signal: new AbortController().signal,
  });
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
