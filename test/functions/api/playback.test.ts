import { z } from 'zod';
import type { MediaReport } from '../../../functions/contract/media-report';
import type { Stream } from '../../../functions/contract/state';
import { type ApiRig, apiRig } from '../../support/api-rig';
import { nodeOf, publishedStream, reported, STREAM_ID, sessionOf, streamOf } from '../../support/streams';

let rig: ApiRig;
beforeEach(() => {
  rig = apiRig();
});

const Answer = z.object({
  ways: z.array(
    z.object({ way: z.string(), open: z.boolean(), url: z.string().optional(), code: z.string().optional() }),
  ),
});
const now = () => rig.deps.clock.now();
const ask = (id = STREAM_ID) => rig.ask('GET', `/streams/${id}/playback`, { headers: {} });
/** Each way with its URL's path, or the code of the reason why it is closed. */
async function ways(): Promise<Record<string, string | undefined>> {
  const answer = Answer.parse(await (await ask()).json());
  return Object.fromEntries(answer.ways.map(({ way, url, code }) => [way, url ? new URL(url).pathname : code]));
}
async function live(more: Partial<Stream> = {}, media?: MediaReport): Promise<void> {
  await rig.deps.streamStore.createStream({ ...publishedStream({ startedAt: now() - 60_000 }), ...more });
  const sessions = [{ ...reported(sessionOf(1)), ...(media && { media }) }];
  const node = nodeOf({ heartbeatAt: now(), sessions });
  await rig.deps.streamStore.changeNode('node-1', () => ({ node, result: 0 }));
}
const H264 = { video: { codec: 'H264' }, audio: { codec: 'AAC' }, segmentSeconds: 2 };

const OPEN = {
  webrtc: `/api/v1/whep/${STREAM_ID}`,
  flv: `/live/${STREAM_ID}.flv`,
  low_latency_hls: `/live/${STREAM_ID}/index.m3u8`,
  hls: `/open/p/${STREAM_ID}/index.m3u8`,
};

describe('the ways to watch a stream', () => {
  it('are all open while a stream of low latency is live, the fastest first', async () => {
    await live({ latency: 'low' }, H264);
    expect(Object.entries(await ways())).toEqual(Object.entries(OPEN));
    expect((await ask()).headers.get('cache-control')).toBe('no-store');
  });

  it.each<[string, Partial<Stream>, MediaReport | undefined, object]>([
    ['a stream of normal latency', {}, H264, { low_latency_hls: 'not_offered' }],
    [
      'a picture with B-frames',
      { latency: 'low' },
      { ...H264, video: { codec: 'H264', bFrames: true } },
      { webrtc: 'b_frames' },
    ],
    [
      'a picture in HEVC',
      { latency: 'low' },
      { ...H264, video: { codec: 'HEVC' } },
      { webrtc: 'codec', low_latency_hls: 'codec' },
    ],
    ['sound only', { latency: 'low' }, { audio: { codec: 'AAC' }, segmentSeconds: 2 }, { low_latency_hls: 'no_video' }],
  ])('leave out what does not work with %s, with the reason', async (_what, more, media, closed) => {
    await live(more, media);
    expect(await ways()).toEqual({ ...OPEN, ...closed });
  });

  it('are closed for a gated stream, whose grants have the URLs, and for a suspended one', async () => {
    await live({ policy: 'gated' });
    expect(new Set(Object.values(await ways()))).toEqual(new Set(['grant_needed']));
    await rig.deps.streamStore.changeStream(STREAM_ID, (stream) =>
      stream === undefined
        ? { result: 0 }
        : { change: { stream: { ...stream, policy: 'open', suspended: { at: 1 } } }, result: 0 },
    );
    expect(new Set(Object.values(await ways()))).toEqual(new Set(['suspended']));
  });

  it('are none before the first publish, and HLS alone after the last', async () => {
    await rig.deps.streamStore.createStream(streamOf({ latency: 'low' }));
    expect(new Set(Object.values(await ways()))).toEqual(new Set(['never_published']));
    await rig.deps.streamStore.changeStream(STREAM_ID, () => {
      const session = sessionOf(1, { startedAt: now() - 600_000, endedAt: now() - 300_000, endReason: 'unpublished' });
      return { change: { stream: { ...publishedStream(session), latency: 'low' }, sessions: [session] }, result: 0 };
    });
    expect(await ways()).toEqual({
      webrtc: 'not_live',
      flv: 'not_live',
      low_latency_hls: 'not_live',
      hls: OPEN.hls,
    });
  });

  it('of a stream that does not exist are not found', async () => {
    expect((await ask('nowhere000000000')).status).toBe(404);
  });
});
