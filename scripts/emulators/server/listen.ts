import type { Server } from 'node:net';
import { errnoOf } from './errno';
import { StartError } from './start-error';

/**
 * Binds `server` on loopback and returns the port; a taken one rejects with a sentence that names `what`, the part that
 * needs it. `address`: another one of loopback.
 */
export async function listen(server: Server, port: number, what: string, address = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(sentence(error, port, what)));
    server.listen(port, address, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new StartError(`${what}: no port was bound`);
  return bound.port;
}

function sentence(error: Error, port: number, what: string): Error {
  if (errnoOf(error) === 'EADDRINUSE')
    return new StartError(
      `port ${port} (${what}) is taken: end the program that uses it, or move all ports with --port-base`,
    );
  if (errnoOf(error) === 'EACCES')
    return new StartError(`port ${port} (${what}) is not allowed for this user: use --port-base 1024 or more`);
  return error;
}

interface Closable {
  close(done: (error?: Error) => void): unknown;
  closeAllConnections?(): void;
}

/** Closes the listener and all its connections; a server that never listened is accepted. */
export async function close(server: Closable): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections?.();
  });
}
