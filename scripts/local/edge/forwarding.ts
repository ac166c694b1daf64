import type { IncomingMessage } from 'node:http';
import { forward } from '../../emulators/server/reverse-proxy';
import type { EdgeHandler } from './backend-handlers';

/** Passes requests on to a port of this machine, with the headers that a load balancer adds. */
export const forwarding =
  ({ port, timeoutMs }: { port: number; timeoutMs: number }): EdgeHandler =>
  (request, response) =>
    forward({ request, response, port, headers: addedHeaders(request), timeoutMs });

const addedHeaders = ({ socket, headers }: IncomingMessage): Record<string, string> => ({
  'x-forwarded-for': socket.remoteAddress ?? '127.0.0.1',
  'x-forwarded-proto': 'http',
  'x-forwarded-host': headers.host ?? '',
  via: '1.1 google',
});
