import { Follower } from '../../../../scripts/tools/check-hls/follow';
import type { Answer, HlsReader } from '../../../../scripts/tools/check-hls/read';

const BASE = 'https://cdn.example/live/';
const INDEX = `${BASE}index.m3u8`;

/** A server whose files a test changes between looks, and a clock that stands still until it is moved. */
function server(files: Record<string, string | Partial<Answer>>) {
  const asked: string[] = [];
  const clock = { nowMs: 1_000_000 };
  const read: HlsReader = async (url) => {
    asked.push(url);
    const file = files[url.slice(BASE.length)];
    if (file === undefined) return { status: 404, url, contentType: '', text: '', bytes: 0 };
    const given = typeof file === 'string' ? { text: file, bytes: file.length } : file;
    return { status: 200, url, contentType: '', text: '', bytes: 0, ...given };
  };
  const follower = new Follower(INDEX, { read, nowMs: () => clock.nowMs, withMedia: true });
  const told = (): string[] =>
    follower.broken.map(({ url, clause, message }) => `${url.slice(BASE.length)} ${clause} ${message}`);
  return { asked, clock, files, follower, told };
}

const index = (bandwidth = 800_000): string =>
  `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth}\nsource.m3u8\n`;
function media(first: number, count: number, more = ''): string {
  const segments = Array.from({ length: count }, (_, at) => `#EXTINF:2.000,\n${first + at}.ts`);
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    '#EXT-X-TARGETDURATION:2',
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    ...segments,
    more,
  ].join('\n');
}
const segments = (first: number, count: number, bytes = 100_000) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${first + at}.ts`, { bytes }]));

describe('following an HLS URL', () => {
  it('finds nothing in a live playlist that slides on, and reads each segment once', async () => {
    const { follower, files, clock, told, asked } = server({
      'index.m3u8': index(),
      'source.m3u8': media(0, 5),
      ...segments(0, 7),
    });
    expect(await follower.look()).toBe(true);
    clock.nowMs += 2000;
    files['source.m3u8'] = media(1, 5);
    await follower.look();
    expect(told()).toEqual([]);
    expect(follower.counts).toEqual({ playlists: 1, segments: 6, looks: 2 });
    expect(asked.filter((url) => url.endsWith('/3.ts'))).toHaveLength(1);
    expect(follower.nextLookMs).toBe(1000);
  });

  it('asks again for a segment that was not answered, and parts what did not come from what is wrong', async () => {
    const { follower, files, asked } = server({ 'index.m3u8': index(), 'source.m3u8': media(0, 5), ...segments(1, 5) });
    await follower.look();
    Object.assign(files, { 'source.m3u8': media(0, 6), ...segments(0, 1) });
    await follower.look();
    expect(asked.filter((url) => url.endsWith('/0.ts'))).toHaveLength(2);
    expect(follower.broken.map(({ kind, times }) => [kind, times])).toEqual([['unanswered', 1]]);
  });

  it('says when a live playlist has no new segment for one and a half target durations, once', async () => {
    const { follower, clock, told } = server({ 'index.m3u8': index(), 'source.m3u8': media(0, 5), ...segments(0, 5) });
    for (let look = 0; look < 6; look += 1) {
      await follower.look();
      clock.nowMs += 1000;
    }
    expect(told()).toEqual(['source.m3u8 6.2.1 no new segment for 4.0 s, more than 3 s (1.5 target durations)']);
  });

  it('expects nothing new of a playlist that has ended', async () => {
    const { follower, clock, told } = server({
      'index.m3u8': index(),
      'source.m3u8': media(0, 5, '#EXT-X-ENDLIST\n'),
      ...segments(0, 5),
    });
    await follower.look();
    clock.nowMs += 60_000;
    await follower.look();
    expect(told()).toEqual([]);
    expect(follower.nextLookMs).toBeUndefined();
  });

  it('names a version that contradicts the one before it', async () => {
    const { follower, files, told } = server({ 'index.m3u8': index(), 'source.m3u8': media(5, 5), ...segments(0, 10) });
    await follower.look();
    files['source.m3u8'] = media(4, 5);
    await follower.look();
    expect(told()).toEqual(['source.m3u8 6.2.2 the media sequence went back from 5 to 4']);
  });

  it('names a segment and a rendition that are not there', async () => {
    const { follower, told } = server({
      'index.m3u8': `${index()}#EXT-X-STREAM-INF:BANDWIDTH=400000\n480p.m3u8\n`,
      'source.m3u8': media(0, 3),
      ...segments(0, 2),
    });
    await follower.look();
    expect(told()).toEqual(['2.ts 6.2.1 answers 404', '480p.m3u8 6.2.1 answers 404']);
  });

  it('names a segment above the promised bandwidth, but not a short one', async () => {
    const short = '#EXTINF:0.500,\n9.ts\n';
    const { follower, told } = server({
      'index.m3u8': index(),
      'source.m3u8': media(0, 3, short),
      ...segments(0, 3),
      '1.ts': { bytes: 300_000 },
      '9.ts': { bytes: 100_000 },
    });
    await follower.look();
    expect(told()).toEqual(['source.m3u8 4.4.6.2 1.ts has 1200000 bit/s, BANDWIDTH promises 800000 at most']);
  });

  it('reads init sections and renditions of groups, and relative to where a redirect led', async () => {
    const group = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="sound",URI="audio.m3u8"';
    const audio = media(0, 3)
      .replace('VERSION:3', 'VERSION:6')
      .replace('#EXTINF', '#EXT-X-MAP:URI="init.mp4"\n#EXTINF');
    const { follower, asked, told } = server({
      'index.m3u8': `#EXTM3U\n#EXT-X-VERSION:6\n${group}\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nsource.m3u8\n`,
      'source.m3u8': media(0, 3),
      'audio.m3u8': { text: audio, bytes: 1, url: `${BASE}moved/audio.m3u8` },
      ...segments(0, 3),
      'moved/init.mp4': { bytes: 700 },
      ...Object.fromEntries([0, 1, 2].map((at) => [`moved/${at}.ts`, { bytes: 1 }])),
    });
    await follower.look();
    expect(told()).toEqual([]);
    expect(asked).toContain(`${BASE}moved/init.mp4`);
  });

  it('is not a playlist when neither path nor type says so', async () => {
    const text = media(0, 3, '#EXT-X-ENDLIST\n');
    const read: HlsReader = async (url) => ({
      status: 200,
      url,
      contentType: 'text/html; charset=utf-8',
      text,
      bytes: 1,
    });
    const follower = new Follower(`${BASE}play`, { read, nowMs: () => 0, withMedia: false });
    expect(await follower.look()).toBe(true);
    expect(follower.broken.map(({ clause }) => clause)).toEqual(['4']);
  });

  it('answers that there is no playlist where nothing answers', async () => {
    const read: HlsReader = () =>
      Promise.reject(new Error('fetch failed', { cause: new Error('connect ECONNREFUSED') }));
    const follower = new Follower(INDEX, { read, nowMs: () => 0, withMedia: false });
    expect(await follower.look()).toBe(false);
    expect(follower.broken[0]?.message).toBe('does not answer: connect ECONNREFUSED');
  });

  it('counts a rule that stays broken instead of repeating it', async () => {
    const { follower } = server({
      'index.m3u8': index(),
      'source.m3u8': media(0, 3).replace('2.000', '7.000'),
      ...segments(0, 3),
    });
    for (let look = 0; look < 3; look += 1) await follower.look();
    expect(follower.broken.map(({ clause, times }) => [clause, times])).toEqual([['4.4.3.1', 1]]);
  });
});
