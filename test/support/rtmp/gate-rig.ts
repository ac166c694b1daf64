import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { GateEnv } from '../../../functions/contract/gate';
import { Gate } from '../../../srs-image/gate/gate';
import { freePort } from '../platform/worker-ports';

/** A server that takes connections as SRS does, and remembers what it heard. */
export interface HeardConnection {
  readonly socket: Socket;
  readonly source: string;
  heard: Buffer;
  ended: boolean;
}

export interface GateRig {
  readonly gate: Gate;
  readonly port: number;
  readonly proxyPort: number;
  readonly heard: HeardConnection[];
  readonly lines: Record<string, unknown>[];
  connect(port?: number): Socket;
  stop(): Promise<void>;
}

const every = (ms: number, run: () => void) => {
  const timer = setInterval(run, ms);
  return () => clearInterval(timer);
};

/** A gate in this process in front of a server that says nothing by itself. */
export async function gateRig(limits: Partial<GateEnv['limits']> = {}): Promise<GateRig> {
  const heard: HeardConnection[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection: HeardConnection = {
      socket,
      source: socket.remoteAddress ?? '',
      heard: Buffer.alloc(0),
      ended: false,
    };
    heard.push(connection);
    socket.on('data', (read) => {
      connection.heard = Buffer.concat([connection.heard, read]);
    });
    socket
      .on('error', () => undefined)
      .on('end', () => {
        connection.ended = true;
      });
  });
  const port = await freePort();
  const proxyPort = await freePort();
  const srsPort = await freePort();
  server.listen(srsPort, '127.0.0.1');
  await once(server, 'listening');
  const lines: Record<string, unknown>[] = [];
  const log = {
    info: () => undefined,
    error: () => undefined,
    warn: (event: string, more = {}) => lines.push({ event, ...more }),
  };
  const env = GateEnv.parse({ host: '127.0.0.1', rtmpPort: port, proxyPort, srsPort, limits });
  const gate = new Gate({ env, log, now: () => performance.now(), every });
  await gate.start();
  const sockets: Socket[] = [];
  return {
    gate,
    port,
    proxyPort,
    heard,
    lines,
    connect: (to = port) => {
      const socket = connect({ port: to, host: '127.0.0.1' });
      socket.on('error', () => undefined).on('data', () => undefined);
      sockets.push(socket);
      return socket;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      gate.close();
      gate.endAll();
      for (const { socket } of heard) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
