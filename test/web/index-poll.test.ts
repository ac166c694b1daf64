import { broadcastOf, type IndexAnswer, pollIndex } from '../../web/watch/index-poll';
import { seconds } from '../../web/watch/words';

async function poll(answers: IndexAnswer[], options: { finished?: string; abortAfter?: number; least?: number } = {}) {
  const misses: number[] = [];
  const waits: number[] = [];
  const leaving = new AbortController();
  let asked = 0;
  const text = await pollIndex({
    read: async () => {
      asked += 1;
      if (asked === options.abortAfter) leaving.abort();
      return answers[asked - 1] ?? { status: 404 };
    },
    sleep: async (ms) => void waits.push(ms),
    onMiss: (status) => {
      misses.push(status);
      return options.least ?? 0;
    },
    wanted: (found) => found !== options.finished,
    signal: leaving.signal,
  });
  return { text, misses, waits };
}

describe('waiting for the index', () => {
  it('asks until it is there and tells what stood in its place', async () => {
    const { text, misses } = await poll([{ status: 403 }, { status: 404 }, { status: 0 }, { text: 'index' }]);
    expect([text, misses]).toEqual(['index', [403, 404, 0]]);
  });

  it('passes over the index of a broadcast that is over', async () => {
    expect(await poll([{ text: 'old' }, { text: 'old' }, { text: 'new' }], { finished: 'old' })).toMatchObject({
      text: 'new',
      misses: [],
    });
  });

  it('asks less often after a minute', async () => {
    const { waits } = await poll([], { abortAfter: 62 });
    expect([waits.slice(0, 59).every((ms) => ms === 1000), waits.slice(59)]).toEqual([true, [3000, 3000]]);
  });

  it('waits longer where the page says so', async () => {
    expect((await poll([], { abortAfter: 3, least: 10_000 })).waits).toEqual([10_000, 10_000]);
  });

  it('ends with the page', async () => {
    expect((await poll([], { abortAfter: 3 })).text).toBeUndefined();
  });
});

describe('the broadcast of an index', () => {
  const index = (folder: string, codecs: string) =>
    `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="${codecs}"\n${folder}source.m3u8\n`;

  it('is the same when the media is described again', () => {
    const one = index('/open/p/s/b1-aa/', 'avc1');
    const two = index('/open/p/s/b1-aa/', 'avc1,mp4a');
    expect(broadcastOf(one)).toBe('/open/p/s/b1-aa/');
    expect(broadcastOf(two)).toBe(broadcastOf(one));
    expect(broadcastOf(index('/open/p/s/b2-bb/', 'avc1'))).not.toBe(broadcastOf(one));
  });

  it('is the text itself where no playlist is named', () => {
    expect(broadcastOf('#EXTM3U\n0.ts\n')).toBe('#EXTM3U\n0.ts\n');
  });
});

describe('words for a viewer', () => {
  it.each([
    [undefined, '–'],
    [Number.NaN, '–'],
    [4.25, '4.3 s'],
  ])('%p seconds read %s', (value, text) => {
    expect(seconds(value)).toBe(text);
  });
});
