import { finishBroadcast } from '../../../functions/app/delivery/finish-broadcast';
import { encodeMetadata } from '../../../functions/contract/objects/metadata';
import { type ApiRig, apiRig } from '../../support/api-rig';
import { broadcastOf, nodeOf, publishedStream, reported, STREAM_ID, sessionOf } from '../../support/streams';

/** Two broadcasts: the first of sessions 1 and 2, the second of session 3; two segments each. */
let rig: ApiRig;
const NOW = Date.UTC(2026, 10, 20, 10);
const minutes = (count: number) => count * 60_000;
const session = (ordinal: number, from: number, to: number) =>
  sessionOf(ordinal, {
    broadcastId: ordinal === 3 ? 'b3-aaaaaaaa' : 'b1-aaaaaaaa',
    startedAt: NOW - minutes(from),
    endedAt: NOW - minutes(to),
    endReason: 'unpublished',
  });
const SESSIONS = [session(1, 60, 50), session(2, 49.5, 40), session(3, 20, 5)];
const BROADCASTS = ['b1-aaaaaaaa', 'b3-aaaaaaaa'].map((id, index) =>
  broadcastOf({ id, state: 'closed', startedAt: NOW - minutes(60 - 40 * index), closedAt: NOW, recording: true }),
);
const segment = (ordinal: number, number: number) =>
  `open/s/${STREAM_ID}/${SESSIONS[ordinal - 1]?.id}/source/${number}.ts`;

beforeEach(async () => {
  rig = apiRig();
  const stream = publishedStream(SESSIONS[2], { ordinal: 3, unfinished: [], createdAt: NOW - minutes(90) });
  await rig.deps.streamStore.changeStream(STREAM_ID, () => ({
    change: { stream, sessions: SESSIONS, broadcasts: BROADCASTS },
    result: 0,
  }));
  for (const each of SESSIONS) await upload(each.ordinal);
  for (const { id } of BROADCASTS)
    await finishBroadcast(rig.deps, {
      stream,
      broadcastId: id,
      sessions: SESSIONS.filter(({ broadcastId }) => broadcastId === id),
    });
});

async function upload(ordinal: number): Promise<void> {
  const { id, broadcastId } = SESSIONS[ordinal - 1] ?? sessionOf(1);
  const programDateTime = new Date(NOW).toISOString();
  for (const number of [0, 1]) {
    const metadata = encodeMetadata({ durationMs: 2000, programDateTime, discontinuity: false });
    await rig.buckets.open.write(segment(ordinal, number), '12345678', {
      contentType: 'x',
      cacheControl: 'x',
      metadata,
      ifGenerationMatch: '0',
    });
  }
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    '#EXT-X-TARGETDURATION:2',
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXTINF:2.000,',
    '0.ts',
    '#EXTINF:2.000,',
    '1.ts',
    '',
  ];
  const about = {
    policy: 'open',
    broadcast: broadcastId,
    ordinal,
    window: 30,
    ended: true,
    attributes: { bandwidth: 1 },
  };
  const options = { contentType: 'x', cacheControl: 'x', metadata: encodeMetadata(about), ifGenerationMatch: '0' };
  await rig.buckets.ingest.write(`${STREAM_ID}/${id}/source.m3u8`, lines.join('\n'), options);
}

const get = async (path: string) => (await rig.ask('GET', `/streams/${STREAM_ID}${path}`)).json();
const remove = async (path: string) => (await rig.ask('DELETE', `/streams/${STREAM_ID}${path}`)).status;
/** Returns the paths that were invalidated in the CDN. */
const forgotten = async () =>
  (await rig.deps.takeDown.invalidations.ofStream(STREAM_ID)).map(({ path }) => path).sort();
const names = async () =>
  [...(await rig.buckets.open.list('')), ...(await rig.buckets.ingest.list(''))].map(({ name }) => name);
/** Every playlist names only what is there. */
async function expectWhole(): Promise<void> {
  for (const { name } of await rig.buckets.open.list('open/p/')) {
    const text = (await rig.buckets.open.read(name))?.text ?? '';
    for (const uri of text.split('\n').filter((line) => line.startsWith('/')))
      expect(await names()).toContain(uri.slice(1));
  }
}

describe('sessions', () => {
  it('are listed, newest first, page by page', async () => {
    const first = await get('/sessions?limit=2');
    expect(first.sessions.map(({ id }: { id: string }) => id)).toEqual([SESSIONS[2]?.id, SESSIONS[1]?.id]);
    const rest = await get(`/sessions?limit=2&cursor=${first.nextCursor}`);
    expect(rest).toEqual({
      sessions: [
        {
          id: SESSIONS[0]?.id,
          broadcastId: 'b1-aaaaaaaa',
          nodeId: 'node-1',
          live: false,
          endReason: 'unpublished',
          startedAt: '2026-11-20T09:00:00.000Z',
          endedAt: '2026-11-20T09:10:00.000Z',
        },
      ],
    });
  });

  it('leave their recording before they go', async () => {
    expect(await remove(`/sessions/${SESSIONS[0]?.id}`)).toBe(204);
    const recording = await rig.buckets.open.read(`open/p/${STREAM_ID}/b1-aaaaaaaa/recording-source.m3u8`);
    expect(recording?.text).toContain(segment(2, 1));
    expect(recording?.text).not.toContain(SESSIONS[0]?.id);
    expect((await names()).filter((name) => name.includes(`${SESSIONS[0]?.id}/`))).toEqual([]);
    expect((await get('/sessions')).sessions).toHaveLength(2);
    expect(await forgotten()).toEqual([
      `/open/p/${STREAM_ID}/b1-aaaaaaaa*`,
      `/open/s/${STREAM_ID}/${SESSIONS[0]?.id}*`,
    ]);
    expect(await remove(`/sessions/${SESSIONS[0]?.id}`)).toBe(404);
    await expectWhole();
  });

  it('take their recording along when they are its last', async () => {
    expect(await remove(`/sessions/${SESSIONS[2]?.id}`)).toBe(204);
    expect((await get('/recordings')).recordings).toHaveLength(1);
    await expectWhole();
  });
});

describe('recordings', () => {
  it('are listed with where they play, newest first, page by page', async () => {
    const first = await get('/recordings?limit=1');
    expect(first.recordings).toMatchObject([{ id: 'b3-aaaaaaaa', state: 'ready' }]);
    const rest = await get(`/recordings?limit=1&cursor=${first.nextCursor}`);
    expect(rest.recordings[0].playback.hls).toBe(
      `https://live.example.com/open/p/${STREAM_ID}/b1-aaaaaaaa/recording.m3u8`,
    );
    expect(rest).not.toHaveProperty('nextCursor');
    expect((await get('/recordings/b1-aaaaaaaa')).sessions).toEqual([SESSIONS[0]?.id, SESSIONS[1]?.id]);
  });

  it('go with all their media, and nothing of another', async () => {
    expect(await remove('/recordings/b1-aaaaaaaa')).toBe(204);
    expect((await names()).filter((name) => /b1-aaaaaaaa|\/[12]-aaaaaaa/.test(name))).toEqual([]);
    const sessions = [SESSIONS[0], SESSIONS[1]].map((session) => `/open/s/${STREAM_ID}/${session?.id}*`);
    expect(await forgotten()).toEqual([`/open/p/${STREAM_ID}/b1-aaaaaaaa*`, ...sessions]);
    expect(await names()).toContain(segment(3, 1));
    expect(await names()).toContain(`open/p/${STREAM_ID}/index.m3u8`);
    expect((await get('/sessions')).sessions).toHaveLength(1);
    await expectWhole();
  });

  it('take the index along that shows them', async () => {
    expect(await remove('/recordings/b3-aaaaaaaa')).toBe(204);
    expect(await names()).not.toContain(`open/p/${STREAM_ID}/index.m3u8`);
    expect((await rig.deps.streamStore.getStream(STREAM_ID))?.ordinal).toBe(3);
    await expectWhole();
  });

  it('can be deleted again when it failed half-way', async () => {
    const { remove: original } = rig.buckets.open;
    rig.buckets.open.remove = () => Promise.reject(new Error('storage'));
    expect(await remove('/recordings/b1-aaaaaaaa')).toBe(500);
    rig.buckets.open.remove = original;
    expect(await remove('/recordings/b1-aaaaaaaa')).toBe(204);
    await expectWhole();
  });
});

describe('usage', () => {
  it('counts what was published, and what is stored', async () => {
    const stored = (await rig.buckets.open.list(''))
      .concat(await rig.buckets.ingest.list(''))
      .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(await get('/usage')).toEqual({
      from: '2026-11-20T08:30:00.000Z',
      to: '2026-11-20T10:00:00.000Z',
      publishedMinutes: 34.5,
      bytesStored: stored,
    });
    expect((await get('/usage?from=2026-11-20T09:05:00Z&to=2026-11-20T09:11:30Z')).publishedMinutes).toBe(6);
  });

  it('counts a live session until now', async () => {
    const live = sessionOf(4, { startedAt: NOW - minutes(3) });
    await rig.deps.streamStore.changeStream(STREAM_ID, (stream) => ({
      change: { ...(stream && { stream }), sessions: [live] },
      result: 0,
    }));
    await rig.deps.streamStore.changeNode('node-1', () => ({
      node: nodeOf({ heartbeatAt: NOW, sessions: [reported(live)] }),
      result: 0,
    }));
    expect((await get('/usage')).publishedMinutes).toBe(37.5);
  });

  it('refuses a range that ends before it begins', async () => {
    expect(
      (await rig.ask('GET', `/streams/${STREAM_ID}/usage?from=2026-11-20T10:00:00Z&to=2026-11-20T09:00:00Z`)).status,
    ).toBe(400);
  });
});
