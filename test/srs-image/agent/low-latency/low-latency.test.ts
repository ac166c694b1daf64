import { PassThrough } from 'node:stream';
import type { AgentReply } from '../../../../srs-image/agent/http/listener';
import { flvHead, flvPicture } from '../../../support/flv-tags';
import { checkLowLatency, checkLowLatencyUpdate } from '../../../support/rfc8216bis';
import { API, Rig, STREAM } from '../rig';

const INDEX = `/live/${STREAM}/index.m3u8`;
let rig: Rig;
/** The connection of the agent to SRS. */
let media: PassThrough;
let sentMs: number;

beforeEach(() => {
  rig = new Rig();
  rig.cloud.grant = { latency: 'low' };
  sentMs = 1000;
  media = new PassThrough();
  rig.srs.media = () => media;
});
afterEach(() => rig.dispose());

/** Pictures of `ms`, each at its time, a keyframe every two seconds. */
async function send(ms: number): Promise<void> {
  for (const until = sentMs + ms; sentMs < until; sentMs += 40) {
    media.write(flvPicture(sentMs, (sentMs - 1000) % 2000 === 0));
    await rig.run(40);
  }
}
async function begin(ms = 4200): Promise<void> {
  await rig.publish();
  await rig.run(2500);
  media.write(flvHead());
  await send(ms);
}
const textOf = ({ status, body }: AgentReply): string => {
  if (status !== 200 || typeof body !== 'string') throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
};
async function playlistPath(): Promise<string> {
  const uri = textOf(await rig.get(INDEX))
    .split('\n')
    .find((line) => line.endsWith('/live.m3u8'));
  return `/live/${STREAM}/${uri}`;
}
/** The answer, and whether it came before the clock moved. */
function ask(path: string): { reply: Promise<AgentReply>; isDone: () => boolean } {
  let done = false;
  const reply = rig.ask(path).then((answer) => {
    done = true;
    return answer;
  });
  return { reply, isDone: () => done };
}

describe('a stream of low latency', () => {
  it('has a multivariant playlist of two variants, the second out of the bucket', async () => {
    await begin();
    const reply = await rig.get(INDEX);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/vnd.apple.mpegurl',
      'cache-control': 'public, max-age=1',
      'access-control-allow-origin': '*',
    });
    const lines = textOf(reply).trim().split('\n');
    expect(lines[2]).toMatch(/^#EXT-X-STREAM-INF:BANDWIDTH=\d+,CODECS="avc1\.64001e,mp4a\.40\.2",RESOLUTION=640x360$/);
    expect(lines.filter((line) => !line.startsWith('#'))).toEqual([
      expect.stringMatching(/^[a-z0-9]{8}\/live\.m3u8$/),
      `/open/p/${STREAM}/b1-aaaaaaaa/source.m3u8`,
    ]);
  });

  it('has no wrong version of its playlist, and every part that one names is there', async () => {
    await begin();
    const path = await playlistPath();
    const versions: string[] = [];
    for (let step = 0; step < 80; step += 1) {
      await send(120);
      const text = textOf(await rig.get(path));
      if (text === versions.at(-1)) continue;
      expect(checkLowLatency(text)).toEqual([]);
      if (versions.length > 0) expect(checkLowLatencyUpdate(versions.at(-1) ?? '', text)).toEqual([]);
      versions.push(text);
      for (const [, uri] of text.matchAll(/EXT-X-PART:[^\n]*URI="([^"]+)"/g))
        expect((await rig.get(path.replace('live.m3u8', uri ?? ''))).status).toBe(200);
    }
    expect(versions.length).toBeGreaterThan(15);
  });

  it('has timed metadata in the version after it came, for as long as it lists that moment', async () => {
    await begin();
    const path = await playlistPath();
    const before = textOf(await rig.get(path));
    const body = JSON.stringify({ streamId: STREAM, sessionId: '1-aaaaaaaa', id: 'goal-1', data: '{"goal":1}' });
    expect((await rig.call('POST', '/sessions/metadata', { caller: API, body })).status).toBe(200);
    expect(textOf(await rig.get(path))).toBe(before);
    const versions = [before];
    for (let step = 0; step < 40; step += 1) {
      await send(600);
      versions.push(textOf(await rig.get(path)));
      expect(checkLowLatency(versions.at(-1) ?? '')).toEqual([]);
      expect(checkLowLatencyUpdate(versions.at(-2) ?? '', versions.at(-1) ?? '')).toEqual([]);
    }
    const has = versions.map((text) => text.includes('#EXT-X-DATERANGE:ID="goal-1"'));
    expect(has.slice(0, 3)).toEqual([false, true, true]);
    expect(has.lastIndexOf(true) - has.indexOf(true) + 1).toBe(has.filter(Boolean).length);
    expect(has.at(-1)).toBe(false);
  });

  it('has timed metadata that came before its first segment was whole', async () => {
    await begin(1200);
    const body = JSON.stringify({ streamId: STREAM, sessionId: '1-aaaaaaaa', id: 'start', data: 'go' });
    expect((await rig.call('POST', '/sessions/metadata', { caller: API, body })).status).toBe(200);
    await send(3000);
    const text = textOf(await rig.get(await playlistPath()));
    const dateOf = (pattern: RegExp) => Date.parse(pattern.exec(text)?.[1] ?? '');
    const startsAfterMs = dateOf(/START-DATE="([^"]+)"/) - dateOf(/#EXT-X-PROGRAM-DATE-TIME:(.+)/);
    expect(startsAfterMs).toBeGreaterThan(0);
    expect(startsAfterMs).toBeLessThanOrEqual(1200);
    expect(checkLowLatency(text)).toEqual([]);
  });

  it('answers a blocking reload once the part is there, with the same bytes for everybody', async () => {
    await begin(4100);
    const path = await playlistPath();
    const asked = Array.from({ length: 5 }, () => ask(`${path}?_HLS_msn=2&_HLS_part=0`));
    await send(200);
    expect(asked.map(({ isDone }) => isDone())).toEqual([false, false, false, false, false]);
    await send(400);
    const answers = await Promise.all(asked.map(({ reply }) => reply));
    expect(new Set(answers.map(textOf)).size).toBe(1);
    expect(textOf(answers[0] ?? { status: 0, body: '' })).toContain('URI="2.0.m4s"');
    expect(answers[0]?.headers).toMatchObject({ 'cache-control': 'public, max-age=6' });
  });

  it('holds a request for the part that the playlist hints at, and knows no part beyond it', async () => {
    await begin(4100);
    const folder = (await playlistPath()).replace('live.m3u8', '');
    const hinted = ask(`${folder}2.0.m4s`);
    expect((await rig.get(`${folder}2.1.m4s`)).status).toBe(404);
    await send(600);
    const reply = await hinted.reply;
    expect([reply.status, reply.headers]).toMatchObject([
      200,
      { 'content-type': 'video/mp4', 'cache-control': 'public, max-age=10' },
    ]);
  });

  it('has segments that are their parts, one after the other', async () => {
    await begin(4600);
    const folder = (await playlistPath()).replace('live.m3u8', '');
    const bytes = async (name: string): Promise<Buffer> => {
      const { body } = await rig.get(`${folder}${name}`);
      return body instanceof Uint8Array ? Buffer.from(body) : Buffer.alloc(0);
    };
    const parts = await Promise.all([0, 1, 2, 3].map((part) => bytes(`0.${part}.m4s`)));
    expect(Buffer.concat(parts).length).toBeGreaterThan(100);
    expect(Buffer.concat(parts).equals(await bytes('0.m4s'))).toBe(true);
  });

  it('lets a request go after 6 s without media, with a status that nothing keeps', async () => {
    await begin();
    const path = await playlistPath();
    const held = ask(`${path}?_HLS_msn=3`);
    await rig.run(5900);
    expect(held.isDone()).toBe(false);
    await rig.run(200);
    expect(await held.reply).toMatchObject({ status: 503, headers: { 'cache-control': 'no-store' } });
  });

  it.each([
    '_HLS_msn=05',
    '_HLS_msn=-1',
    '_HLS_msn=99',
    '_HLS_part=1',
    '_HLS_msn=1&x=1',
    '_HLS_msn=1e3',
    '_HLS_skip=no',
  ])('refuses the query %s at once, and nothing keeps the answer', async (query) => {
    await begin();
    const refused = ask(`${await playlistPath()}?${query}`);
    await rig.run(10);
    expect(await refused.reply).toMatchObject({ status: 400, headers: { 'cache-control': 'no-store' } });
  });

  it.each(['zzzzzzzz/live.m3u8', 'live.m3u8', '../x', 'index.m3u8x', '%2e%2e/live.m3u8'])('has no %s', async (file) => {
    await begin();
    expect((await rig.get(`/live/${STREAM}/${file}`)).status).toBe(404);
  });

  it('goes on behind a discontinuity when its publisher returns, at the same address', async () => {
    await begin();
    const path = await playlistPath();
    await rig.unpublish();
    media.end();
    await rig.run(3000);
    media = new PassThrough();
    sentMs = 1000;
    rig.cloud.grant = { latency: 'low', sessionId: '2-aaaaaaaa', ordinal: 2 };
    await rig.publish('client2');
    await rig.run(2500);
    media.write(flvHead());
    await send(4200);
    const text = textOf(await rig.get(path));
    expect(checkLowLatency(text)).toEqual([]);
    expect(text).toContain('#EXT-X-DISCONTINUITY\n');
  });

  it('ends with ENDLIST after the reconnect window, and is gone a while later', async () => {
    rig.cloud.grant = { latency: 'low', reconnectWindowSeconds: 10 };
    await begin();
    const path = await playlistPath();
    await rig.unpublish();
    media.end();
    await rig.run(9000);
    expect(textOf(await rig.get(path))).not.toContain('ENDLIST');
    await rig.run(2000);
    const text = textOf(await rig.get(path));
    expect(text.trim().split('\n').at(-1)).toBe('#EXT-X-ENDLIST');
    expect(checkLowLatency(text)).toEqual([]);
    await rig.run(31_000);
    expect((await rig.get(path)).status).toBe(404);
  });

  it.each(['suspended', 'take_down'])('is gone at once when its viewers are ended: %s', async (reason) => {
    await begin();
    const path = await playlistPath();
    rig.cloud.commands = [{ kind: 'end_plays', streamId: STREAM, reason }];
    await rig.run(5000);
    for (const gone of [INDEX, path, path.replace('live.m3u8', '0.m4s')])
      expect(await rig.get(gone)).toMatchObject({ status: 404, headers: { 'cache-control': 'no-store' } });
  });

  it('is not gone when the connections of one grant are ended', async () => {
    await begin();
    rig.cloud.commands = [
      { kind: 'end_plays', streamId: STREAM, grantId: 'grantgrantgrant0', reason: 'grant_revoked' },
    ];
    await rig.run(5000);
    expect((await rig.get(INDEX)).status).toBe(200);
  });

  it('ends with ENDLIST at once when its broadcast is stopped', async () => {
    rig.cloud.grant = { latency: 'low', reconnectWindowSeconds: 60 };
    await begin();
    const path = await playlistPath();
    rig.cloud.commands = [{ kind: 'kick', streamId: STREAM, sessionId: '1-aaaaaaaa', reason: 'stopped' }];
    await rig.run(6000);
    expect(textOf(await rig.get(path))).toContain('#EXT-X-ENDLIST');
  });

  it('kicks a publisher of whom SRS gives nobody anything, and not one that paused for a moment', async () => {
    rig.srs.media = (signal) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    await rig.publish();
    await rig.run(8000);
    expect(rig.srs.kicked).toEqual([]);
    await rig.run(6000);
    expect(rig.srs.kicked).toEqual(['client1']);
    expect(rig.events('silent_publisher_kicked')).toHaveLength(1);
  });

  it('asks nobody for leave to read its own SRS, and counts as no viewer', async () => {
    rig.cloud.playToken = 'slp_needed';
    await begin();
    expect(rig.cloud.clients('on_play')).toEqual([]);
  });
});

it('a stream without low latency is not read from SRS, and has no such playlist', async () => {
  rig.cloud.grant = {};
  await rig.publish();
  await rig.run(5000);
  expect(rig.srs.queries).toEqual([]);
  expect((await rig.get(INDEX)).status).toBe(404);
});
