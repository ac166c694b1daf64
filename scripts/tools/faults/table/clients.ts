import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createStream } from '../../../local/command/demo';
import { Encoder } from '../encoder';
import type { Fault, Mend, Scene } from '../fault';

const rtmpPort = ({ addresses }: Scene): number => Number(new URL(addresses.rtmp).port);

/** Opens connections to the gate; the returned function closes them. */
function sockets(scene: Scene, count: number, each: (socket: Socket) => void): Mend {
  const open = Array.from({ length: count }, () => connect(rtmpPort(scene), '127.0.0.1'));
  for (const socket of open) {
    socket.on('error', () => undefined).on('close', () => undefined);
    socket.once('connect', () => each(socket));
  }
  return () => {
    for (const socket of open) socket.destroy();
  };
}

const beside = (name: string, does: string, strike: Fault['strike'], isShort = false): Fault => ({
  name,
  does,
  lastsSeconds: 6,
  isFelt: false,
  discontinuities: 0,
  isShort,
  strike,
});

/** Posts bodies that are far too long, over and over, until the returned function is called. */
function postLongBodies({ addresses }: Scene): Mend {
  const stop = new AbortController();
  const body = Buffer.alloc(4 << 20, 0x5b);
  const post = async (): Promise<void> => {
    while (!stop.signal.aborted)
      await fetch(new URL('/api/v1/streams', addresses.edge), { method: 'POST', body, signal: stop.signal })
        .then((answer) => answer.arrayBuffer())
        .catch(() => undefined);
  };
  const running = Promise.all(Array.from({ length: 4 }, post));
  return () => {
    stop.abort();
    return running;
  };
}

/** Publishes a stream of its own whose clock jumps an hour ahead after four seconds. */
async function jumpingClock({ addresses }: Scene): Promise<Mend> {
  const stream = await createStream(new URL(addresses.edge), addresses.adminKey, 'faults: a jumping clock');
  const { server, streamKey } = stream.ingest.rtmp;
  const jump = "'if(gt(T,4),PTS+3600/TB,PTS)'";
  const clock = { picture: `setpts=${jump}`, sound: `asetpts=${jump}` };
  const publisher = new Encoder({ url: `${server}/${streamKey}`, reconnects: false, clock });
  return () => publisher.stop('SIGKILL');
}

/** Rows of encoders and strangers: the good stream beside them must not notice. */
export const CLIENTS: readonly Fault[] = [
  {
    name: 'encoder-crashes',
    does: 'The encoder is killed and comes back after a second.',
    lastsSeconds: 0,
    isFelt: true,
    discontinuities: 1,
    strike: async ({ publisher }) => {
      await publisher.crash();
      return () => undefined;
    },
  },
  {
    name: 'two-encoders',
    does: 'A second encoder with the same key takes over; the first one comes back and takes over in turn.',
    lastsSeconds: 6,
    isFelt: true,
    discontinuities: 2,
    strike: ({ streamKey, wire }) => {
      const second = new Encoder({ url: `rtmp://127.0.0.1:${wire.port}/live/${streamKey}`, reconnects: false });
      return () => second.stop('SIGKILL');
    },
  },
  beside('strangers-send-garbage', 'Sixty connections send the gate 64 kB of random bytes each.', (scene) =>
    sockets(scene, 60, (socket) => socket.end(randomBytes(65_536))),
  ),
  beside(
    'strangers-say-nothing',
    'Two hundred connections to the gate are opened and say nothing.',
    (scene) => sockets(scene, 200, () => undefined),
    true,
  ),
  beside(
    'strangers-post-long-bodies',
    'Bodies of 4 MiB are posted to the API without a key, four at once.',
    postLongBodies,
  ),
  beside('wrong-keys', 'Ten encoders publish to the stream with wrong keys.', (scene) => {
    const { addresses, streamId } = scene;
    const wrong = Array.from({ length: 10 }, () => {
      const key = randomBytes(20)
        .toString('base64url')
        .toLowerCase()
        .replace(/[^a-z2-7]/g, 'a')
        .padEnd(32, 'a');
      return new Encoder({ url: `${addresses.rtmp}/${streamId}?key=sk_${key.slice(0, 32)}`, reconnects: false });
    });
    return () => Promise.all(wrong.map((publisher) => publisher.stop('SIGKILL')));
  }),
  { ...beside('a-clock-jumps-beside', "Another stream's clock jumps an hour ahead.", jumpingClock), lastsSeconds: 10 },
];
