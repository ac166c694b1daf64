import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLog } from '../../../../../functions/adapters/log';
import { systemClock } from '../../../../../functions/adapters/system';
import { GateEnv } from '../../../../../functions/contract/gate';
import { FlvReader, type FlvTag } from '../../../../../functions/core/low-latency/flv';
import { createOrigin, type LocalOrigin } from '../../../../../scripts/local/origin';
import { pushOnce } from '../../../../../srs-image/agent/playback/edges/push-once';
import { rtmpGates } from '../../../../../srs-image/agent/playback/edges/rtmp-gates';
import { httpSrsFlv } from '../../../../../srs-image/agent/srs/srs-flv';
import { Tickets } from '../../../../../srs-image/agent/srs/tickets';
import { Gate } from '../../../../../srs-image/gate/gate';
import { HookReceiver } from '../../../../support/network/hook-receiver';
import { type Encoder, publish } from '../../../../support/platform/encoder';
import { freePort } from '../../../../support/platform/worker-ports';

/** A push out of a media server's HTTP-FLV, through a gate, into a media server: SRS if `SRS_BIN` names one. */
const SOURCE = 'sourcesourcesour';
const COPY = 'copycopycopycopy';
const TOKEN = `sle_${'a'.repeat(32)}`;
const folder = mkdtempSync(join(tmpdir(), 'srs-live-push-'));
const receiver = new HookReceiver();
let origin: LocalOrigin;
let gate: Gate;
let gatePort: number;
let web: string;
let encoder: Encoder;
let ticket = 0;

beforeAll(async () => {
  const { SRS_BIN } = process.env;
  const rtmpPort = await freePort();
  const httpPort = await freePort();
  origin = await createOrigin({
    rtmpPort,
    apiPort: await freePort(),
    hooksUrl: await receiver.start(),
    hlsRoot: join(folder, 'hls'),
    media: { httpPort, srtPort: await freePort(), rtcPort: await freePort() },
    nodeId: 'edge-1',
    docker: false,
    tempFolder: folder,
    log: jsonLog(() => undefined),
    ...(SRS_BIN && { srsBin: SRS_BIN }),
  });
  await origin.start();
  web = `http://127.0.0.1:${httpPort}`;
  gatePort = await freePort();
  const ports = { rtmpPort: gatePort, proxyPort: await freePort(), srsPort: rtmpPort, statusPort: await freePort() };
  const every = (ms: number, run: () => void) => {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  };
  const env = GateEnv.parse({ host: '127.0.0.1', ...ports });
  gate = new Gate({ env, log: jsonLog(() => undefined), now: () => performance.now(), every });
  await gate.start();
  encoder = publish(`${origin.rtmpUrl}/${SOURCE}?key=sk_source`);
  await receiver.next('on_publish');
}, 60_000);
afterAll(async () => {
  await encoder?.stop('SIGKILL');
  gate?.close();
  gate?.endAll();
  await origin?.stop();
  await receiver.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

const randomId = (length: number) => {
  ticket += 1;
  return `${ticket}`.padStart(length, '0');
};
const push = (signal: AbortSignal, port = gatePort) =>
  pushOnce(
    SOURCE,
    { host: '127.0.0.1', port, token: TOKEN, signal },
    {
      flv: httpSrsFlv(web),
      tickets: new Tickets(randomId),
      clock: systemClock,
      unreached: { waits: async () => undefined },
      gates: { publish: (target) => rtmpGates.publish({ ...target, streamId: COPY }) },
    },
  );

/** Reads the tags of a stream for as long as `enough` says. */
async function tagsOf(streamId: string, enough: (tags: readonly FlvTag[]) => boolean): Promise<FlvTag[]> {
  const media = await httpSrsFlv(web).play({ streamId, ticket: randomId(32) });
  const reader = new FlvReader();
  const tags = [] as FlvTag[];
  for await (const piece of media ?? []) {
    tags.push(...reader.push(piece));
    if (enough(tags)) break;
  }
  media?.destroy();
  return tags;
}
const picturesIn = (tags: readonly FlvTag[]) => tags.filter(({ kind, body }) => kind === 'video' && body[1] === 1);

it('hands over picture, sound and description as the source has them, and ends at once by order', async () => {
  const over = new AbortController();
  const ended = push(over.signal);
  const published = () => receiver.of('on_publish').map(({ body }) => body);
  await receiver.next('on_publish', 2);
  expect(published()[1]).toMatchObject({ app: 'live', stream: COPY, param: `?push=${TOKEN}` });
  const [original, copy] = await Promise.all(
    [SOURCE, COPY].map((id) => tagsOf(id, (tags) => picturesIn(tags).length > 60)),
  );
  const known = new Set(picturesIn(original ?? []).map(({ body }) => Buffer.from(body).toString('base64')));
  const shared = picturesIn(copy ?? []).filter(({ body }) => known.has(Buffer.from(body).toString('base64')));
  expect(shared.length).toBeGreaterThan(20);
  expect(new Set((copy ?? []).map(({ kind }) => kind))).toEqual(new Set(['script', 'video', 'audio']));
  over.abort();
  await ended.catch(() => undefined);
  await receiver.next('on_unpublish');
  expect(receiver.of('on_unpublish')[0]?.body).toMatchObject({ stream: COPY });
}, 90_000);

it('a push is over when the media server refuses it, and rejects when the server does not answer', async () => {
  receiver.answer = ({ action }) => (action === 'on_publish' ? { body: '{"code":1}' } : {});
  const over = new AbortController();
  const outcome = await push(over.signal).catch(String);
  expect(outcome).not.toBe('the publisher left');
  await expect(push(over.signal, await freePort())).rejects.toThrow('the edge did not let it in');
}, 60_000);
