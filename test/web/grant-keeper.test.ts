import { GrantKeeper } from '../../web/watch/grant-keeper';

const PREFIX = '/gated/p/abcdefgh01234567/';
const renewed = (query: string, renewAfterSeconds = 30): Response =>
  Response.json({
    renewAfterSeconds,
    playback: { native: 'https://live.example.com/native' },
    queries: [{ pathPrefix: PREFIX, query }],
  });

/** A keeper that is answered one after the other, whatever the last of them for ever; and how long it slept between. */
function keeperOf(...answers: (Response | 'no answer')[]) {
  const found = { asked: [] as RequestInit[], slept: [] as number[], ended: [] as number[] };
  const leaving = new AbortController();
  const keeper = new GrantKeeper({
    grant: { renewalPath: '/renewal', renewalToken: 'slr_token' },
    signal: leaving.signal,
    send: async (path, init) => {
      found.asked.push(init);
      expect(path).toBe('/renewal');
      const answer = answers.shift();
      if (answers.length === 0) leaving.abort();
      if (answer === undefined || answer === 'no answer') throw new TypeError('fetch failed');
      return answer;
    },
    sleep: async (ms) => void found.slept.push(ms),
    onEnd: (status) => found.ended.push(status),
  });
  return { keeper, found, left: () => new Promise((resolve) => setImmediate(resolve)) };
}

describe('a grant that is kept', () => {
  it('is renewed when the answer says so, the token in a header', async () => {
    const { keeper, found, left } = keeperOf(renewed('Q=1'), renewed('Q=2', 0), renewed('Q=3'), 'no answer');
    expect(await keeper.start()).toBe(true);
    await left();
    expect(found.slept.slice(0, 3)).toEqual([30_000, 1000, 30_000]);
    expect(found.asked[0]).toMatchObject({ method: 'POST', headers: { Authorization: 'Bearer slr_token' } });
    expect(keeper.signed(`${PREFIX}index.m3u8`)).toBe(`${PREFIX}index.m3u8?Q=3`);
    expect(keeper.signed(`https://h${PREFIX}a.m3u8?x=1`)).toBe(`https://h${PREFIX}a.m3u8?x=1&Q=3`);
    expect(keeper.signed('https://stranger.example/a.m3u8')).toBe('https://stranger.example/a.m3u8');
    expect([keeper.nativeUrl, found.ended]).toEqual(['https://live.example.com/native', []]);
  });

  it('is asked for again after a fault that passes', async () => {
    const { keeper, found } = keeperOf('no answer', new Response(null, { status: 503 }), renewed('Q=1'), 'no answer');
    expect(await keeper.start()).toBe(true);
    expect(found.slept.slice(0, 2)).toEqual([2000, 2000]);
  });

  it.each([401, 403, 404, 409, 410])('is over at a %d, and nobody asks again', async (status) => {
    const { keeper, found } = keeperOf(new Response(null, { status }), renewed('Q=1'));
    expect(await keeper.start()).toBe(false);
    expect([found.ended, found.asked.length]).toEqual([[status], 1]);
  });

  it('ends while it plays, too', async () => {
    const { keeper, found, left } = keeperOf(renewed('Q=1'), new Response(null, { status: 410 }), renewed('Q=2'));
    expect(await keeper.start()).toBe(true);
    await left();
    expect([found.ended, found.asked.length]).toEqual([[410], 2]);
  });
});
