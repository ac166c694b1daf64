import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { jsonLog } from '../../../functions/adapters/log';
import { randomId } from '../../../functions/adapters/system';
import { aheadOfFramework, leaveServersAlone } from '../../../functions/http/ahead-of-framework';
import { appHandler } from '../../../functions/http/app';
import { readText } from '../../../functions/http/request-body';

/** Requests that Node, Express or functions-framework would answer are answered as a function does. */
let server: Server;
let port: number;
const media = { opened: 0, cancelled: 0 };

const endless = (): ReadableStream<Uint8Array> => {
  media.opened += 1;
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)),
    cancel() {
      media.cancelled += 1;
    },
  });
};

beforeAll(async () => {
  const deps = { log: jsonLog(() => undefined), randomId };
  const handler = appHandler((app) => {
    app.get('/things/:id', (c) => c.json({ id: c.req.param('id') }));
    app.get('/flv', () => new Response(endless(), { headers: { 'Content-Type': 'video/x-flv' } }));
    app.post('/refuse', (c) => c.json({}, 403));
    app.post('/read', async (c) => c.json({ length: (await readText(c.req.raw)).length }));
  }, deps);
  http('ahead', aheadOfFramework(handler));
  server = getTestServer('ahead');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = (address !== null && typeof address === 'object' ? (address satisfies AddressInfo) : { port: 0 }).port;
});
afterAll(async () => {
  leaveServersAlone();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

interface Talk {
  socket: Socket;
  /** All that was answered once the other side has ended. */
  heard: Promise<string>;
}
function talk(text: string): Talk {
  const socket = connect(port, '127.0.0.1');
  const parts: Buffer[] = [];
  const heard = new Promise<string>((resolve) => {
    socket.on('data', (part) => parts.push(part));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')));
  });
  socket.write(text, 'latin1');
  return { socket, heard };
}
const say = (line: string, more = ''): Promise<string> =>
  talk(`${line}\r\nHost: x\r\nConnection: close\r\n${more}\r\n`).heard;

const statusOf = (answer: string): number => Number(answer.split(' ')[1]);
const problemOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

it.each([
  ['a malformed percent-encoding in a parameter', 'GET /things/%E0%A4%A HTTP/1.1', 200],
  ['a malformed percent-encoding where nothing is', 'GET /nowhere/%E0%A4%A HTTP/1.1', 404],
  ['the icon a browser asks for', 'GET /favicon.ico HTTP/1.1', 404],
  ['what crawlers ask for', 'GET /robots.txt HTTP/1.1', 404],
  ['a path that a function has not', 'GET //nowhere HTTP/1.1', 404],
  ['a whole URL as target', 'GET http://elsewhere.example/things/7 HTTP/1.1', 200],
  ['an asterisk as target', 'OPTIONS * HTTP/1.1', 404],
  ['a wrong method', 'DELETE /things/7 HTTP/1.1', 405],
  ['TRACE', 'TRACE /things/7 HTTP/1.1', 405],
  ['CONNECT', 'CONNECT elsewhere.example:443 HTTP/1.1', 405],
  ['a method nobody has', 'PROPFIND /things/7 HTTP/1.1', 405],
  ['a method that is none', 'G\x01T /things/7 HTTP/1.1', 400],
  ['what is no HTTP', 'hello', 400],
  ['a version nobody speaks', 'GET /things/7 HTTP/9.9', 400],
])('%s is answered as JSON', async (_name, line, status) => {
  const answer = await say(line);
  expect(statusOf(answer)).toBe(status);
  expect(answer).not.toMatch(/<html|<!DOCTYPE|X-Powered-By/i);
  if (status >= 400) {
    expect(answer).toContain('application/problem+json');
    expect(problemOf(answer)).toMatchObject({ status, code: expect.any(String), requestId: expect.any(String) });
  }
});

it('the HTTP face names the allowed methods at TRACE', async () => {
  expect(await say('TRACE /things/7 HTTP/1.1')).toMatch(/\r\nallow: GET, HEAD\r\n/i);
});

it.each([
  ['a header that is too long', `X-Long: ${'x'.repeat(40_000)}\r\n`, 431],
  ['two lengths', 'Content-Length: 3\r\nContent-Length: 4\r\n', 400],
  ['an expectation nobody has', 'Expect: miracles\r\n', 417],
  ['a header with a NUL in it', 'X-Nul: a\0b\r\n', 400],
])('%s is answered as a problem', async (_name, header, status) => {
  const answer = await say('GET /things/7 HTTP/1.1', header);
  expect(statusOf(answer)).toBe(status);
  expect(problemOf(answer)).toMatchObject({ status });
});

it('the HTTP face answers HEAD without a body, and opens nothing that stays open', async () => {
  const answer = await say('HEAD /flv HTTP/1.1');
  expect(statusOf(answer)).toBe(200);
  expect(answer.endsWith('\r\n\r\n')).toBe(true);
  expect(media.cancelled).toBe(media.opened);
});

it('the HTTP face ends media whose reader leaves', async () => {
  const { socket } = talk('GET /flv HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  expect(media.cancelled).toBe(media.opened - 1);
  socket.destroy();
  while (media.cancelled < media.opened) await sleep(5);
});

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
/** Answers what somebody still holds; what only waits for the collector is not kept by anybody. */
function bytesHeld(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

const BLOCK = Buffer.alloc(1 << 20, 'x');
/** Sends 30 MB in chunks until the other side ends, and answers what it said. */
async function upload(path: string): Promise<string> {
  const { socket, heard } = talk(`POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
  for (let sent = 0; sent < 30 && socket.writable; sent += 1) {
    socket.write('100000\r\n');
    if (!socket.write(BLOCK)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), heard]);
    socket.write('\r\n');
  }
  return heard;
}

it.each([
  ['/read', 413],
  ['/refuse', 403],
])('the HTTP face answers %s before a body without a length has come, and keeps none of it', async (path, status) => {
  let peak = 0;
  const before = bytesHeld();
  const watching = setInterval(() => {
    peak = Math.max(peak, bytesHeld());
  }, 10);
  const answers = await Promise.all(Array.from({ length: 8 }, () => upload(path)));
  clearInterval(watching);
  expect(answers.map(statusOf)).toEqual(Array(8).fill(status));
  expect(peak - before).toBeLessThan(60 << 20);
});

it('the HTTP face answers a length that is too long before a byte of it, and reads no more', async () => {
  const { heard } = talk('POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n');
  expect(statusOf(await heard)).toBe(413);
});

it('invites only a body that is wanted', async () => {
  const head = (length: number) =>
    `POST /read HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
  expect(statusOf(await talk(head(30_000_000)).heard)).toBe(413);
  const { socket } = talk(head(2));
  const invited = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  expect(statusOf(invited.toString())).toBe(100);
  socket.write('ab');
  const answered = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  expect(answered.toString()).toContain('{"length":2}');
  socket.destroy();
});

it('the HTTP face goes on with a connection whose small body nobody wanted', async () => {
  const { heard } = talk(
    'POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET /things/7 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  expect(await heard).toMatch(/ 403 [\s\S]* 200 [\s\S]*\{"id":"7"\}/);
});
