import { z } from 'zod';
import { firestoreClient } from '../../functions/adapters/gcp/firestore/firestore-client';
import { firestoreStreamStore } from '../../functions/adapters/gcp/firestore/stream-store';
import type { ApiLimits } from '../../functions/contract/limits';
import type { Stream } from '../../functions/contract/state';
import { type Rig, startRig } from '../../scripts/tools/faults/rig';
import type { SmokeTarget } from '../../scripts/tools/smoke/target';
import { type Encoder, publish } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import {
  type CreatedStream,
  callApi,
  createStream,
  eventually,
  livePlaylist,
  tagOf,
  urisOf,
} from '../support/platform/viewer';
import { isDead, statusesOf, urlsFrom } from '../support/platform/viewing';
import { freeBase } from '../support/platform/worker-ports';
import { changedEnvironment } from '../support/publishing/changed-environment';

/** A customer's key may ask five times at once and once a second; publishers may own nothing. */
const LIMITS: ApiLimits = {
  rates: { perKey: { perMinute: 60, burst: 5 }, perPublisher: { perMinute: 600, burst: 100 } },
  quotas: { streams: 0, apiKeys: 20, webhooks: 0, grants: 0 },
};
const DAY_MS = 86_400_000;

let rig: Rig;
let platform: SmokeTarget;
let changed: Awaited<ReturnType<typeof changedEnvironment>>;
const encoders: Encoder[] = [];

const send = ({ ingest }: CreatedStream): Encoder => {
  const encoder = publish(`${ingest.rtmp.server}/${ingest.rtmp.streamKey}`);
  encoders.push(encoder);
  return encoder;
};

/** A stream on air, with all that a viewer has fetched: index, playlist and segment, cached. */
async function onAir(title: string) {
  const stream = await createStream(platform, { title, policy: 'open', recording: true, reconnectWindowSeconds: 0 });
  const encoder = send(stream);
  const urls = await eventually('a segment', 60, async () => {
    const found = await urlsFrom(stream.playback.hls);
    return found.length === 3 && found;
  });
  expect(await statusesOf(urls)).toEqual([200, 200, 200]);
  return { stream, encoder, urls };
}

const order = (path: string, method = 'POST', body = {}) =>
  callApi(platform, path, { method, ...(method === 'POST' && { body: JSON.stringify(body) }) });
const numberOf = async (stream: CreatedStream): Promise<number> => {
  const { text = '' } = (await livePlaylist(stream.playback.hls)) ?? {};
  return tagOf(text, 'EXT-X-MEDIA-SEQUENCE') + urisOf(text).length;
};

/** Bad input of an operator and of a customer's program, on a running platform. */
realPart('bad input, on a real SRS', process.env.SRS_BIN === undefined ? 'SRS_BIN not set' : undefined, () => {
  beforeAll(async () => {
    changed = await changedEnvironment('API_LIMITS', LIMITS);
    rig = await startRig({ portBase: await freeBase(), root: changed.root });
    const { edge, adminKey } = rig.stack.addresses;
    platform = { api: edge, adminKey };
  }, 180_000);

  afterEach(async () => {
    for (const encoder of encoders.splice(0)) await encoder.stop('SIGKILL');
  });
  afterAll(async () => {
    await rig?.stop();
    changed?.remove();
  }, 60_000);

  it('a deletion that fails half-way says so, is over for viewers, and is done when it is repeated', async () => {
    const { stream, urls, encoder } = await onAir('deleted twice');
    const { faults } = rig.stack.controls.store;
    const heal = faults.add({ operations: ['objects.delete'], name: /\/s\//, status: 503 });
    const first = await order(`/streams/${stream.id}`, 'DELETE');
    expect(first.status).toBeGreaterThanOrEqual(500);
    expect(first.headers.get('content-type')).toContain('application/problem+json');
    await eventually('no playlist any more', 10, async () => isDead(await statusesOf(urls.slice(0, 2))));
    await encoder.exited;
    expect(await send(stream).exited).not.toBe(0);
    heal();
    const again = await order(`/streams/${stream.id}`, 'DELETE');
    expect(again.status).toBe(204);
    expect(isDead(await statusesOf(urls))).toBe(true);
    expect((await order(`/streams/${stream.id}`, 'DELETE')).status).toBe(404);
  }, 180_000);

  const TakeDown = z.object({
    state: z.string(),
    invalidations: z.array(
      z.object({ state: z.string(), attempts: z.int().optional(), detail: z.string().optional() }),
    ),
  });
  const takeDownOf = async ({ id }: CreatedStream) =>
    TakeDown.parse(await (await callApi(platform, `/streams/${id}/take-down`)).json());

  it('a take-down beyond the quota of the CDN says so, and is done with the next minute', async () => {
    const { stream, urls } = await onAir('beyond the quota');
    const { cdnApi } = rig.ports;
    const useUp = () =>
      fetch(`http://127.0.0.1:${cdnApi}/compute/v1/projects/p/global/urlMaps/m/invalidateCache`, {
        method: 'POST',
        body: JSON.stringify({ path: '/nothing' }),
      });
    // In waves: a listen queue has room for 511, and connections beyond it are given up after 10 s.
    const statuses = new Set<number>();
    for (let wave = 0; wave < 15 && !statuses.has(403); wave += 1)
      for (const { status } of await Promise.all(Array.from({ length: 40 }, useUp))) statuses.add(status);
    expect([...statuses]).toContain(403);
    expect((await order(`/streams/${stream.id}/suspend`, 'POST', { reason: 'a test' })).status).toBe(200);
    const { state, invalidations } = await takeDownOf(stream);
    expect(state).toBe('invalidating');
    expect(invalidations.map(({ detail = '' }) => detail).join()).toContain('rateLimitExceeded');
    // A cache may keep segments, and keeps a playlist for a second only.
    await eventually('no playlist any more', 10, async () => isDead(await statusesOf(urls.slice(0, 2))));
    await eventually('the next minute', 180, async () => (await takeDownOf(stream)).state === 'done');
    expect(isDead(await statusesOf(urls))).toBe(true);
  }, 300_000);

  it('a retention shorter than a running broadcast takes earlier recordings, and nothing that is on air', async () => {
    const { stream, encoder, urls } = await onAir('on air for days');
    await encoder.stop();
    const recording = await eventually('the recording of before', 120, () => recordingOf(stream));
    const before = await urlsFrom(recording);
    expect(await statusesOf(before)).toEqual([200, 200, 200]);
    send(stream);
    await eventually('on air again', 60, async () => {
      const [, media = urls[1], segment] = await urlsFrom(stream.playback.hls);
      return segment !== undefined && media !== urls[1];
    });
    const keeping = { method: 'PATCH', body: JSON.stringify({ recordingDays: 1 }) };
    expect((await callApi(platform, `/streams/${stream.id}`, keeping)).status).toBe(200);
    await beganDaysAgo(stream.id);
    await rig.stack.controls.scheduler.runNow();
    await eventually('the recording of before gone', 60, async () => isDead(await statusesOf(before)));
    const running = await urlsFrom(stream.playback.hls);
    expect(await statusesOf(running)).toEqual([200, 200, 200]);
    const number = await numberOf(stream);
    await eventually('segments more', 30, async () => (await numberOf(stream)) >= number + 3);
    for (const each of encoders.splice(0)) await each.stop();
    // It is kept for its day from its end on.
    const own = await eventually('the recording of what was on air', 120, () => recordingOf(stream));
    await rig.stack.controls.scheduler.runNow();
    expect(await statusesOf(await urlsFrom(own))).toEqual([200, 200, 200]);
  }, 400_000);

  const Recordings = z.object({
    recordings: z.array(z.object({ state: z.string(), playback: z.object({ hls: z.string() }).optional() })),
  });
  async function recordingOf({ id }: CreatedStream): Promise<string | undefined> {
    const { recordings } = Recordings.parse(await (await callApi(platform, `/streams/${id}/recordings`)).json());
    return recordings.find(({ state }) => state === 'ready')?.playback?.hls;
  }

  /** Has all of a stream's broadcasts begun, and the finished ones ended, two days ago, by the database itself. */
  async function beganDaysAgo(id: CreatedStream['id']): Promise<void> {
    const database = {
      projectId: 'srs-live-dev',
      databaseId: 'srs-live-dev-registry',
      host: `127.0.0.1:${rig.ports.firestore}`,
    };
    const client = firestoreClient(database);
    const store = firestoreStreamStore(client);
    const ago = Date.now() - 2 * DAY_MS;
    const broadcasts = await store.listBroadcasts(id);
    await store.changeStream<void>(id, (stream) => {
      if (stream === undefined) throw new Error('no stream');
      const older: Stream = {
        ...stream,
        recordingsExpireAt: ago,
        unfinished: stream.unfinished.map((each) => ({ ...each, startedAt: ago })),
        ...(stream.session && { session: { ...stream.session, startedAt: ago } }),
      };
      const aged = broadcasts.map((each) => ({ ...each, startedAt: ago, ...(each.closedAt && { closedAt: ago }) }));
      return { change: { stream: older, broadcasts: aged }, result: undefined };
    });
    await client.terminate();
  }

  const Key = z.object({ key: z.string() });
  async function publisher(subject: string): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
    const made = await order('/api-keys', 'POST', { name: subject, role: 'publisher', subject });
    const { key } = Key.parse(await made.json());
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    return (path, init = {}) => fetch(`${platform.api}/api/v1${path}`, { headers, ...init });
  }

  it('a client that ignores Retry-After is refused each time, holds up nobody, and gets in in time', async () => {
    const hasty = await publisher('hasty');
    const other = await publisher('other');
    const storm = Array.from({ length: 60 }, () => hasty('/streams'));
    const beside = (await other('/streams')).status;
    const answers = await Promise.all(storm);
    const refused = answers.filter(({ status }) => status === 429);
    expect(beside).toBe(200);
    expect(refused.length).toBeGreaterThan(20);
    expect(answers.every(({ status }) => status === 429 || status === 200)).toBe(true);
    for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    await eventually('let in again', 10, async () => (await hasty('/streams')).status === 200);
    expect((await callApi(platform, '/streams')).status).toBe(200);
  }, 60_000);

  it.each([
    ['streams', '/streams', { title: 'none' }],
    ['webhooks', '/webhooks', { url: 'https://receiver.example/hook' }],
  ])('a limit of 0 %s refuses the first one of a publisher, names the limit, and shows it', async (of, path, body) => {
    const ask = await publisher(`nobody-${of}`);
    const answer = await ask(path, { method: 'POST', body: JSON.stringify(body) });
    const detail = `the publisher may have no ${of}: the limit is 0`;
    expect([answer.status, await answer.json()]).toEqual([409, expect.objectContaining({ detail })]);
    const { quotas } = z
      .object({ quotas: z.array(z.looseObject({ of: z.string() })) })
      .parse(await (await ask('/quotas')).json());
    expect(quotas).toContainEqual({ of, used: 0, allowed: 0 });
  });

  it.each([
    ['recordingDays', { recordingDays: 0 }],
    ['maxBitrateBps', { maxBitrateBps: 0 }],
    ['maxDurationSeconds', { maxDurationSeconds: 0 }],
    ['dvrWindowSeconds', { dvrWindowSeconds: 0 }],
  ])('a %s of 0 is refused with the name of the field and what is allowed', async (field, body) => {
    const answer = await order('/streams', 'POST', { title: 'zero', ...body });
    expect([answer.status, JSON.stringify(await answer.json())]).toEqual([422, expect.stringContaining(field)]);
  });
});
