import {
  createServer,
  Agent as HttpAgent,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { metadataIdTokens } from '../../../../functions/adapters/gcp/google/id-tokens';
import { jsonLog } from '../../../../functions/adapters/log';
import { httpHooksClient } from '../../../../srs-image/agent/cloud/hooks-client';
import { hookHandler, Listener } from '../../../../srs-image/agent/http/listener';
import { gateMetrics, httpGateClients } from '../../../../srs-image/agent/srs/gate-clients';
import { httpSrsApi } from '../../../../srs-image/agent/srs/srs-api';

const servers: Server[] = [];
afterAll(() =>
  Promise.all(
    servers.map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  ),
);

interface Heard {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

async function stub(
  answer: (heard: Heard, response: ServerResponse) => void,
): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const one = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    };
    heard.push(one);
    response.setHeader('connection', 'close');
    answer(one, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, heard };
}

const tokenUntil = (seconds: number, name = 'x'): string =>
  `${name}.${Buffer.from(JSON.stringify({ exp: seconds })).toString('base64url')}.signature`;

describe("the number of the gate's clients", () => {
  it('is asked of its metrics, and a gate that answers otherwise counts as silent', async () => {
    let status = 200;
    const gate = await stub((_heard, response) => response.writeHead(status).end('gate_open_connections 2\n'));
    expect(await gateMetrics(httpGateClients(gate.url))).toMatch(/\nsrs_agent_gate_up 1\ngate_open_connections 2\n$/);
    expect(gate.heard.map(({ url }) => url)).toEqual(['/metrics']);
    status = 500;
    expect(await gateMetrics(httpGateClients(gate.url))).toMatch(/\nsrs_agent_gate_up 0\n$/);
  });
});

describe('the list of streams of SRS', () => {
  const stream = (name: string, more = '') =>
    `{"app":"live","name":"${name}","publish":{"active":true,"cid":"c-${name.length}"},"video":null,"audio":null${more}}`;
  const listed = async (...streams: string[]) => {
    const srs = await stub((_heard, response) =>
      response.end(`{"code":0,"service":"s","streams":[${streams.join(',')}]}`),
    );
    return (await httpSrsApi(srs.url).streams()).streams.map(({ name }) => name);
  };

  it.each([
    ['has a control character in its name, which SRS does not escape', stream('x\u0001y\u0000')],
    ['has a line break in its name', stream('x\ny')],
    ['has bytes in its name that are no UTF-8', stream('x\ufffd')],
    ['has no name', '{"app":"live","publish":{"active":true}}'],
    ['has a name of another kind', '{"app":"live","name":7,"publish":{"active":true}}'],
    ['is nothing', 'null'],
    ['has a publisher of another kind', '{"app":"live","name":"x","publish":"yes"}'],
  ])('is read though one of them %s', async (_what, odd) => {
    expect(await listed(stream('abcdefghij012345'), odd, stream('zzzzzzzzzz012345'))).toEqual(
      expect.arrayContaining(['abcdefghij012345', 'zzzzzzzzzz012345']),
    );
  });
});

describe('the list of clients of SRS', () => {
  const client = (id: string, more: object = {}) => ({
    id,
    url: '/live/abcdefghij012345',
    type: 'rtmp-play',
    publish: false,
    alive: 1.5,
    ip: '127.64.0.1',
    ...more,
  });

  it('names who plays a stream of ours by RTMP, HTTP-FLV or WebRTC, and nobody else', async () => {
    const clients = [
      client('a'),
      client('b', { type: 'flv-play' }),
      client('c', { type: 'rtc-play' }),
      client('publisher', { type: 'fmle-publish', publish: true }),
      client('of another app', { url: '/other/abcdefghij012345' }),
      client('of no stream', { url: '/live/../etc' }),
      client('of no kind', { type: 'toString' }),
      { id: 7 },
      null,
    ];
    const srs = await stub((_heard, response) => response.end(JSON.stringify({ code: 0, service: 's', clients })));
    expect(await httpSrsApi(srs.url).players()).toEqual({
      serviceId: 's',
      players: (['rtmp', 'flv', 'whep'] as const).map((kind, at) => ({
        clientId: 'abc'[at],
        streamId: 'abcdefghij012345',
        kind,
        playedMs: 1500,
      })),
    });
    expect(srs.heard.map(({ url }) => url)).toEqual(['/api/v1/clients/?start=0&count=20000']);
  });
});

describe('the ID token', () => {
  it('is asked for as Google wants it, and kept until a minute before its end', async () => {
    let now = 1_000_000_000;
    const metadata = await stub((_heard, response) => response.end(tokenUntil(now / 1000 + 3600)));
    const tokens = metadataIdTokens({ metadataUrl: metadata.url, clock: { now: () => now } });
    const token = () => tokens('https://hooks.example/x');
    const [first, second] = await Promise.all([token(), token()]);
    expect(second).toBe(first);
    now += 3_500_000;
    await token();
    expect(metadata.heard).toHaveLength(1);
    now += 60_000;
    await token();
    expect(metadata.heard.map(({ url }) => url)).toEqual(
      Array(2).fill(
        '/computeMetadata/v1/instance/service-accounts/default/identity?audience=https%3A%2F%2Fhooks.example%2Fx',
      ),
    );
    expect(metadata.heard[0]?.headers['metadata-flavor']).toBe('Google');
  });

  it('is a failure when the metadata server has none', async () => {
    const metadata = await stub((_heard, response) => response.writeHead(404).end('no'));
    const token = metadataIdTokens({ metadataUrl: metadata.url, clock: { now: () => 0 } });
    await expect(token('x')).rejects.toThrow('the metadata server answered 404');
  });

  it('is a failure when the metadata server takes a second, and is asked for again', async () => {
    let silent = true;
    const metadata = await stub((_heard, response) => {
      if (!silent) response.end(tokenUntil(3600));
    });
    const token = metadataIdTokens({ metadataUrl: metadata.url, clock: { now: () => 0 } });
    await expect(token('x')).rejects.toThrow('timeout');
    silent = false;
    expect(await token('x')).toBe(tokenUntil(3600));
  });
});

describe('the client of srs-hooks', () => {
  it('posts JSON with the token, below the base URL', async () => {
    const hooks = await stub((_heard, response) => response.end('{"code":0}'));
    const client = httpHooksClient(`${hooks.url}/`, async () => 'token');
    expect(await client.post('/hooks/on_publish', { a: 1 })).toEqual({ status: 200, body: { code: 0 } });
    expect(hooks.heard[0]).toMatchObject({ method: 'POST', url: '/hooks/on_publish', body: '{"a":1}' });
    expect(hooks.heard[0]?.headers).toMatchObject({
      authorization: 'Bearer token',
      'content-type': 'application/json',
    });
  });

  it('gives no body where there is no JSON, and rejects where nobody answers', async () => {
    const hooks = await stub((_heard, response) => response.writeHead(403).end('<html>'));
    expect(await httpHooksClient(hooks.url, async () => 't').post('/x', {})).toEqual({ status: 403, body: undefined });
    await expect(httpHooksClient('http://127.0.0.1:9', async () => 't').post('/x', {})).rejects.toThrow();
  });
});

describe('the client of SRS', () => {
  const track = { video: { codec: 'H264', profile: 'Main', level: '3', width: 640, height: 360 }, audio: null };
  const streams = [
    {
      id: 'vid-1',
      app: 'live',
      name: 'a',
      publish: { active: true, cid: 'c1' },
      recv_bytes: 700,
      send_bytes: 1400,
      ...track,
    },
    { id: 'vid-2', app: 'live', name: 'b', publish: { active: false }, video: null, audio: null },
  ];

  it('asks for all streams, and reads who publishes what', async () => {
    const srs = await stub((_heard, response) => response.end(JSON.stringify({ code: 0, service: 's1', streams })));
    expect(await httpSrsApi(srs.url).streams()).toEqual({
      serviceId: 's1',
      streams: [
        {
          app: 'live',
          name: 'a',
          active: true,
          clientId: 'c1',
          receivedBytes: 700,
          sentBytes: 1400,
          media: { video: { codec: 'H264', width: 640, height: 360 } },
        },
        { app: 'live', name: 'b', active: false, clientId: '', receivedBytes: 0, sentBytes: 0, media: {} },
      ],
    });
    expect(srs.heard[0]?.url).toBe('/api/v1/streams/?start=0&count=10000');
  });

  it('kicks, and takes a client that is gone for kicked', async () => {
    const srs = await stub((_heard, response) => response.end('{"code":2049}'));
    await httpSrsApi(srs.url).kick('a/../b');
    expect(srs.heard[0]).toMatchObject({ method: 'DELETE', url: '/api/v1/clients/a%2F..%2Fb' });
  });

  it('rejects when SRS does not answer', async () => {
    await expect(httpSrsApi('http://127.0.0.1:9').streams()).rejects.toThrow();
  });

  it('gives up an SRS that takes the question and never answers', async () => {
    const srs = await stub(() => undefined);
    await expect(httpSrsApi(srs.url).streams()).rejects.toThrow('timeout');
  });

  it('says that SRS asks for a name and a password, which it is not given', async () => {
    const srs = await stub((_heard, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="SRS"' }).end(),
    );
    const api = httpSrsApi(srs.url);
    await expect(api.streams()).rejects.toThrow('SRS answered GET /api/v1/streams/?start=0&count=10000 with 401');
    await expect(api.kick('c1')).rejects.toThrow('SRS answered DELETE /api/v1/clients/c1 with 401');
  });
});

describe('a listener', () => {
  const silent = jsonLog(() => {});
  const http = new HttpAgent();
  afterAll(() => http.destroy());
  const post = (port: number, path: string, body: string): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ agent: http, host: '127.0.0.1', port, path, method: 'POST' }, async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(Buffer.from(chunk));
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
      outgoing.on('error', reject).end(body);
    });

  it('answers a hook, a megabyte of junk, and hooks after that', async () => {
    const listener = new Listener(
      hookHandler(async () => ({ code: 0 })),
      silent,
    );
    const port = await listener.listen('127.0.0.1', 0);
    const common = { server_id: 'n', service_id: 's', client_id: 'c', ip: '', vhost: '', app: 'live' };
    const hook = JSON.stringify({ action: 'on_close', ...common, send_bytes: 1, recv_bytes: 2 });
    expect(await post(port, '/srs/on_close?x=1', hook)).toEqual({ status: 200, body: '{"code":0}' });
    expect(await post(port, '/srs/on_close', 'x'.repeat(1 << 20))).toMatchObject({ status: 413 });
    expect(await post(port, '/srs/on_close', hook)).toEqual({ status: 200, body: '{"code":0}' });
    await listener.close();
  });

  it('says in one sentence that its port is taken', async () => {
    const first = new Listener(async () => ({ status: 200, body: '' }), silent);
    const port = await first.listen('127.0.0.1', 0);
    const second = new Listener(async () => ({ status: 200, body: '' }), silent);
    await expect(second.listen('127.0.0.1', port)).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
    await first.close();
  });
});
