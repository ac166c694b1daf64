import { createServer, type Server } from 'node:http';
import { path, ROUTES } from '../../functions/contract/routes';
import type { Gate } from './gate';

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const CLIENTS = path(ROUTES.gate.client, { source: '' });

interface StatusAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** For this machine: metrics, and who stands behind a loopback address. */
function answerStatus(gate: Pick<Gate, 'tally' | 'open' | 'clientOf'>, method: string, path: string): StatusAnswer {
  if (method !== 'GET') return { status: 405, type: 'text/plain', body: 'use GET\n' };
  if (path === ROUTES.gate.metrics) return { status: 200, type: METRICS_TYPE, body: gate.tally.text(gate.open) };
  const client = path.startsWith(CLIENTS) ? gate.clientOf(path.slice(CLIENTS.length)) : undefined;
  if (client === undefined) return { status: 404, type: 'text/plain', body: 'there is nothing here\n' };
  return { status: 200, type: 'application/json', body: JSON.stringify({ address: client }) };
}

/** Resolves once it listens; rejects with one sentence when it cannot. */
export function serveStatus(gate: Gate, port: number): Promise<Server> {
  const server = createServer(({ method = '', url = '' }, response) => {
    const { status, type, body } = answerStatus(gate, method, url);
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`cannot listen on 127.0.0.1:${port}: ${error.message}`)));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
