import type { SendResult } from '../../../functions/ports/stores';
import { PAT, pes, pmt } from '../platform/transport-stream';
import type { Random } from '../world/random';
import type { Malice } from './malice';
import { HOSTILE_CLIENTS, type TenantPlatform } from './platform';
import { burden } from './requests';
import { HOSTILE, ODD, onHls, type Tenant } from './tenants';

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Draws the faults of the work for the hostile tenant, and the behaviour of its receiver, each time again. */
export function maliceOf(random: Random, clock: TenantPlatform['clock'] | (() => TenantPlatform['clock'])): Malice {
  const time = () => (typeof clock === 'function' ? clock() : clock);
  const rates = { spool: random.next() * 0.5, store: random.next() * 0.5, document: random.next() * 0.3, kick: 0.2 };
  return {
    streamId: HOSTILE.streamId,
    spoil: (what) => (random.chance(rates[what]) ? random.pick(['throws', 'hangs']) : undefined),
    receive: () =>
      random.pick<() => SendResult | Promise<SendResult>>([
        () => never<SendResult>(),
        () => never<SendResult>(),
        async () => {
          await time().sleep(random.int(0, 14_000));
          return { status: random.pick([101, 200, 301, 410, 500]), latencyMs: 1 };
        },
        () => {
          throw new Error('it resets the connection');
        },
      ])(),
  };
}

const IDR = [0, 0, 0, 1, 0x65, 0x88];
/** A sequence parameter set (H.264, 7.3.2.1.1) of a picture that is 32,768 wide. */
const WIDE = [0, 0, 1, 0x67, 0x42, 0, 0x1e, 0xf8, 0x0, 0x40, 0x7, 0x40];

/** Whatever is no media: a picture every 240 s, clocks that jump, parameter sets and tables of noise. */
function oddMedia(random: Random): Uint8Array {
  const step = random.pick([21_600_000, 1, 2 ** 31, 90_000]);
  const noise = Array.from({ length: random.int(8, 40) }, () => random.int(0, 255));
  const header = random.pick([WIDE, WIDE, [0, 0, 1, 0x67, ...noise], []]);
  const frames = Array.from({ length: 3 }, (_, n) => pes(0x100, n * step, n * step, [...header, ...IDR]));
  const bytes = new Uint8Array([
    ...PAT,
    ...pmt([random.pick([0x1b, 0x1b, 0x1b, 0x24, 0x0f, 0]), 0x100]),
    ...frames.flat(),
  ]);
  if (random.chance(0.15)) for (let n = 0; n < 40; n += 1) bytes[random.int(0, bytes.length - 1)] = random.int(0, 255);
  return bytes;
}

/** Media in good order whose header is a lie: segment `seqNo` of a steady publisher. */
function wideMedia(seqNo: number): Uint8Array {
  const frames = Array.from({ length: 50 }, (_, n) => {
    const at = (seqNo * 50 + n) * 3600;
    return pes(0x100, at, at, n === 0 ? [...WIDE, ...IDR] : [0, 0, 0, 1, 0x41, 0x9a]);
  });
  return new Uint8Array([...PAT, ...pmt([0x1b, 0x100]), ...frames.flat()]);
}

/** One hostile tenant, for as long as the run lasts: wrong keys, odd hooks, odd media, odd entries in SRS's list. */
export function attack(platform: TenantPlatform, victims: readonly Tenant[], random: Random): void {
  const { clock, rig } = platform;
  const [first = HOSTILE, ...others] = victims;
  const victim = () => random.pick([first, ...others]);
  const address = () => `198.51.100.${random.int(0, 34)}`;
  let clients = 0;
  const strange = () => {
    clients += 1;
    return `${HOSTILE_CLIENTS}${clients}`;
  };
  const during = async (everyMs: [number, number], act: () => Promise<unknown> | unknown, forMs = 45_000) => {
    const untilMs = clock.now() + forMs;
    while (clock.now() < untilMs) {
      await clock.sleep(random.int(...everyMs));
      await Promise.resolve(act()).catch(() => undefined);
    }
  };
  const wrongKey = () =>
    rig.srs.ask(
      'on_publish',
      { stream: victim().streamId, param: `?key=sk_${'z'.repeat(32)}`, ip: address() },
      strange(),
    );
  const strangers = random.int(0, 35);
  // While the others publish for the first time, or for the second as well.
  const knockMs = random.pick([8000, 8000, 12_000, 45_000]);
  for (let n = 0; n < strangers; n += 1) void during([20, 1200], wrongKey, knockMs);
  void during([200, 3000], () => publishOddly(platform, random, strange()));
  void during([50, 1500], () => hookOddly(platform, random, victim(), strange()));
  void during([20, 500], () => {
    // Neither is waited for: an answer that does not come keeps nobody from asking again.
    void burden(platform, random, victim()).catch(() => undefined);
  });
  void during([500, 4000], () => {
    const media = { video: { codec: random.pick(ODD), width: random.pick([-1, 0, 1e308]), height: Number.NaN } };
    const entry = {
      app: random.pick(['live', ...ODD]),
      name: random.pick(ODD),
      active: random.chance(0.5),
      clientId: strange(),
      media,
      receivedBytes: random.pick([-1, 0, 1e308]),
      sentBytes: random.pick([0, Number.NaN]),
    };
    rig.srs.streams = [...rig.srs.streams.filter(({ name }) => !ODD.includes(name)), entry];
  });
}

async function publishOddly(platform: TenantPlatform, random: Random, client: string): Promise<void> {
  const { rig, clock } = platform;
  const isSteady = random.chance(0.5);
  const { streamId: stream, key } = HOSTILE;
  const fields = {
    stream,
    param: `?key=${key}`,
    ip: '198.51.100.66',
    tcUrl: isSteady ? 'rtmp://x/live' : random.pick(ODD),
  };
  await rig.srs.ask('on_publish', fields, client);
  rig.srs.publishing(client, stream);
  const segments = random.int(3, 6);
  for (let seqNo = 0; seqNo < segments; seqNo += 1) {
    await clock.sleep(isSteady ? 2000 : random.int(0, 2000));
    const durationMs = isSteady ? 2000 : random.pick([0, 1, 2000, 3_602_000]);
    const segment = rig.srs.segment({
      stream,
      seqNo,
      durationMs,
      media: isSteady ? wideMedia(seqNo) : oddMedia(random),
      listed: isSteady || random.chance(0.5),
    });
    await onHls(platform, client, {
      ...segment,
      durationMs: isSteady ? durationMs : random.pick([durationMs, 1e300, -1]),
      seqNo: isSteady ? seqNo : random.pick([seqNo, 2 ** 40]),
    });
  }
  if (isSteady) await clock.sleep(6000);
  if (random.chance(0.7)) rig.srs.left(client);
  if (random.chance(0.5)) await rig.srs.ask('on_unpublish', fields, client);
}

async function hookOddly({ rig }: TenantPlatform, random: Random, { streamId }: Tenant, client: string): Promise<void> {
  const action = random.pick(['on_connect', 'on_publish', 'on_unpublish', 'on_play', 'on_stop', 'on_close', 'on_hls']);
  const odd = () => random.pick<unknown>([...ODD, 7, null, [], {}]);
  const fields = {
    stream: random.chance(0.5) ? streamId : odd(),
    ip: `198.51.100.${random.int(0, 34)}`,
    ...(random.chance(0.5) && { app: odd() }),
    ...(random.chance(0.5) && { param: odd() }),
    ...(random.chance(0.5) && { tcUrl: odd() }),
    file: odd(),
    cwd: odd(),
    duration: random.pick([-1, 1e308, 2]),
    seq_no: random.pick([-1, 0, 1e15]),
  };
  await rig.srs.ask(action, fields, client);
}
