import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { systemClock } from '../../../functions/adapters/system';
import { type WebhookSenderOptions, webhookSender } from '../../../functions/adapters/webhook-sender';
import type { WebhookRequest } from '../../../functions/ports/stores';
import { close, listen } from '../../../scripts/emulators/server/listen';

const SECRET = `whsec_${Buffer.from('a'.repeat(32)).toString('base64')}`;
const OTHER_SECRET = `whsec_${btoa('b'.repeat(32))}`;
const ID = `evt_${'ab'.repeat(16)}`;
const BODY = '{"text":"grün"}';
const request = (url: string, more: Partial<WebhookRequest> = {}): WebhookRequest => ({
  url,
  secrets: [SECRET],
  id: ID,
  at: Date.now(),
  body: BODY,
  ...more,
});
const sender = (more: Partial<WebhookSenderOptions> = {}) =>
  webhookSender({ policy: { loopback: true }, clock: systemClock, timeoutMs: 2000, ...more });

const servers: { close(done: () => void): unknown }[] = [];
async function serve(listener: RequestListener, server: Server = createServer(listener)): Promise<string> {
  servers.push(server);
  return `127.0.0.1:${await listen(server, 0, 'receiver')}`;
}
afterAll(() => Promise.all(servers.map(close)));

async function textOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message) text += chunk;
  return text;
}

describe('a request to a receiver', () => {
  it('carries the event and a signature the receiver can verify', async () => {
    const received: { headers: IncomingMessage['headers']; method: string | undefined; text: string }[] = [];
    const host = await serve(async (message, response) => {
      received.push({ headers: message.headers, method: message.method, text: await textOf(message) });
      response.writeHead(204).end();
    });
    expect(await sender()(request(`http://${host}/hook?x=1`))).toEqual({ status: 204, latencyMs: expect.any(Number) });
    const [{ headers, method, text } = { headers: {}, method: '', text: '' }] = received;
    expect([method, text, headers['content-type'], headers['webhook-id']]).toEqual([
      'POST',
      BODY,
      'application/json',
      ID,
    ]);
    const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(new Webhook(SECRET).verify(text, signed)).toEqual({ text: 'grün' });
    expect(() => new Webhook(OTHER_SECRET).verify(text, signed)).toThrow('No matching signature');
  });

  it('signs with each of two secrets, so that a receiver that knows either of them accepts it', async () => {
    const signed: Record<string, string>[] = [];
    const host = await serve((message, response) => {
      signed.push(Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)])));
      response.writeHead(204).end();
    });
    await sender()(request(`http://${host}/`, { secrets: [OTHER_SECRET, SECRET] }));
    for (const secret of [SECRET, OTHER_SECRET])
      expect(new Webhook(secret).verify(BODY, signed[0] ?? {})).toEqual({ text: 'grün' });
  });

  it.each([301, 302, 307, 308])('does not follow a redirect with %d', async (status) => {
    let reached = 0;
    const inner = await serve((_, response) => {
      reached += 1;
      response.end();
    });
    const host = await serve((_, response) => response.writeHead(status, { location: `http://${inner}/secret` }).end());
    expect(await sender()(request(`http://${host}/`))).toMatchObject({ status });
    expect(reached).toBe(0);
  });

  it.each([
    [
      'an upgrade to a web socket',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      { status: 101 },
    ],
    ['an upgrade to nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', { status: 101 }],
    ['early hints without end', 'HTTP/1.1 103 Early Hints\r\n\r\n', { failure: 'timeout' }],
    ['to go on without end', 'HTTP/1.1 100 Continue\r\n\r\n', { failure: 'timeout' }],
    ['half a header', 'HTTP/1.1 200 OK\r\nx: ', { failure: 'timeout' }],
    ['nothing of HTTP', 'SSH-2.0-OpenSSH_9\r\n', { failure: 'connection' }],
  ])('settles in time when the answer is %s', async (_what, text, result) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write(text));
    });
    servers.push({ close: (done) => server.close(() => done()) });
    const host = `127.0.0.1:${await listen(server, 0, 'receiver')}`;
    const results = Array.from({ length: 5 }, () => sender({ timeoutMs: 500 })(request(`http://${host}/`)));
    expect(await Promise.all(results)).toEqual(results.map(() => ({ ...result, latencyMs: expect.any(Number) })));
  });

  it('knows the status of an answer that never ends, and reads nothing more of it', async () => {
    let ended = (_: string): void => undefined;
    const closed = new Promise<string>((resolve) => {
      ended = resolve;
    });
    const host = await serve((_, response) => {
      const more = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => {
        clearInterval(more);
        ended('closed');
      });
      response.writeHead(200);
    });
    expect(await sender()(request(`http://${host}/`))).toMatchObject({ status: 200 });
    expect(await closed).toBe('closed');
  });

  it('takes no longer than its time, whatever the receiver does', async () => {
    const silent = await serve(() => undefined);
    const tcp = createTcpServer((socket) => {
      const drip = setInterval(() => socket.write(socket.bytesWritten === 0 ? 'HTTP/1.1 200 OK\r\nx-drip: ' : 'x'), 20);
      socket.on('error', () => undefined).on('close', () => clearInterval(drip));
    });
    servers.push({ close: (done) => tcp.close(() => done()) });
    const dripping = `127.0.0.1:${await listen(tcp, 0, 'dripping')}`;
    const send = sender({ timeoutMs: 150 });
    expect(await send(request(`http://${silent}/`))).toMatchObject({ failure: 'timeout' });
    expect(await send(request(`http://${dripping}/`))).toMatchObject({ failure: 'timeout' });
    const never = () => new Promise<string[]>(() => undefined);
    expect(await sender({ timeoutMs: 150, resolve: never })(request('https://example.com/'))).toMatchObject({
      failure: 'timeout',
    });
  });

  it('says that nobody is there', async () => {
    const gone = createServer();
    const port = await listen(gone, 0, 'gone');
    await close(gone);
    expect(await sender()(request(`http://127.0.0.1:${port}/`))).toMatchObject({ failure: 'connection' });
  });

  it('says that a name leads nowhere', async () => {
    const nowhere = async () => [];
    expect(await sender({ resolve: nowhere })(request('https://example.com/'))).toMatchObject({ failure: 'dns' });
  });
});

describe('a request to where the platform never connects', () => {
  const cloud = (addresses: readonly string[] | (() => Promise<readonly string[]>)) =>
    sender({
      policy: { loopback: false },
      resolve: typeof addresses === 'function' ? addresses : async () => addresses,
    });

  it.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'https://[::ffff:10.0.0.1]/',
    'https://metadata.google.internal/computeMetadata/v1/',
    'https://example.com:22/',
    'nonsense',
  ])('is not made to %s', async (url) => {
    expect(await cloud(['8.8.8.8'])(request(url))).toMatchObject({ failure: 'refused_url' });
  });

  it.each([
    ['private', ['10.0.0.1']],
    ['loopback', ['127.0.0.1']],
    ['the metadata server', ['169.254.169.254']],
    ['carrier-grade NAT', ['100.64.1.1']],
    ['unique local', ['fd00::1']],
    ['IPv4-mapped', ['::ffff:127.0.0.1']],
    ['public and private', ['8.8.8.8', '192.168.0.1']],
  ])('is not made to a name that is %s', async (_, addresses) => {
    expect(await cloud(addresses)(request('https://rebind.example.com/'))).toMatchObject({
      failure: 'refused_address',
    });
  });

  it('goes to the address that was looked at, though the name leads elsewhere the next time', async () => {
    let reached = 0;
    const inner = await serve((_, response) => {
      reached += 1;
      response.end();
    });
    const answers = [['127.0.0.2'], ['127.0.0.1']];
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return answers.shift() ?? [];
    };
    const [, port] = inner.split(':');
    // Nobody listens on 127.0.0.2: the connection fails, and is not made to the second answer.
    const result = await sender({ resolve })(request(`http://localhost:${port}/`));
    expect(result).toMatchObject({ failure: 'connection' });
    expect([asked, reached]).toEqual([1, 0]);
  });

  it('is broken off when the connection turns out to lead there, before anything is said', async () => {
    const heard: string[] = [];
    const tcp = createTcpServer((socket) =>
      socket.on('error', () => undefined).on('data', (data) => heard.push(String(data))),
    );
    servers.push({ close: (done) => tcp.close(() => done()) });
    const port = await listen(tcp, 0, 'inner');
    let looks = 0;
    const policy = {
      // Loopback while the address is looked at, no longer once the connection is there.
      get loopback() {
        looks += 1;
        return looks <= 2;
      },
    };
    const result = await webhookSender({ policy, clock: systemClock, timeoutMs: 1000 })(
      request(`http://127.0.0.1:${port}/`),
    );
    expect(result).toMatchObject({ failure: 'refused_address' });
    expect(heard).toEqual([]);
  });
});

describe('a request over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'webhook-'));
  let ca = '';
  let host = '';

  beforeAll(async () => {
    const key = join(folder, 'key.pem');
    const cert = join(folder, 'cert.pem');
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
    ca = readFileSync(cert, 'utf8');
    const server = https.createServer({ key: readFileSync(key), cert: ca }, (_, response) =>
      response.writeHead(202).end(),
    );
    servers.push(server);
    host = `localhost:${await listen(server, 0, 'tls')}`;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is made to a receiver whose certificate is good', async () => {
    expect(await sender({ ca, resolve: async () => ['127.0.0.1'] })(request(`https://${host}/`))).toMatchObject({
      status: 202,
    });
  });

  it('is not made to one whose certificate nobody vouches for', async () => {
    expect(await sender({ resolve: async () => ['127.0.0.1'] })(request(`https://${host}/`))).toMatchObject({
      failure: 'tls',
    });
  });
});
