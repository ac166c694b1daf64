import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { z } from 'zod';
import { GrantAnswer } from '../../functions/contract/grants';
import { type Encoder, publish } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import { runScript } from '../support/platform/run-script';
import { type CreatedStream, callApi, createStream, eventually, pause, urisOf } from '../support/platform/viewer';
import { evidence } from '../support/secrets/evidence';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

/**
 * Who may play what, by every way there is, and what stops when: one platform, one stream of each policy with a recording and a
 * broadcast that is on air. By the nodes themselves (FLV, RTMP) with a real SRS only.
 */
const withSrs = process.env.SRS_BIN !== undefined;
/** Within which a take-down holds for everybody, cached or not. */
const DOWN_SECONDS = 10;
/** Within which the open connections of a revoked grant end. */
const REVOKED_SECONDS = 30;

const Recordings = z.object({
  recordings: z.array(z.object({ id: z.string(), state: z.string(), playback: z.object({ hls: z.string() }).optional() })),
});

let platform: ScannedPlatform;
const streams: Partial<Record<'open' | 'gated' | 'other', CreatedStream>> = {};
const encoders: Encoder[] = [];
const open: ChildProcess[] = [];

const streamOf = (name: keyof typeof streams): CreatedStream => {
  const stream = streams[name];
  if (stream === undefined) throw new Error(`no stream '${name}'`);
  return stream;
};
const send = ({ ingest: { rtmp } }: CreatedStream): Encoder => {
  const encoder = publish(`${rtmp.server}/${rtmp.streamKey}`);
  encoders.push(encoder);
  return encoder;
};
const recordingOf = async (id: string): Promise<string | undefined> => {
  const { recordings } = Recordings.parse(await (await callApi(platform, `/streams/${id}/recordings`)).json());
  return recordings.find(({ state }) => state === 'ready')?.playback?.hls;
};
const grantFor = async (id: string, body: object = {}): Promise<GrantAnswer> =>
  GrantAnswer.parse(
    await (await callApi(platform, `/streams/${id}/grants`, { method: 'POST', body: JSON.stringify(body) })).json(),
  );

/** Cookies of a grant, as a browser sends them to this path. */
const cookiesOf = ({ cookies }: GrantAnswer, url: string): string =>
  cookies
    .filter(({ path }) => new URL(url).pathname.startsWith(path))
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');

interface Fetched {
  status: number;
  cache: string | null;
  text: string;
}
async function fetched(url: string, grant?: GrantAnswer): Promise<Fetched> {
  const answer = await fetch(url, grant === undefined ? {} : { headers: { cookie: cookiesOf(grant, url) } });
  const text = await answer.text();
  // Nothing is left at the end: the scanner sees what viewers saw.
  if (text.startsWith('#EXTM3U')) evidence.see('playlist', url, text);
  return { status: answer.status, cache: answer.headers.get('x-cache'), text };
}

/** Every URL a player comes by: the playlist, what it lists, and the first segment. */
async function urlsFrom(playlist: string, grant?: GrantAnswer): Promise<string[]> {
  const { status, text } = await fetched(playlist, grant);
  const [first] = status === 200 ? urisOf(text) : [];
  if (first === undefined) return [playlist];
  const next = new URL(first, playlist).href;
  return next.includes('.m3u8') ? [playlist, ...(await urlsFrom(next, grant))] : [playlist, next];
}

const plays = async (urls: readonly string[], grant?: GrantAnswer): Promise<number[]> =>
  Promise.all(urls.map(async (url) => (await fetched(url, grant)).status));
const isDead = (statuses: readonly number[]): boolean => statuses.every((status) => status === 403 || status === 404);

beforeAll(async () => {
  platform = await startScanned(['--no-demo']);
  const wanted = { reconnectWindowSeconds: 0, recording: true };
  streams.open = await createStream(platform, { title: 'open', policy: 'open', ...wanted });
  streams.gated = await createStream(platform, { title: 'gated', policy: 'gated', ...wanted });
  streams.other = await createStream(platform, { title: 'of another tenant', policy: 'gated', ...wanted });
  const first = [streams.open, streams.gated].map(send);
  const onAir = (stream: CreatedStream, grant?: GrantAnswer) =>
    eventually('a segment', 60, async () => (await urlsFrom(stream.playback.hls, grant)).length === 3);
  await onAir(streams.open);
  await onAir(streams.gated, await grantFor(streams.gated.id));
  for (const encoder of first) await encoder.stop();
  for (const { id } of [streams.open, streams.gated]) await eventually('a recording', 120, () => recordingOf(id));
  const before = await Promise.all([streams.open, streams.gated].map(async ({ id }) => (await recordingOf(id)) ?? ''));
  for (const stream of [streams.open, streams.gated]) send(stream);
  await eventually('the next broadcast', 60, async () => {
    const urls = await urlsFrom(streamOf('open').playback.hls);
    return urls.length === 3 && !urls[1]?.includes(before[0]?.split('/').at(-2) ?? '');
  });
  const grant = await grantFor(streams.gated.id);
  await onAir(streams.gated, grant);
}, 400_000);

afterAll(async () => {
  for (const child of open) child.kill('SIGKILL');
  for (const encoder of encoders) await encoder.stop('SIGKILL');
  await platform?.end('SIGTERM');
}, 60_000);

describe('a viewer with a grant', () => {
  it('plays live and recorded, by cookies and by a playlist of its own, and without one nothing plays', async () => {
    const { id, playback } = streamOf('gated');
    const grant = await grantFor(id);
    const recording = (await recordingOf(id)) ?? '';
    for (const url of [playback.hls, recording]) {
      const urls = await urlsFrom(url, grant);
      expect(urls).toHaveLength(3);
      expect(await plays(urls, grant)).toEqual([200, 200, 200]);
      expect(isDead(await plays(urls))).toBe(true);
    }
    expect(await plays(await urlsFrom(grant.playback.native))).toEqual([200, 200, 200]);
  });

  it('of another tenant plays nothing', async () => {
    const { id, playback } = streamOf('gated');
    const stranger = await grantFor(streamOf('other').id);
    const urls = await urlsFrom(playback.hls, await grantFor(id));
    expect(isDead(await plays(urls, stranger))).toBe(true);
    const native = (await grantFor(id)).playback.native;
    const mixed = native.replace(/token=.*$/, stranger.playback.native.replace(/^.*(token=)/, '$1'));
    expect((await fetched(mixed)).status).toBe(401);
  });

  it('that has expired plays nothing', async () => {
    const { id, playback } = streamOf('gated');
    const grant = await grantFor(id, { lifetimeSeconds: 10, viewingSessionSeconds: 60 });
    const urls = await urlsFrom(playback.hls, grant);
    await eventually('the end of what was signed', 20, async () => isDead(await plays(urls, grant)));
    // Its token ends with the viewing session.
    await eventually('the end of the viewing session', 70, async () => (await fetched(grant.playback.native)).status === 401);
  }, 120_000);

  it('that was revoked reads no playlist of its own any more, at once', async () => {
    const { id } = streamOf('gated');
    const grant = await grantFor(id, { lifetimeSeconds: 10 });
    expect((await fetched(grant.playback.native)).status).toBe(200);
    await callApi(platform, `/streams/${id}/grants/${grant.id}`, { method: 'DELETE' });
    expect((await fetched(grant.playback.native)).status).toBe(410);
    const urls = await urlsFrom(streamOf('gated').playback.hls, grant);
    await eventually('the end of what was signed', 20, async () => isDead(await plays(urls, grant)));
  }, 60_000);
});

/** Reads until the node ends it. */
async function openFlv(id: string, token: string): Promise<{ status: number; ended: Promise<number> }> {
  const answer = await fetch(`${platform.api}/api/v1/flv/${id}.flv?token=${token}`);
  const reader = answer.body?.getReader();
  const ended = (async () => {
    for (;;) if ((await reader?.read().catch(() => ({ done: true })))?.done !== false) return Date.now();
  })();
  return { status: answer.status, ended };
}
function openRtmp(id: string, token: string): { ended: Promise<number>; started: Promise<unknown> } {
  const url = `${streamOf('gated').ingest.rtmp.server}/${id}?token=${token}`;
  const child = spawn(ffmpegPath, ['-nostdin', '-loglevel', 'error', '-i', url, '-c', 'copy', '-f', 'flv', 'pipe:1']);
  open.push(child);
  return { ended: once(child, 'close').then(() => Date.now()), started: once(child.stdout, 'data') };
}

realPart('a viewer of the node itself', withSrs ? undefined : 'SRS_BIN names no SRS', () => {
  it('plays by FLV and RTMP with a grant, and both end within half a minute once it is revoked; neither opens again', async () => {
    const { id } = streamOf('gated');
    const grant = await grantFor(id);
    const rtmp = openRtmp(id, grant.playToken);
    const flv = await openFlv(id, grant.playToken);
    await rtmp.started;
    expect(flv.status).toBe(200);
    const { plays: listed } = await (await callApi(platform, `/streams/${id}/plays`)).json();
    expect(listed.map(({ kind }: { kind: string }) => kind).sort()).toEqual(['flv', 'rtmp']);
    const revokedAt = Date.now();
    await callApi(platform, `/streams/${id}/grants/${grant.id}`, { method: 'DELETE' });
    expect((await openFlv(id, grant.playToken)).status).toBe(410);
    for (const ended of [rtmp.ended, flv.ended]) expect((await ended) - revokedAt).toBeLessThan(REVOKED_SECONDS * 1000);
    await openRtmp(id, grant.playToken).ended;
  }, 90_000);

  it('of another tenant, or whose token has expired, opens nothing', async () => {
    const { id } = streamOf('gated');
    const stranger = await grantFor(streamOf('other').id);
    const short = await grantFor(id, { lifetimeSeconds: 10 });
    expect((await openFlv(id, stranger.playToken)).status).toBe(404);
    await pause(11_000);
    expect((await openFlv(id, short.playToken)).status).toBe(404);
  }, 60_000);
});

describe.each(['open', 'gated'] as const)('a stream that is taken down, %s', (policy) => {
  it('plays nowhere within ten seconds, cached or not; resumed, its recording is elsewhere; deleted, it is gone', async () => {
    const { id, playback } = streamOf(policy);
    const grant = policy === 'gated' ? await grantFor(id, { lifetimeSeconds: 120 }) : undefined;
    const recording = (await recordingOf(id)) ?? '';
    const urls = [...(await urlsFrom(playback.hls, grant)), ...(await urlsFrom(recording, grant))];
    expect(urls).toHaveLength(6);
    await plays(urls, grant);
    expect((await fetched(urls[5] ?? '', grant)).cache).toBe('HIT');
    const native = grant && (await urlsFrom(grant.playback.native));
    const flv = withSrs ? await openFlv(id, grant?.playToken ?? '') : undefined;

    const began = Date.now();
    const run = runScript('scripts/tools/take-down/main.ts', [id, '--reason', 'a test'], {
      ...{ PLATFORM_API: platform.api, ADMIN_KEY: platform.adminKey },
    });
    await eventually('nothing plays any more', 60, async () => isDead(await plays(urls, grant)));
    const { code, stdout, stderr } = await run;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/is suspended, its media is out of reach \(\d+\.\d s\)\n(.*\n)*done/);
    expect(Number(/out of reach \(([\d.]+) s\)/.exec(stdout)?.[1])).toBeLessThan(DOWN_SECONDS);
    if (native) expect((await plays(native)).every((status) => status >= 400)).toBe(true);
    if (flv) expect((await flv.ended) - began).toBeLessThan(60_000);
    await pause(3000);
    expect(isDead(await plays(urls, grant))).toBe(true);

    await callApi(platform, `/streams/${id}/resume`, { method: 'POST', body: '{}' });
    const elsewhere = await eventually('the recording', 120, () => recordingOf(id));
    expect(elsewhere).not.toBe(recording);
    const again = policy === 'gated' ? await grantFor(id) : undefined;
    expect(await plays(await urlsFrom(elsewhere, again), again)).toEqual([200, 200, 200]);
    expect(isDead((await plays(urls, again)).slice(3))).toBe(true);

    expect((await callApi(platform, `/streams/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(isDead(await plays([...urls, ...(await urlsFrom(elsewhere, again))], again))).toBe(true);
  }, 240_000);
});
