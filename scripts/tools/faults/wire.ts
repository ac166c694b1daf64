import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { close, listen } from '../../emulators/server/listen';

/** A line between an encoder and the platform. `held`: no data passes, and neither side is told. */
export interface Wire {
  readonly port: number;
  /** Bytes a second in each direction. @default no limit */
  limit: number;
  held: boolean;
  /** Breaks every connection, with a reset. */
  cut(): void;
  close(): Promise<void>;
}

const TICK_MS = 50;

/** Opens a wire on a free port of loopback to `port`. */
export async function openWire(port: number): Promise<Wire> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server: Server = createServer((near) => {
    const far = tcpConnect(port, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    void pass(near, far, wire).catch(end);
    void pass(far, near, wire).catch(end);
  });
  const wire: Wire = {
    port: await listen(server, 0, 'wire'),
    limit: Number.POSITIVE_INFINITY,
    held: false,
    cut() {
      for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
    },
    async close() {
      wire.cut();
      await close(server);
    },
  };
  return wire;
}

/** Passes data in one direction. TCP holds waiting data back at the sender, as on a slow line. */
async function pass(from: Socket, to: Socket, wire: Wire): Promise<void> {
  for await (const piece of from) {
    const bytes = Buffer.from(piece);
    while (wire.held && !from.destroyed) await sleep(TICK_MS);
    if (Number.isFinite(wire.limit)) await sleep((bytes.length / wire.limit) * 1000);
    if (!to.write(bytes)) await drained(to);
  }
  to.end();
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('drain', resolve).once('close', () => resolve());
  });
