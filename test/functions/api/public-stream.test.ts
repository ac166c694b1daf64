import type { Stream } from '../../../functions/contract/state';
import { type ApiRig, apiRig, withDeps } from '../../support/api-rig';
import { nodeOf, publishedStream, reported, STREAM_ID, sessionOf, streamOf } from '../../support/streams';

let rig: ApiRig;
beforeEach(() => {
  rig = apiRig();
});

const ask = (id = STREAM_ID) => rig.ask('GET', `/streams/${id}/public`, { headers: {} });
const shown = async () => (await ask()).json();
const now = () => rig.deps.clock.now();
const beat = (sessions = [reported(sessionOf(1))]) =>
  rig.deps.streamStore.changeNode('node-1', () => ({ node: nodeOf({ heartbeatAt: now(), sessions }), result: 0 }));
const create = (stream: Stream) => rig.deps.streamStore.createStream(stream);

describe('the public state of a stream', () => {
  it('is its title, its policy and its state, and a browser may keep it for two seconds', async () => {
    await create(streamOf({ owner: 'ann', publisherAddresses: ['192.0.2.1'], metadata: { room: '12' } }));
    const answer = await ask();
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=2']);
    expect(await answer.json()).toEqual({ id: STREAM_ID, title: 'a stream', policy: 'open', state: 'idle' });
  });

  it('leaves the title of a gated stream out', async () => {
    await create(streamOf({ policy: 'gated' }));
    expect(await shown()).toEqual({ id: STREAM_ID, policy: 'gated', state: 'idle' });
  });

  it('is live while its node says so', async () => {
    await create(publishedStream({ startedAt: now() - 60_000 }));
    await beat();
    expect(await shown()).toMatchObject({ state: 'live' });
  });

  it('says until when a publisher that was lost may come back', async () => {
    const endedAt = now() - 5000;
    await create(publishedStream({ startedAt: now() - 60_000, endedAt, endReason: 'unpublished' }));
    await beat([]);
    expect(await shown()).toMatchObject({
      state: 'reconnecting',
      reconnectUntil: new Date(endedAt + 60_000).toISOString(),
    });
  });

  it('is ended as soon as its broadcast takes nobody in any more', async () => {
    await create({
      ...publishedStream({ startedAt: now() - 60_000, endedAt: now(), endReason: 'stopped' }),
      unfinished: [],
    });
    const seen = await shown();
    expect(seen).toMatchObject({ state: 'ended' });
    expect(seen.reconnectUntil).toBeUndefined();
  });

  it('is suspended, whatever else it is', async () => {
    await create({ ...publishedStream({ startedAt: now() }), suspended: { at: now(), reason: 'between us' } });
    const seen = await shown();
    expect(seen).toMatchObject({ state: 'suspended' });
    expect(JSON.stringify(seen)).not.toContain('between us');
  });

  it.each(['zzzzzzzzzzzzzzzz', '..%2Fsecret'])('of %s says that there is none', async (id) => {
    const answer = await ask(id);
    expect([answer.status, (await answer.json()).code]).toEqual([404, 'stream_not_found']);
  });

  it('the public state costs one database read in two seconds, however many ask, even for an unknown id', async () => {
    await create(streamOf());
    const { streamStore } = rig.deps;
    let reads = 0;
    const getStream = (id: string) => {
      reads += 1;
      return streamStore.getStream(id);
    };
    withDeps(rig, { streamStore: { ...streamStore, getStream } });
    for (const id of [STREAM_ID, 'zzzzzzzzzzzzzzzz']) await Promise.all(Array.from({ length: 20 }, () => ask(id)));
    expect(reads).toBe(2);
    await rig.deps.clock.advance(2000);
    await ask();
    expect(reads).toBe(3);
  });

  it('is asked for again after the database did not answer', async () => {
    await create(streamOf());
    const { streamStore } = rig.deps;
    let fails = true;
    const getStream = async (id: string) => {
      if (fails) throw new Error('away');
      return streamStore.getStream(id);
    };
    withDeps(rig, { streamStore: { ...streamStore, getStream } });
    expect((await ask()).status).toBe(500);
    fails = false;
    expect((await ask()).status).toBe(200);
  });
});
