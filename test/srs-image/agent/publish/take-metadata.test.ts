import { checkPlaylist } from '../../../../scripts/tools/check-hls/rules';
import type { AgentReply } from '../../../../srs-image/agent/http/listener';
import { API, Rig, STREAM } from '../rig';

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.publish();
});
afterEach(() => rig.dispose());

const send = (id: string, more: object = {}): Promise<AgentReply> =>
  rig.call('POST', '/sessions/metadata', {
    caller: API,
    body: JSON.stringify({ streamId: STREAM, sessionId: '1-aaaaaaaa', id, data: '{"goal":1}', ...more }),
  });
const errorOf = ({ status, body }: AgentReply) => [status, JSON.parse(JSON.stringify(body)).error];
const ranges = async () => {
  await rig.run(1500);
  return (await rig.playlist('1-aaaaaaaa'))?.playlist.dateRanges?.map(({ id, startMs }) => ({ id, startMs })) ?? [];
};
const segment = async (number: number) => {
  const found = await rig.playlist('1-aaaaaaaa');
  return found?.playlist.segments[number]?.programDateTimeMs ?? Number.NaN;
};

describe('timed metadata on a node', () => {
  it('goes into the playlist with the segment in which it came, at the moment of its picture', async () => {
    await rig.segment();
    await rig.run(500);
    const sentAt = rig.clock.now();
    expect((await send('goal-1', { durationMs: 3000 })).status).toBe(200);
    expect(await ranges()).toEqual([]);
    await rig.segment('client1', { durationMs: rig.clock.now() + 2000 - sentAt + 500 });
    const [found] = await ranges();
    expect(found?.id).toBe('goal-1');
    expect(found?.startMs).toBeGreaterThanOrEqual(await segment(1));
    expect(Math.abs((found?.startMs ?? 0) - sentAt)).toBeLessThan(100);
    const text = (await rig.ingest.read(`${STREAM}/1-aaaaaaaa/source.m3u8`))?.text ?? '';
    expect(checkPlaylist(text)).toEqual([]);
  });

  it('costs no write more, and lies beside the segment for the recording', async () => {
    await rig.segment();
    await rig.run(1500);
    const writes = () => rig.ingest.entry(`${STREAM}/1-aaaaaaaa/source.m3u8`)?.generation;
    const before = writes();
    await send('goal-1');
    await rig.run(1500);
    expect(writes()).toBe(before);
    await rig.segment();
    await rig.run(1500);
    const metadata = rig.open.entry(`open/s/${STREAM}/1-aaaaaaaa/source/1.ts`)?.metadata;
    expect(JSON.parse(metadata?.dateRanges ?? '[]')).toMatchObject([{ id: 'goal-1', data: '{%22goal%22:1}' }]);
    expect(rig.open.entry(`open/s/${STREAM}/1-aaaaaaaa/source/0.ts`)?.metadata.dateRanges).toBeUndefined();
  });

  it('is added once when it is sent again, and refused when the id means something else', async () => {
    expect((await send('goal-1')).status).toBe(200);
    expect((await send('goal-1')).status).toBe(200);
    expect(errorOf(await send('goal-1', { data: 'other' }))).toEqual([409, 'metadata_conflict']);
    await rig.segment();
    expect((await send('goal-1')).status).toBe(200);
    await rig.segment();
    expect((await ranges()).map(({ id }) => id)).toEqual(['goal-1']);
  });

  it('outlives the agent once it was answered', async () => {
    await rig.segment();
    await send('goal-1');
    await rig.crash();
    rig.restart();
    await rig.segment();
    expect((await ranges()).map(({ id }) => id)).toEqual(['goal-1']);
  });

  it('of a segment that was dropped goes with the next one', async () => {
    rig.dispose();
    let isAway = true;
    rig = new Rig({
      env: { spoolLimitBytes: 2500 },
      through: (store) => ({
        ...store,
        write: async (...args) => {
          if (isAway) throw new Error('503');
          return store.write(...args);
        },
      }),
    });
    await rig.publish();
    await rig.segment();
    await send('goal-1');
    await rig.segment();
    await rig.segment();
    expect(rig.events('segment_dropped')).toHaveLength(1);
    isAway = false;
    await rig.run(60_000);
    await rig.segment();
    expect((await ranges()).map(({ id }) => id)).toEqual(['goal-1']);
  });

  it('is in order, a few in each segment where they are long', async () => {
    const data = 'x'.repeat(1024);
    for (let index = 0; index < 10; index += 1) await send(`m${index}`, { data });
    await rig.segment();
    await rig.segment();
    await rig.segment();
    expect((await ranges()).map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, index) => `m${index}`));
  });

  it('is taken ten times at once and thirty times a minute', async () => {
    const replies: number[] = [];
    for (let index = 0; index < 12; index += 1) replies.push((await send(`m${index}`)).status);
    expect(replies).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
    await rig.run(2000);
    expect((await send('later')).status).toBe(200);
  });

  it('of a session that the node does not have, or that has ended, is refused', async () => {
    expect(errorOf(await send('a', { sessionId: '9-aaaaaaaa' }))).toEqual([404, 'session_not_found']);
    await rig.segment();
    await rig.unpublish();
    await rig.run(5000);
    expect(errorOf(await send('b'))).toEqual([404, 'session_not_found']);
  });

  it.each([
    ['no text', { data: '' }],
    ['too much text', { data: '\u20ac'.repeat(342) }],
    ['half a character', { data: '\ud83d' }],
    ['an id that could break a line', { id: 'a"\n#EXT-X-ENDLIST' }],
    ['a duration below zero', { durationMs: -1 }],
  ])('with %s is refused', async (_name, wrong) => {
    expect(errorOf(await send('a', wrong))).toEqual([400, 'bad_request']);
  });

  it('that no segment follows is lost, and the log says so', async () => {
    await rig.segment();
    await send('last');
    await rig.unpublish();
    await rig.run(10_000);
    expect(rig.events('timed_metadata_lost').map(({ fields }) => fields.ids)).toEqual([['last']]);
  });

  it('is for the API alone', async () => {
    expect((await rig.call('POST', '/sessions/metadata', { body: '{}' })).status).toBe(401);
  });
});
