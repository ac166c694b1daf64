import type { Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';

/** The beginning of every HTTP/2 connection: RFC 9113 3.4. */
const PREFACE = 'PRI * HTTP/2.0';

export interface Faces {
  /** Takes connections of HTTP/2. */
  grpc: { injectConnection(socket: Socket): void };
  http: HttpServer;
}

/** Serves gRPC and REST on one port, as Google's emulator does: the first bytes of a connection tell them apart. */
export function sharedPort({ grpc, http }: Faces): { server: Server; closeAll(): void } {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.once('data', (first) => {
      socket.pause();
      socket.unshift(first);
      if (first.toString('latin1').startsWith(PREFACE.slice(0, first.length))) grpc.injectConnection(socket);
      else http.emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  });
  return {
    server,
    closeAll: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
