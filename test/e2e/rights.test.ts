import type { Browser } from 'playwright-core';
import { z } from 'zod';
import type { GrantAnswer } from '../../functions/contract/grants';
import { chromiumPath, openWebRtcBrowser } from '../../scripts/tools/bench/webrtc-page';
import { type Encoder, publish } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import { runPageCommand } from '../support/platform/run-page-command';
import { type CreatedStream, callApi, createStream, eventually, pause } from '../support/platform/viewer';
import {
  fetched,
  grantFor,
  isDead,
  statusesOf,
  urlsFrom,
  type Viewing,
  WAYS,
  type Way,
  watchFlv,
} from '../support/platform/viewing';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

/**
 * Measures which viewers may play, by every protocol, and how soon each is stopped: one platform, a stream of each
 * policy with a recording and a broadcast that is on air. By the nodes themselves (FLV, RTMP, WHEP) with a real SRS
 * only. What was measured is printed.
 */
const missingNode = process.env.SRS_BIN === undefined ? 'SRS_BIN names no SRS' : undefined;
const missingOf = ({ name, byNode }: Way): string | undefined => {
  if (byNode && missingNode !== undefined) return missingNode;
  return name.startsWith('WHEP') && chromiumPath === undefined ? 'no Chromium installed' : undefined;
};

/** Seconds within which a take-down holds for everybody, cached or not. */
const DOWN_SECONDS = 10;
/** Seconds within which nothing of a revoked grant plays. */
const REVOKED_SECONDS = 30;
/** A grant's times in seconds, and how late its end may be noticed. */
const SIGNED = 12;
const SESSION = 60;
const LATE = 15;

const Recordings = z.object({
  recordings: z.array(
    z.object({ id: z.string(), state: z.string(), playback: z.object({ hls: z.string() }).optional() }),
  ),
});
type Policy = Way['policy'];

let platform: ScannedPlatform;
let browser: Browser | undefined;
const streams: Partial<Record<Policy | 'other', CreatedStream>> = {};
const recordings: Partial<Record<Policy, string>> = {};
const encoders: Encoder[] = [];
const measured: string[] = [];

function streamOf(name: keyof typeof streams): CreatedStream {
  const stream = streams[name];
  if (stream === undefined) throw new Error(`no stream '${name}'`);
  return stream;
}
const sending: Partial<Record<Policy, { encoder: Encoder; ended: boolean }>> = {};
const send = (policy: Policy): Encoder => {
  const { server, streamKey } = streamOf(policy).ingest.rtmp;
  const encoder = publish(`${server}/${streamKey}`);
  encoders.push(encoder);
  const sent = { encoder, ended: false };
  sending[policy] = sent;
  void encoder.exited.then(() => {
    sent.ended = true;
  });
  return encoder;
};
const rightTo = async (policy: Policy, body: object = {}): Promise<GrantAnswer | undefined> =>
  policy === 'gated' ? grantFor(platform, streamOf('gated').id, body) : undefined;

async function recordingOf(id: string): Promise<string | undefined> {
  const { recordings: found } = Recordings.parse(await (await callApi(platform, `/streams/${id}/recordings`)).json());
  return found.find(({ state }) => state === 'ready')?.playback?.hls;
}
/** On air, in a broadcast that `except` is not of. */
const onAir = (policy: Policy, except = 'none') =>
  eventually(`a segment of the ${policy} stream`, 60, async () => {
    const [, media = '', segment] = await urlsFrom(streamOf(policy).playback.hls, await rightTo(policy));
    return segment !== undefined && !media.includes(except);
  });
const broadcastOf = (recording: string): string => recording.split('/').at(-2) ?? '';

const open = (way: Way, grant?: GrantAnswer): Promise<Viewing> =>
  way.open({ platform, stream: streamOf(way.policy), recording: recordings[way.policy], grant, browser });

/** Counts how often the agent found a publish that SRS 6 gives to no player, and had the publisher connect again. */
const lostPublishes = () => platform.log().split('"silent_publisher_kicked"').length - 1;

/**
 * Opens it once, and it plays; a second time only when SRS 6 lost the publish meanwhile: the agent ended that, and an
 * encoder connects again.
 */
async function playing(way: Way, grant?: GrantAnswer): Promise<Viewing> {
  const lost = lostPublishes();
  const viewing = await open(way, grant);
  try {
    await eventually(`${way.name} plays`, 15, () => viewing.playing());
    return viewing;
  } catch (error) {
    await viewing.close();
    measured.push(`${way.name}: did not play: ${viewing.complaint?.() ?? ''}`);
    if (lostPublishes() === lost) throw error;
    if (sending[way.policy]?.ended) send(way.policy);
    await onAir(way.policy);
    return playing(way, grant);
  }
}

/** Returns the seconds from `since` until nothing came any more; looks from now on. */
async function secondsUntilOver(viewing: Viewing, since: number | Promise<number>, patience: number): Promise<number> {
  const over = await eventually('nothing comes any more', patience, () => viewing.overSince());
  await viewing.close();
  return Math.max(0, (over - (await since)) / 1000);
}

/** Opens every way, has `order` given, and measures each; `since`: when the order was given. */
async function measure(
  ways: readonly Way[],
  right: string,
  grant: Grants,
  order: () => Promise<number>,
  patience: number,
) {
  const opened = await Promise.all(ways.map(async (way) => ({ way, viewing: await playing(way, grant[way.policy]) })));
  const since = order();
  const seconds = await Promise.all(
    opened.map(async ({ way, viewing }) => [way.name, await secondsUntilOver(viewing, since, patience)] as const),
  );
  for (const [name, each] of seconds) measured.push(`${name}: ${right}, over after ${each.toFixed(1)} s`);
  return new Map(seconds);
}
type Grants = Partial<Record<Policy, GrantAnswer | undefined>>;

/** Runs a test for each way that is possible here; those of missing parts are skipped by name. */
function forEach(ways: readonly Way[], title: string, check: (way: Way) => Promise<void>): void {
  for (const way of ways)
    realPart(way.name, missingOf(way), () => {
      it(title, () => check(way), 60_000);
    });
}
const here = (ways: readonly Way[]) => ways.filter((way) => missingOf(way) === undefined);
const GATED = WAYS.filter(({ policy }) => policy === 'gated');

beforeAll(async () => {
  platform = await startScanned(['--no-demo']);
  if (here(WAYS).some(({ name }) => name.startsWith('WHEP'))) browser = await openWebRtcBrowser();
  const wanted = { reconnectWindowSeconds: 0, recording: true };
  for (const policy of ['open', 'gated'] as const)
    streams[policy] = await createStream(platform, { title: policy, policy, ...wanted });
  streams.other = await createStream(platform, { title: 'of another tenant', policy: 'gated', ...wanted });
  const first = (['open', 'gated'] as const).map(send);
  await Promise.all([onAir('open'), onAir('gated')]);
  for (const encoder of first) await encoder.stop();
  for (const policy of ['open', 'gated'] as const) {
    recordings[policy] = await eventually('a recording', 120, () => recordingOf(streamOf(policy).id));
    send(policy);
    await onAir(policy, broadcastOf(recordings[policy]));
  }
}, 400_000);

afterAll(async () => {
  process.stdout.write(`${measured.map((line) => `  ${line}\n`).join('')}`);
  await browser?.close();
  for (const encoder of encoders) await encoder.stop('SIGKILL');
  await platform?.end('SIGTERM');
}, 60_000);

describe('a viewer with a grant', () => {
  forEach(WAYS, 'plays', async (way) => {
    await (await playing(way, await rightTo(way.policy))).close();
  });
});

describe('a viewer without a grant', () => {
  forEach(
    GATED.filter(({ name }) => !name.startsWith('native')),
    'plays nothing',
    async (way) => {
      expect(await secondsUntilOver(await open(way), Date.now(), 15)).toBeLessThan(15);
    },
  );
});

describe('a viewer with a grant of another tenant', () => {
  forEach(GATED, 'plays nothing', async (way) => {
    const grant = await grantFor(platform, streamOf('other').id);
    const own = await rightTo('gated');
    // The right address, with the other's token.
    const native = own?.playback.native.replace(/token=.*$/, grant.playback.native.replace(/^.*(token=)/, '$1')) ?? '';
    const viewing = await open(way, { ...grant, playback: { ...grant.playback, native } });
    expect(await secondsUntilOver(viewing, Date.now(), 15)).toBeLessThan(15);
  });
});

describe('a viewer whose grant has expired', () => {
  let seconds = new Map<string, number>();
  let grant: GrantAnswer | undefined;
  beforeAll(async () => {
    const given = Date.now();
    grant = await rightTo('gated', { lifetimeSeconds: SIGNED, viewingSessionSeconds: SESSION });
    seconds = await measure(here(GATED), 'expired', { gated: grant }, async () => given, SESSION + LATE);
  }, 120_000);

  forEach(GATED, 'plays to the end of what was signed or of the viewing session, and never again', async (way) => {
    expect(seconds.get(way.name)).toBeLessThan((way.until === 'signature' ? SIGNED : SESSION) + LATE);
    expect(await secondsUntilOver(await open(way, grant), Date.now(), 15)).toBeLessThan(15);
  });
});

describe('a viewer whose grant was revoked', () => {
  let seconds = new Map<string, number>();
  let grant: GrantAnswer | undefined;
  let refused: number[] = [];
  let flv: readonly Awaited<ReturnType<typeof watchFlv>>[] = [];
  beforeAll(async () => {
    grant = await rightTo('gated', { lifetimeSeconds: 20 });
    const revoke = async () => {
      const at = Date.now();
      const viewer = { platform, stream: streamOf('gated'), grant };
      // A viewer may change from HLS to FLV in the very moment.
      const changing =
        missingNode === undefined ? [0, 1, 2, 3].map((n) => pause(n * 20).then(() => watchFlv(viewer))) : [];
      await callApi(platform, `/streams/${streamOf('gated').id}/grants/${grant?.id}`, { method: 'DELETE' });
      flv = await Promise.all(changing);
      refused = [(await fetched(grant?.playback.native ?? '')).status];
      if (missingNode === undefined) refused.push((await watchFlv(viewer)).status);
      return at;
    };
    seconds = await measure(here(GATED), 'revoked', { gated: grant }, revoke, REVOKED_SECONDS + LATE);
  }, 120_000);

  forEach(GATED, 'is out within half a minute, and never in again', async (way) => {
    expect(seconds.get(way.name)).toBeLessThan(REVOKED_SECONDS);
    expect(await secondsUntilOver(await open(way, grant), Date.now(), 15)).toBeLessThan(15);
  });

  it('is told at once that the grant was revoked', () => {
    expect(refused).toEqual(missingNode === undefined ? [410, 410] : [410]);
  });

  realPart('and changes from HLS to FLV meanwhile', missingNode, () => {
    it('is out as well', async () => {
      for (const viewing of flv) expect(await viewing.overSince()).toBeDefined();
    });
  });
});

/** The addresses that were, of HLS and of a recording, in this order: index, playlist, segment. */
const before: Partial<Record<Policy, readonly string[]>> = {};

describe.each(['open', 'gated'] as const)('a stream that is suspended by the command of the runbook, %s', (policy) => {
  const ways = WAYS.filter((way) => way.policy === policy);
  let seconds = new Map<string, number>();
  let run: Awaited<ReturnType<typeof runPageCommand>>;
  let grant: GrantAnswer | undefined;
  beforeAll(async () => {
    const { id, playback } = streamOf(policy);
    grant = await rightTo(policy, { lifetimeSeconds: 120 });
    const urls = [...(await urlsFrom(playback.hls, grant)), ...(await urlsFrom(recordings[policy] ?? '', grant))];
    before[policy] = urls;
    await statusesOf(urls, grant);
    expect((await fetched(urls[5] ?? '', grant)).cache).toBe('HIT');
    const command = {
      page: 'infra/RUNBOOK.md',
      heading: 'Take a stream down',
      command: 'npm run take-down',
      words: { '$ENV ': '', '<id>': id, '<why>': 'a test' },
    };
    const order = async () => {
      run = await runPageCommand(command, { PLATFORM_API: platform.api, ADMIN_KEY: platform.adminKey });
      return run.firstLineAt - 1000 * outOfReach(run.stdout);
    };
    seconds = await measure(here(ways), 'suspended', { [policy]: grant }, order, 60);
  }, 180_000);

  it('ends well, and says in how many seconds the media was out of reach', () => {
    expect([run.code, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/is suspended, its media is out of reach \(\d+\.\d s\)\n(.*\n)*done/);
    measured.push(
      `${policy}: the command said '${run.stdout
        .trim()
        .split('\n')
        .find((line) => line.includes('out of reach'))}'`,
    );
    expect(outOfReach(run.stdout)).toBeLessThan(DOWN_SECONDS);
  });

  forEach(ways, 'nothing plays after ten seconds, though it was cached, nor later', async (way) => {
    expect(seconds.get(way.name)).toBeLessThan(DOWN_SECONDS);
    expect(await secondsUntilOver(await open(way, grant), Date.now(), 15)).toBeLessThan(15);
  });
});

const outOfReach = (said: string): number => Number(/out of reach \(([\d.]+) s\)/.exec(said)?.[1]);

describe.each(['open', 'gated'] as const)('a stream that is resumed, %s', (policy) => {
  const ways = WAYS.filter((way) => way.policy === policy);
  beforeAll(async () => {
    const { id } = streamOf(policy);
    await callApi(platform, `/streams/${id}/resume`, { method: 'POST', body: '{}' });
    recordings[policy] = await eventually('the recording', 120, () => recordingOf(id));
    send(policy);
    await onAir(policy, (before[policy]?.[1] ?? '').split('/').at(-2));
  }, 240_000);

  forEach(ways, 'a granted viewer plays again with a new grant', async (way) => {
    await (await playing(way, await rightTo(policy))).close();
  });

  it('nothing plays under the addresses of before, but the index that people share', async () => {
    const [index = '', ...old] = before[policy] ?? [];
    expect(isDead(await statusesOf(old, await rightTo(policy)))).toBe(true);
    expect(recordings[policy]).not.toBe(old[2]);
    expect((await fetched(index, await rightTo(policy))).status).toBe(200);
  });
});

describe.each(['open', 'gated'] as const)('a stream that is deleted, %s', (policy) => {
  const ways = WAYS.filter((way) => way.policy === policy);
  let seconds = new Map<string, number>();
  let grant: GrantAnswer | undefined;
  beforeAll(async () => {
    grant = await rightTo(policy, { lifetimeSeconds: 120 });
    const order = async () => {
      const at = Date.now();
      expect((await callApi(platform, `/streams/${streamOf(policy).id}`, { method: 'DELETE' })).status).toBe(204);
      return at;
    };
    seconds = await measure(here(ways), 'deleted', { [policy]: grant }, order, 60);
  }, 180_000);

  forEach(ways, 'nothing plays after ten seconds', async (way) => {
    expect(seconds.get(way.name)).toBeLessThan(DOWN_SECONDS);
    expect(await secondsUntilOver(await open(way, grant), Date.now(), 15)).toBeLessThan(15);
  });
});
