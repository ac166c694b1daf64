import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CONNECTIONS, caller } from '../../../../scripts/tools/bench/caller';

const CALL = { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{"title":"é"}' };

/** A server that answers when it is told to, and what it saw. */
async function slowServer() {
  const waiting: ServerResponse[] = [];
  const seen = { connections: 0, bodies: new Set<string>() };
  let isOpen = false;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      seen.bodies.add(body);
      if (isOpen) response.end('later');
      else if (waiting.push(response) === CONNECTIONS) server.emit('full');
    });
  });
  server.on('connection', () => {
    seen.connections += 1;
  });
  const isFull = once(server, 'full');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answerAll = () => {
    isOpen = true;
    for (const response of waiting.splice(0)) response.end('first');
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, seen, isFull, answerAll, server };
}

describe('the caller of the bench', () => {
  it('opens no more connections than an instance has requests, and every call is answered in the end', async () => {
    const { url, seen, isFull, answerAll, server } = await slowServer();
    const { call, end } = caller();
    const answers = Promise.all(Array.from({ length: CONNECTIONS * 5 }, () => call(url, CALL)));
    await isFull;
    answerAll();
    expect((await answers).map(({ status }) => status)).toEqual(Array(CONNECTIONS * 5).fill(200));
    expect(seen.connections).toBe(CONNECTIONS);
    expect([...seen.bodies]).toEqual([CALL.body]);
    end();
    server.close();
  });

  it('calls again where the server closed an idle connection, and says so where nobody listens', async () => {
    const { url, answerAll, server } = await slowServer();
    answerAll();
    const { call, end } = caller();
    await call(url, CALL);
    server.closeIdleConnections();
    expect(await call(url, CALL)).toEqual({ status: 200, text: 'later' });
    server.close();
    server.closeAllConnections();
    await expect(call(url, CALL)).rejects.toThrow(`PATCH ${url} was not answered`);
    end();
  });
});
