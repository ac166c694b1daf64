import { execFileSync } from 'node:child_process';
import { mediaRules, srtRules } from '../../../srs-image/render/media-firewall';
import { firewallScript } from '../../../srs-image/render/units';
import { realPart } from '../../support/platform/real-part';

const PORT = 8000;
const SRT_PORT = 10_080;
const NAMESPACE = `srs-live-fw-${process.pid}`;

function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root, so no network namespace';
  try {
    execFileSync('ip', ['netns', 'add', NAMESPACE], { stdio: 'pipe' });
    execFileSync('ip', ['-n', NAMESPACE, 'link', 'set', 'lo', 'up'], { stdio: 'pipe' });
    execFileSync('ip', ['netns', 'exec', NAMESPACE, 'iptables', '-m', 'u32', '-h'], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'no network namespaces, or no iptables with u32';
  }
}

const inside = (...command: string[]): string =>
  execFileSync('ip', ['netns', 'exec', NAMESPACE, ...command], { encoding: 'utf8' });

/** Sends each datagram to `port` and answers which came, by number. */
const SENDER = `
const dgram = require('node:dgram');
const { port, from, datagrams } = JSON.parse(process.argv[1]);
const server = dgram.createSocket('udp4'), client = dgram.createSocket('udp4');
const came = [];
server.on('message', (data, { port: back, address }) => { came.push(data.toString('hex')); server.send('answer', back, address); });
client.on('message', () => undefined);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
(async () => {
  await new Promise((done) => server.bind(port, '127.0.0.1', done));
  await new Promise((done) => client.bind(0, from, done));
  for (const hex of datagrams) {
    // A rule of the kernel's may drop it, or tell the sender so.
    await new Promise((done) => client.send(Buffer.from(hex, 'hex'), port, '127.0.0.1', () => done()));
    await pause(20);
  }
  await pause(100);
  console.log(JSON.stringify(came));
  process.exit(0);
})();
`;

const send = (datagrams: readonly Buffer[], port = PORT, from = '127.0.0.1'): string[] => {
  const order = JSON.stringify({ port, from, datagrams: datagrams.map((datagram) => datagram.toString('hex')) });
  const answer: unknown = JSON.parse(inside(process.execPath, '-e', SENDER, order));
  return Array.isArray(answer) ? answer.map(String) : [];
};

const COOKIE = '2112a442';
const hex = (...parts: string[]): Buffer => Buffer.from(parts.join(''), 'hex');
const stun = (type: string, attributes: string, cookie = COOKIE): Buffer =>
  hex(type, (attributes.length / 2).toString(16).padStart(4, '0'), cookie, '00'.repeat(12), attributes);

const SENT: Readonly<Record<string, Buffer>> = {
  'a STUN request of a browser': stun('0001', '0006000361626300'),
  'a STUN request without attributes': stun('0001', ''),
  'a STUN answer': stun('0101', '002000080001a147e112a643'),
  'a DTLS hello': hex('16feff', '00'.repeat(60)),
  'an RTP packet': hex('8060', '00'.repeat(10)),
  'an RTP packet of an odd length': hex('9060', '00'.repeat(1171)),
  'an RTCP report': hex('80c8', '00'.repeat(26)),
};

const DROPPED: Readonly<Record<string, Buffer>> = {
  'STUN whose last attribute has no room for its padding': stun('0001', '0006000161'),
  'a STUN answer of the same kind': stun('0101', '0006000161'),
  'STUN with a value of three bytes': stun('0001', '00060003616263'),
  'STUN with two bytes too many': stun('0001', '000600026161'),
  'STUN of 19 bytes': stun('0001', '').subarray(0, 19),
  'STUN with another cookie': stun('0001', '', 'deadbeef'),
  'two bytes': hex('0001'),
  nothing: hex(''),
  'half an RTP header': hex('806000000000'),
  'a TURN channel': hex('4000', '00'.repeat(30)),
  'a ZRTP hello': hex('1000', '00'.repeat(30)),
  'bytes of no protocol': hex('ff', '00'.repeat(30)),
};

realPart('the firewall of an SRS VM, in a network namespace', missing(), () => {
  beforeAll(() => {
    // As on Container-Optimized OS: who was answered once is known.
    inside('iptables', '-w', '-A', 'INPUT', '-p', 'udp', '-m', 'conntrack', '--ctstate', 'ESTABLISHED', '-j', 'ACCEPT');
    const script = firewallScript(
      { tcp: [1935], udp: [] },
      ...mediaRules(PORT),
      ...srtRules(SRT_PORT, ['127.0.0.2/32']),
    );
    inside('bash', '-c', script);
  });
  afterAll(() => execFileSync('ip', ['netns', 'del', NAMESPACE]));

  it('lets through what browsers, phones and encoders send by WebRTC', () => {
    expect(send(Object.values(SENT))).toEqual(Object.values(SENT).map((datagram) => datagram.toString('hex')));
  });

  it.each(Object.entries(DROPPED))('drops %s', (_what, datagram) => {
    expect(send([datagram])).toEqual([]);
  });

  it('drops such a packet also of a client that was answered before', () => {
    const [good = Buffer.alloc(0)] = Object.values(SENT);
    expect(send([good, ...Object.values(DROPPED), good])).toEqual([good.toString('hex'), good.toString('hex')]);
  });

  it('lets SRT through from the networks that are named, and from no other', () => {
    expect(send([hex('80000000')], SRT_PORT, '127.0.0.2')).toEqual(['80000000']);
    expect(send([hex('80000000')], SRT_PORT, '127.0.0.1')).toEqual([]);
  });
});
