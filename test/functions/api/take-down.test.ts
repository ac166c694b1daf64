import { updateLive } from '../../../functions/app/delivery/update-live';
import { takeHeartbeat } from '../../../functions/app/publish/take-heartbeat';
import { takenDownMark } from '../../../functions/contract/objects/layout';
import { reconcilerHandler } from '../../../functions/reconciler/handler';
import { ADMIN, type ApiRig, apiRig, withDeps } from '../../support/api-rig';
import { publish, type SessionShape, sessionOf as sessionIdOf } from '../../support/delivery';
import { FakeCdn } from '../../support/fake-cdn';
import {
  broadcastOf,
  heartbeatOf,
  nodeOf,
  publishedStream,
  reported,
  STREAM_ID,
  sessionOf,
} from '../../support/streams';

let rig: ApiRig;
let cdn: FakeCdn;
const BROADCAST = broadcastOf().id;
const SESSION = sessionIdOf(1);
const PATHS = [`/open/p/${STREAM_ID}/*`, `/open/s/${STREAM_ID}/*`];

const upload = (shape: SessionShape) => publish(rig.buckets.ingest, rig.buckets.open, shape);
const merge = (ordinal = 1) =>
  updateLive(rig.deps, { streamId: STREAM_ID, sessionId: sessionIdOf(ordinal), rendition: 'source' });
const pass = async () => {
  const reconcile = reconcilerHandler({ ...rig.deps, ...rig.deps.takeDown });
  return (await reconcile(new Request('http://function/', { method: 'POST' }))).json();
};
const order = (name: string) => rig.ask('POST', `/streams/${STREAM_ID}/${name}`, { headers: ADMIN, body: {} });
const state = async () => (await (await rig.ask('GET', `/streams/${STREAM_ID}/take-down`)).json()).state;
const stored = async (bucket: 'open' | 'gated') => (await rig.buckets[bucket].list('')).map(({ name }) => name);
const beat = (sessions = [reported(sessionOf(1, { id: SESSION }))]) =>
  takeHeartbeat(heartbeatOf({ sessions }), rig.deps);

/** A stream that is live and open, its first three segments with viewers. */
beforeEach(async () => {
  rig = apiRig();
  cdn = new FakeCdn();
  withDeps(rig, { takeDown: { ...rig.deps.takeDown, cdn } });
  const startedAt = rig.deps.clock.now() - 60_000;
  const session = sessionOf(1, { id: SESSION, startedAt });
  const broadcast = broadcastOf({ startedAt, recording: true });
  const stream = publishedStream(session, { unfinished: [broadcast], owner: 'shop' });
  await rig.deps.streamStore.changeStream(STREAM_ID, () => ({
    change: { stream, sessions: [session], broadcasts: [broadcast] },
    result: 0,
  }));
  await rig.deps.streamStore.changeNode('node-1', () => ({
    node: nodeOf({ heartbeatAt: rig.deps.clock.now() }),
    result: 0,
  }));
  await upload({ durations: [2, 2, 2] });
  await merge();
  expect(await stored('open')).toHaveLength(5);
});

/** The node has let go, and a minute later the broadcast is finished. */
async function nodeLetsGo(): Promise<void> {
  await rig.deps.clock.advance(20_000);
  await beat([]);
  await pass();
}

describe('a stream that is suspended', () => {
  it('has nothing in the bucket of its viewers from that moment on, and the CDN was asked to forget it', async () => {
    expect((await order('suspend')).status).toBe(200);
    expect(await stored('open')).toEqual([]);
    expect(cdn.forgotten).toEqual(PATHS);
    expect(await state()).toBe('done');
  });

  it('keeps the viewers who come once it is resumed: no node is told to end them any more', async () => {
    const told = async () => (await beat()).commands.filter(({ kind }) => kind === 'end_plays');
    await order('suspend');
    expect(await told()).toHaveLength(1);
    await order('resume');
    expect(await told()).toEqual([]);
  });

  it('has what nodes deliver of it forgotten by the CDN too, where it is of low latency', async () => {
    await rig.deps.streamStore.changeStream(STREAM_ID, (found) =>
      found === undefined ? { result: 0 } : { change: { stream: { ...found, latency: 'low' } }, result: 0 },
    );
    await order('suspend');
    expect(cdn.forgotten).toEqual([...PATHS, `/live/${STREAM_ID}/*`]);
  });

  it('has the connections of its viewers ended', async () => {
    await order('suspend');
    expect((await beat()).commands).toContainEqual({ kind: 'end_plays', streamId: STREAM_ID, reason: 'take_down' });
  });

  it('gets no live playlist from what its node had still to upload, nor a recording', async () => {
    await order('suspend');
    await upload({ from: 3, durations: [2] });
    expect(await merge()).toBe('absent');
    await nodeLetsGo();
    expect(await stored('open')).toEqual([]);
    expect((await stored('gated')).filter((name) => name.startsWith('held/open/s/'))).toHaveLength(4);
    const { recordings } = await (await rig.ask('GET', `/streams/${STREAM_ID}/recordings`)).json();
    expect(recordings).toMatchObject([{ id: BROADCAST, state: 'taken_down' }]);
  });

  it('keeps nothing of a broadcast that was not to be recorded', async () => {
    await rig.deps.streamStore.changeStream(STREAM_ID, (stream) => {
      const unfinished = [broadcastOf({ recording: false })];
      return stream === undefined ? { result: 0 } : { change: { stream: { ...stream, unfinished } }, result: 0 };
    });
    await order('suspend');
    expect((await stored('gated')).filter((name) => name.startsWith('held/open/'))).toEqual([]);
  });

  it('is taken down once more when it is suspended once more', async () => {
    await order('suspend');
    await upload({ from: 3, durations: [2] });
    await order('suspend');
    expect(await stored('open')).toEqual([]);
    expect((await rig.deps.streamStore.getStream(STREAM_ID))?.mediaEpoch).toBe(1);
  });
});

describe('a stream that is resumed', () => {
  const play = async () => {
    const { recordings } = await (await rig.ask('GET', `/streams/${STREAM_ID}/recordings`)).json();
    return recordings[0]?.playback?.hls;
  };

  it('has its recording back under another URL, every segment of it under another path', async () => {
    await order('suspend');
    await nodeLetsGo();
    await order('resume');
    expect(await play()).toBe(`https://live.example.com/open/p/${STREAM_ID}/${BROADCAST}.1/recording.m3u8`);
    const name = `open/p/${STREAM_ID}/${BROADCAST}.1/recording-source.m3u8`;
    const text = (await rig.buckets.open.read(name))?.text ?? '';
    expect(text.match(/^\/open.*$/gm)).toEqual(
      [0, 1, 2].map((n) => `/open/s/${STREAM_ID}/${SESSION}.1/source/${n}.ts`),
    );
    expect((await stored('open')).every((each) => each.includes('.1/'))).toBe(true);
    expect(await stored('gated')).toEqual([
      takenDownMark({ policy: 'open', streamId: STREAM_ID, broadcastId: BROADCAST }),
    ]);
  });

  it('whose broadcast is not finished has the recording once it is', async () => {
    await order('suspend');
    await order('resume');
    expect(await play()).toBeUndefined();
    await upload({ from: 3, durations: [2] });
    await nodeLetsGo();
    expect(await play()).toContain(`${BROADCAST}.1/recording.m3u8`);
    expect((await stored('open')).filter((name) => name.includes(`${SESSION}.1/source/`))).toHaveLength(4);
  });

  it('twice is under a third URL, and the second is dead', async () => {
    await order('suspend');
    await nodeLetsGo();
    for (const name of ['resume', 'suspend', 'resume']) await order(name);
    expect(await play()).toContain(`${BROADCAST}.2/`);
    expect((await stored('open')).filter((name) => !name.includes('.2/'))).toEqual([]);
  });
});

describe('a take-down that fails half-way', () => {
  it('stands, and the reconciler goes on with it', async () => {
    const { move } = rig.deps.takeDown;
    let moves = 0;
    const failing: typeof move = (...places) => (++moves > 1 ? Promise.reject(new Error('503')) : move(...places));
    withDeps(rig, { takeDown: { ...rig.deps.takeDown, move: failing } });
    expect((await order('suspend')).status).toBe(200);
    expect(await state()).toBe('removing');
    expect((await stored('open')).filter((name) => name.endsWith('.m3u8'))).toEqual([]);
    withDeps(rig, { takeDown: { ...rig.deps.takeDown, move } });
    expect(await pass()).toMatchObject({ mediaWork: 1, failed: 0 });
    expect(await stored('open')).toEqual([]);
    expect(await state()).toBe('done');
  });

  it('because the quota of the CDN is used up is asked again every minute, and says so', async () => {
    cdn.quota = 1;
    await order('suspend');
    expect(await state()).toBe('invalidating');
    const { invalidations } = await (await rig.ask('GET', `/streams/${STREAM_ID}/take-down`)).json();
    expect(invalidations).toMatchObject([
      { path: PATHS[0], state: 'done' },
      { path: PATHS[1], state: 'queued', attempts: 1, detail: '403: rateLimitExceeded' },
    ]);
    cdn.quota = 500;
    await pass();
    expect(new Set(cdn.forgotten)).toEqual(new Set(PATHS));
    expect(await state()).toBe('done');
  });

  it('of a deletion is done by asking again', async () => {
    await rig.deps.clock.advance(60_000);
    const { deleteStream } = rig.deps.streamStore;
    rig.deps.streamStore.deleteStream = () => Promise.reject(new Error('Firestore is away'));
    expect((await rig.ask('DELETE', `/streams/${STREAM_ID}`)).status).toBe(500);
    expect([...(await stored('open')), ...(await stored('gated'))]).toEqual([]);
    rig.deps.streamStore.deleteStream = deleteStream;
    expect((await rig.ask('DELETE', `/streams/${STREAM_ID}`)).status).toBe(204);
    expect(await rig.deps.streamStore.getStream(STREAM_ID)).toBeUndefined();
  });
});

describe('a stream that is deleted', () => {
  it('leaves nothing, and one can read what the CDN makes of it: its owner, and nobody else', async () => {
    await rig.deps.clock.advance(60_000);
    expect((await rig.ask('DELETE', `/streams/${STREAM_ID}`)).status).toBe(204);
    expect([...(await stored('open')), ...(await stored('gated'))]).toEqual([]);
    expect(await state()).toBe('done');
    const owner = await rig.caller({ role: 'publisher', subject: 'shop' });
    const other = await rig.caller({ role: 'publisher', subject: 'other' });
    const asked = [owner, other].map((headers) => rig.ask('GET', `/streams/${STREAM_ID}/take-down`, { headers }));
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 404]);
  });
});
