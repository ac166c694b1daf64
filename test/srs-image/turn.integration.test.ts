import { createSocket, type Socket } from 'node:dgram';
import { turnPassword } from '../../functions/core/signing/hmac';
import { TURN, turnserverConf } from '../../srs-image/render/turnserver-conf';
import { Coturn, coturnMissing } from '../support/network/coturn';
import { type Peer, TCP, TurnClient } from '../support/network/turn-client';
import { realPart } from '../support/platform/real-part';
import { freePort } from '../support/platform/worker-ports';

const SECRET = 'the-newest-secret-of-this-test';
const OLDER_SECRET = 'the-secret-before-the-rotation';
/** The one address that is allowed although its range is denied. */
const ALLOWED = '127.0.0.2';
const USER_QUOTA = 3;
const CONF = {
  realm: 'live.example.com',
  relayPorts: { first: 49_152, last: 49_351 },
  userQuota: USER_QUOTA,
  maxKilobitsPerSecond: 4000,
};

const credentials = ({ secret = SECRET, inSeconds = 600, user = 'alice' } = {}) => {
  const username = `${Math.floor(Date.now() / 1000) + inSeconds}:${user}`;
  return { username, password: turnPassword(username, secret) };
};

realPart('coturn with the project’s configuration', coturnMissing(), () => {
  let coturn: Coturn;
  const clients: TurnClient[] = [];

  beforeAll(async () => {
    const lines = [
      ...['listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', 'relay-ip=::1'],
      ...[`static-auth-secret=${SECRET}`, `static-auth-secret=${OLDER_SECRET}`],
      // Refused by a switch of its own otherwise: so the ranges are what is tried.
      'allow-loopback-peers',
    ];
    const conf = turnserverConf({ ...CONF, allowedPeers: [ALLOWED] });
    coturn = await Coturn.start(conf, { port: await freePort(), lines });
  }, 30_000);
  afterAll(async () => {
    // Not sooner: another client on the same port would be taken for this one.
    for (const client of clients) await client.close();
    await coturn.stop();
  });

  const connect = async (more: Parameters<typeof credentials>[0] = {}): Promise<TurnClient> => {
    const client = await TurnClient.connect({ address: '127.0.0.1', port: coturn.port }, credentials(more));
    clients.push(client);
    return client;
  };
  /** Returns the server's answer to a request to reach `address`. Nothing is ever sent there. */
  const asked = async (address: string): Promise<number> => {
    const client = await connect({ user: `probe-${address}` });
    expect((await client.allocate({ ipv6: address.includes(':') })).code).toBe(0);
    return client.createPermission({ address, port: 80 });
  };

  it('understands every line', () => {
    expect(coturn.log()).not.toMatch(/Bad configuration|ERROR|WARNING: .*config/i);
  });

  it('relays to the one allowed address, both ways', async () => {
    const echo = await echoPeer(ALLOWED);
    const client = await connect();
    const { code, relayPort } = await client.allocate();
    expect([code, await client.createPermission(echo.peer)]).toEqual([0, 0]);
    client.send(echo.peer, Buffer.from('hello'));
    expect((await client.receive()).toString()).toBe('hello');
    expect([...echo.from]).toEqual([relayPort]);
    expect(relayPort).toBeGreaterThanOrEqual(CONF.relayPorts.first);
    expect(relayPort).toBeLessThanOrEqual(CONF.relayPorts.last);
    await echo.close();
  });

  it.each([
    ['loopback', ['127.0.0.1', '127.0.0.3', '127.255.255.254']],
    ['the metadata server, and link-local', ['169.254.169.254', '169.254.0.1']],
    ['private 10/8', ['10.0.0.1', '10.255.255.254']],
    ['private 172.16/12', ['172.16.0.1', '172.31.255.254']],
    ['private 192.168/16', ['192.168.0.1', '192.168.255.254']],
    ['carriers’ 100.64/10', ['100.64.0.1', '100.127.255.254']],
    ['this network, tests, multicast, reserved', ['0.0.0.1', '198.18.0.1', '198.19.255.254', '224.0.0.1', '240.0.0.1']],
    [
      'public addresses: it is nobody’s relay',
      ['1.0.0.1', '192.0.2.7', '198.51.100.9', '203.0.113.9', '223.255.255.254'],
    ],
    ['public IPv6', ['2001:db8::7', '2a00::1']],
    ['IPv6 loopback', ['::1']],
    ['IPv6 unique local', ['fc00::1', 'fd00:ec2::254', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:fffe']],
    ['IPv6 link-local', ['fe80::1', 'febf:ffff::1']],
    ['IPv4 inside IPv6', ['::ffff:a9fe:a9fe', '::ffff:7f00:1', '64:ff9b::a9fe:a9fe']],
  ])('refuses %s', async (_what, addresses) => {
    for (const address of addresses) expect([address, await asked(address)]).toEqual([address, 403]);
  });

  it.each([
    ['expired', { inSeconds: -10 }],
    ['made with another secret', { secret: 'a-secret-nobody-gave-out' }],
  ])('refuses credentials that are %s', async (_what, more) => {
    const client = await connect(more);
    expect(await client.allocate()).toEqual({ code: 401 });
  });

  it('refuses a longer life written into the name', async () => {
    const { username, password } = credentials({ inSeconds: -10 });
    const client = await TurnClient.connect(
      { address: '127.0.0.1', port: coturn.port },
      { username: username.replace(/^\d+/, (at) => String(Number(at) + 3600)), password },
    );
    clients.push(client);
    expect((await client.allocate()).code).toBe(401);
  });

  it('takes credentials of the secret before a rotation', async () => {
    expect((await (await connect({ secret: OLDER_SECRET })).allocate()).code).toBe(0);
  });

  it('gives one user no more than the quota, whatever the expiry in the name, and others theirs', async () => {
    const codes: number[] = [];
    for (let index = 0; index <= USER_QUOTA; index += 1) {
      codes.push((await (await connect({ user: 'greedy', inSeconds: 600 + index })).allocate()).code);
    }
    expect(codes).toEqual([0, 0, 0, 486]);
    expect((await (await connect({ user: 'modest' })).allocate()).code).toBe(0);
  });

  it('relays UDP only: no way to a TCP port', async () => {
    expect((await (await connect()).allocate({ transport: TCP })).code).toBeGreaterThanOrEqual(400);
  });
});

realPart('coturn as a VM starts it', coturnMissing(), () => {
  const own = [
    'listening-ip=127.0.0.1',
    'relay-ip=127.0.0.1',
    'external-ip=203.0.113.9/127.0.0.1',
    `static-auth-secret=${SECRET}`,
  ];

  it('does not relay to loopback even where somebody allowed it', async () => {
    const coturn = await Coturn.start(turnserverConf({ ...CONF, allowedPeers: [ALLOWED] }), {
      port: await freePort(),
      lines: own,
    });
    const client = await TurnClient.connect({ address: '127.0.0.1', port: coturn.port }, credentials());
    expect([(await client.allocate()).code, await client.createPermission({ address: ALLOWED, port: 80 })]).toEqual([
      0, 403,
    ]);
    await client.close();
    await coturn.stop();
  }, 30_000);

  it('knows nothing of metrics in Debian’s build, and nothing else is unknown to it', async () => {
    const conf = turnserverConf({ ...CONF, metricsPort: TURN.metricsPort });
    const coturn = await Coturn.start(conf, { port: await freePort(), lines: own });
    const unknown = new Set([...coturn.log().matchAll(/Bad configuration format: (\S+)/g)].map(([, name]) => name));
    await coturn.stop();
    for (const name of unknown) expect(name).toMatch(/^prometheus/);
    expect(coturn.port).toBeGreaterThan(0);
  }, 30_000);
});

interface Echo {
  readonly peer: Peer;
  /** Ports it heard from. */
  readonly from: Set<number>;
  close(): Promise<void>;
}

async function echoPeer(address: string): Promise<Echo> {
  const socket: Socket = createSocket('udp4');
  const from = new Set<number>();
  socket.on('message', (data, { port, address: sender }) => {
    from.add(port);
    socket.send(data, port, sender);
  });
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  const close = () => new Promise<void>((resolve) => socket.close(() => resolve()));
  return { peer: { address, port: socket.address().port }, from, close };
}
