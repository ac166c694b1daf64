import { mediaRules, srtRules } from '../../../srs-image/render/media-firewall';
import { firewallScript } from '../../../srs-image/render/units';
import { DROPPED, hex, SENT } from '../../support/network/datagrams';
import { firewallMissing, makeNamespace, type Namespace } from '../../support/network/namespace';
import { realPart } from '../../support/platform/real-part';

const PORT = 8000;
const SRT_PORT = 10_080;
let namespace: Namespace;

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
  const answer: unknown = JSON.parse(namespace.inside(process.execPath, '-e', SENDER, order));
  return Array.isArray(answer) ? answer.map(String) : [];
};

realPart('the firewall of an SRS VM, in a network namespace', firewallMissing(), () => {
  beforeAll(() => {
    namespace = makeNamespace(`srs-live-fw-${process.pid}`);
    // As on Container-Optimized OS: who was answered once is known.
    const known = ['-p', 'udp', '-m', 'conntrack', '--ctstate', 'ESTABLISHED', '-j', 'ACCEPT'];
    namespace.inside('iptables', '-w', '-A', 'INPUT', ...known);
    const script = firewallScript(
      { tcp: [1935], udp: [] },
      ...mediaRules(PORT),
      ...srtRules(SRT_PORT, ['127.0.0.2/32']),
    );
    namespace.inside('bash', '-c', script);
  });
  afterAll(() => namespace.remove());

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
