import type { Socket } from 'node:net';
import { until } from '../../support/platform/until';
import { play } from '../../support/rtmp/amf';
import { command, HANDSHAKE } from '../../support/rtmp/chunks';
import { ENCODERS } from '../../support/rtmp/encoders';
import { type GateRig, gateRig } from '../../support/rtmp/gate-rig';
import { HOSTILE } from '../../support/rtmp/hostile';

let rig: GateRig;
const start = async (limits: Parameters<typeof gateRig>[0] = {}) => {
  rig = await gateRig(limits);
  return rig;
};
afterEach(() => rig.stop());

const OBS = Buffer.concat(ENCODERS['OBS and others by librtmp']?.() ?? []);
const DEEP = HOSTILE.find(({ reason }) => reason === 'amf_depth')?.bytes ?? Buffer.alloc(0);
const closed = (socket: Socket) =>
  new Promise<void>((resolve) => (socket.destroyed ? resolve() : socket.once('close', () => resolve())));
const heardBytes = () => rig.heard.map(({ heard }) => heard.length);

describe('the gate', () => {
  it('passes a publisher on from a loopback address of its own, and says whose it is', async () => {
    const { gate, heard, connect } = await start();
    for (const socket of [connect(), connect()]) socket.write(OBS);
    await until(() => heardBytes().filter((bytes) => bytes >= OBS.length).length === 2);
    const sources = heard.map(({ source }) => source);
    expect(new Set(sources).size).toBe(2);
    expect(sources.map((source) => gate.clientOf(source))).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('passes what the server says on untouched', async () => {
    const { heard, connect } = await start();
    const socket = connect();
    const said: Buffer[] = [];
    socket.on('data', (read) => said.push(read)).write(OBS);
    await until(() => heard.length === 1);
    const answer = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 251));
    heard[0]?.socket.write(answer);
    await until(() => Buffer.concat(said).length === answer.length);
    expect(Buffer.concat(said).equals(answer)).toBe(true);
  });

  it('ends a hostile connection and no other', async () => {
    const { gate, lines, heard, connect } = await start();
    const good = connect();
    good.write(OBS.subarray(0, 4000));
    const bad = connect();
    bad.write(DEEP);
    await closed(bad);
    good.write(OBS.subarray(4000));
    await until(() => heard.some(({ heard: bytes }) => bytes.length >= OBS.length));
    expect(gate.open).toBe(1);
    expect(lines).toMatchObject([{ event: 'rtmp_refused', address: '127.0.0.1', reason: 'amf_depth' }]);
    expect(gate.tally.text(1)).toContain('gate_refused_total{reason="amf_depth"} 1');
  });

  it('does not trouble the server for a client that speaks something else', async () => {
    const { heard, connect } = await start();
    const socket = connect();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed(socket);
    expect(heard).toEqual([]);
  });

  it.each([
    ['handshake', { handshakeMs: 200 }, HANDSHAKE.subarray(0, 1000), 'handshake_time'],
    ['connect', { connectMs: 200 }, HANDSHAKE, 'connect_time'],
    ['publish', { publishMs: 200 }, OBS.subarray(0, HANDSHAKE.length + 100), 'publish_time'],
    ['next picture', { publisherIdleMs: 200 }, OBS, 'idle_time'],
  ] as const)('ends a client that takes too long for its %s', async (_stage, limits, bytes, reason) => {
    const { lines, connect } = await start(limits);
    const socket = connect();
    socket.write(bytes);
    await closed(socket);
    expect(lines).toMatchObject([{ reason }]);
  });

  it('ends a client whose handshake comes byte by byte when its time is over', async () => {
    const { lines, connect } = await start({ handshakeMs: 300 });
    const socket = connect();
    const dripping = setInterval(() => socket.writable && socket.write(Buffer.from([3])), 20);
    await closed(socket);
    clearInterval(dripping);
    expect(lines).toMatchObject([{ reason: 'handshake_time' }]);
  });

  it('refuses more connections of one address than it may have, until one leaves', async () => {
    const { gate, lines, connect } = await start({ connectionsPerAddress: 2 });
    const first = connect();
    const second = connect();
    await until(() => gate.open === 2);
    const third = connect();
    await closed(third);
    expect(lines).toMatchObject([{ reason: 'connections_of_address' }]);
    first.destroy();
    await until(() => gate.open === 1);
    connect();
    await until(() => gate.open === 2);
    expect(second.destroyed).toBe(false);
  });

  it('refuses more connections than there may be in all', async () => {
    const { gate, lines, connect } = await start({ connections: 2 });
    connect();
    connect();
    await until(() => gate.open === 2);
    await closed(connect());
    expect(lines).toMatchObject([{ reason: 'connections' }]);
  });

  it('reads a player no faster than the server reads, and the server no faster than the player', async () => {
    const { gate, heard, connect } = await start();
    const socket = connect();
    socket.write(Buffer.concat([HANDSHAKE, OBS.subarray(HANDSHAKE.length, HANDSHAKE.length + 98)]));
    await until(() => heard.length === 1);
    socket.pause();
    const [server] = heard;
    // Far more than the kernel's buffers of two connections hold.
    const piece = Buffer.alloc(1 << 20);
    let accepted = 0;
    const isFull = () => {
      while (server && !server.socket.writableNeedDrain && accepted < 256) {
        server.socket.write(piece);
        accepted += 1;
      }
      return server?.socket.writableNeedDrain === true;
    };
    await until(isFull);
    expect(gate.open).toBe(1);
    expect(accepted).toBeLessThan(64);
  });

  it('lets an answer through to a client that has said its last', async () => {
    const { heard, connect } = await start();
    const socket = connect();
    const said: Buffer[] = [];
    socket.on('data', (read) => said.push(read));
    socket.end(OBS);
    await until(() => heard[0]?.heard.length === OBS.length || (heard[0]?.heard.length ?? 0) > OBS.length);
    heard[0]?.socket.end('goodbye');
    await closed(socket);
    expect(Buffer.concat(said).toString()).toBe('goodbye');
  });

  it('takes nobody any more once it stops, and gives the server what was on its way', async () => {
    const { gate, heard, port, connect } = await start();
    const socket = connect();
    socket.write(OBS);
    await until(() => (heard[0]?.heard.length ?? 0) >= OBS.length);
    gate.close();
    gate.hangUp();
    await until(() => heard[0]?.ended === true);
    await closed(connect(port));
    expect(heard).toHaveLength(1);
  });
});

describe('the port of a load balancer', () => {
  const HEADERS = {
    'version 1': Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 5555 1936\r\n'),
    'version 2': Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000207c633640115b30790', 'hex'),
  };

  it.each(Object.entries(HEADERS))(
    'takes the client from a header of %s that comes in two pieces',
    async (_version, header) => {
      const { gate, heard, proxyPort, connect } = await start();
      const socket = connect(proxyPort);
      socket.setNoDelay(true);
      socket.write(header.subarray(0, 9));
      await until(() => gate.tally.bytes.in === 9);
      socket.write(Buffer.concat([header.subarray(9), OBS]));
      await until(() => (heard[0]?.heard.length ?? 0) >= OBS.length);
      expect(gate.clientOf(heard[0]?.source ?? '')).toBe('192.0.2.7');
    },
  );

  it('refuses who comes without a header', async () => {
    const { lines, heard, proxyPort, connect } = await start();
    const socket = connect(proxyPort);
    socket.write(OBS);
    await closed(socket);
    expect([lines, heard]).toMatchObject([[{ reason: 'proxy_header' }], []]);
  });

  it('counts by the client it names, not by the balancer', async () => {
    const { lines, heard, proxyPort, connect } = await start({ connectionsPerAddress: 1 });
    const begin = (last: number) => {
      const socket = connect(proxyPort);
      socket.write(
        Buffer.concat(
          [Buffer.from(`PROXY TCP4 192.0.2.${last} 198.51.100.1 5555 1936\r\n`), HANDSHAKE, command(play('a'))].slice(
            0,
            2,
          ),
        ),
      );
      return socket;
    };
    begin(1);
    begin(2);
    await until(() => heard.length === 2);
    await closed(begin(1));
    expect(lines).toMatchObject([{ address: '192.0.2.1', reason: 'connections_of_address' }]);
  });

  it('is not where a client may claim an address on the other port', async () => {
    const { lines, connect } = await start();
    const socket = connect();
    socket.write(Buffer.concat([HEADERS['version 1'], OBS]));
    await closed(socket);
    expect(lines).toMatchObject([{ reason: 'version' }]);
  });
});
