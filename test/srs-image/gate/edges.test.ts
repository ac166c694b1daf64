import type { Log } from '../../../functions/ports/stores';
import { readProxyHeader } from '../../../srs-image/gate/proxy-header';
import { GateRefusal } from '../../../srs-image/gate/refusal';
import { Sources, subscriberOf } from '../../../srs-image/gate/sources';
import { Subscribers } from '../../../srs-image/gate/subscribers';
import { Tally } from '../../../srs-image/gate/tally';

const V2 = '0d0a0d0a000d0a515549540a';
const hex = (...parts: string[]): Buffer => Buffer.from(parts.join(''), 'hex');

const HEADERS: readonly [string, Buffer, string | undefined][] = [
  ['1 over IPv4', Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 5555 1936\r\n'), '192.0.2.7'],
  ['1 over IPv6', Buffer.from('PROXY TCP6 2001:db8::7 2001:db8::1 5555 1936\r\n'), '2001:db8::7'],
  ['1 of nobody', Buffer.from('PROXY UNKNOWN\r\n'), undefined],
  ['2 over IPv4', hex(V2, '2111000c', 'c0000207', 'c6336401', '15b30790'), '192.0.2.7'],
  [
    '2 over IPv6',
    hex(V2, '21210024', '20010db8000000000000000000000007', '20010db8000000000000000000000001', '15b30790'),
    '2001:db8::7',
  ],
  [
    '2 with an IPv4 address in IPv6',
    hex(V2, '21210024', '00000000000000000000ffffc0000207', '00000000000000000000ffffc6336401', '15b30790'),
    '192.0.2.7',
  ],
  [
    '2 with more behind its addresses',
    hex(V2, '21110010', 'c0000207', 'c6336401', '15b30790', '04000100'),
    '192.0.2.7',
  ],
  ['2 of the balancer itself', hex(V2, '20000000'), undefined],
];

describe('a PROXY header', () => {
  it.each(HEADERS)('of version %s names the client, and ends where RTMP begins', (_which, header, client) => {
    expect(readProxyHeader(Buffer.concat([header, Buffer.from([3, 0, 0])]))).toEqual({
      bytes: header.length,
      ...(client && { client }),
    });
  });

  it.each(HEADERS)('of version %s may come byte by byte', (_which, header) => {
    for (let bytes = 0; bytes < header.length; bytes += 1)
      expect(readProxyHeader(header.subarray(0, bytes))).toBeUndefined();
  });

  it.each([
    ['RTMP without one', Buffer.from([3, 0, 0])],
    ['a word that begins like it', Buffer.from('PROXIE')],
    ['no address', Buffer.from('PROXY TCP4 example.org 198.51.100.1 1 2\r\n')],
    ['an address of the other family', Buffer.from('PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n')],
    ['no end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)],
    ['a length of 2000', hex(V2, '211107d0')],
    ['too few bytes for its addresses', hex(V2, '21110004', 'c0000207')],
    ['an unknown command', hex(V2, '2f11000c', 'c0000207', 'c6336401', '15b30790')],
  ])('is refused for %s', (_why, bytes) => {
    expect(() => readProxyHeader(bytes)).toThrow(GateRefusal);
  });
});

describe('a loopback source address', () => {
  it('is one session’s alone, within 127.64.0.0/10', () => {
    const sources = new Sources();
    const given = Array.from({ length: 70_000 }, (_, at) => sources.give(`client ${at}`));
    expect(new Set(given).size).toBe(given.length);
    expect(given.filter((address) => !/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.\d+$/.test(address))).toEqual([]);
  });

  it('names its client for a minute after the end, because hooks come late', () => {
    const sources = new Sources();
    const address = sources.give('192.0.2.7');
    sources.release(address, 1000);
    sources.forget(60_000);
    expect(sources.clientOf(address)).toBe('192.0.2.7');
    sources.forget(62_000);
    expect(sources.clientOf(address)).toBeUndefined();
  });
});

describe('limits of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('count %s as %s', (address, subscriber) => {
    expect(subscriberOf(address)).toBe(subscriber);
  });

  it('hold for connections at once, and those that left make room', () => {
    const subscribers = new Subscribers({ connectionsPerAddress: 2, connectsPerMinute: 100 });
    const leave = subscribers.enter('2001:db8::1', 0);
    subscribers.enter('2001:db8::2', 0);
    expect(() => subscribers.enter('2001:db8::3', 0)).toThrow('more than 2 connections of one address');
    leave();
    expect(() => subscribers.enter('2001:db8::3', 0)).not.toThrow();
  });

  it('hold for connections that begin within a minute', () => {
    const subscribers = new Subscribers({ connectionsPerAddress: 10, connectsPerMinute: 3 });
    for (let at = 0; at < 3; at += 1) subscribers.enter('192.0.2.7', 0)();
    expect(() => subscribers.enter('192.0.2.7', 59_000)).toThrow('more than 3 connections of one address in a minute');
    expect(() => subscribers.enter('192.0.2.7', 61_000)).not.toThrow();
  });
});

describe('a refusal of the gate', () => {
  const rig = () => {
    const lines: unknown[] = [];
    const log: Log = {
      info: () => undefined,
      warn: (event, fields) => lines.push({ event, ...fields }),
      error: () => undefined,
    };
    return { lines, tally: new Tally(log) };
  };

  it('is one line for an address and minute, and a number for the others', () => {
    const { lines, tally } = rig();
    for (let at = 0; at < 500; at += 1)
      tally.refuse('192.0.2.7', new GateRefusal('version', 'a first byte of 71'), 1000 + at);
    expect(lines).toEqual([
      { event: 'rtmp_refused', address: '192.0.2.7', reason: 'version', message: 'a first byte of 71' },
    ]);
    tally.turn(61_000);
    expect(lines.slice(1)).toEqual([{ event: 'rtmp_refused_more', connections: 499, addresses: 1 }]);
    expect(tally.text(0)).toContain('gate_refused_total{reason="version"} 500');
  });

  it('from more addresses than there is room for in a minute are only counted', () => {
    const { lines, tally } = rig();
    for (let at = 0; at < 5000; at += 1) tally.refuse(`10.0.${at >> 8}.${at & 255}`, new GateRefusal('version', ''), 0);
    expect(lines).toHaveLength(1000);
  });
});
