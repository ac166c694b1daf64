import { PlaybackWay, WaysToPlay } from '../../../functions/contract/api/playback';
import { findLowLatency, readWay } from '../../../web/watch/ways';

const ID = 'abcdefgh01234567';
const PATH = `/live/${ID}/index.m3u8`;
const { signal } = new AbortController();
const OPEN = { way: 'low_latency_hls', open: true, url: `https://live.example.com${PATH}`, latencySeconds: 2 };
const CLOSED = { way: 'low_latency_hls', open: false, code: 'not_live', reason: 'nobody publishes the stream now' };
const waysOf = (way: object) => JSON.stringify({ id: ID, policy: 'open', ways: [way] });
const answering =
  (answers: Readonly<Record<string, Response>>): typeof fetch =>
  async (url) =>
    answers[String(url)] ?? new Response('', { status: 404 });
const api = `/api/v1/streams/${ID}/playback`;

describe('the way of low latency, by the API', () => {
  it('is a path of the own host, once its playlist is there', async () => {
    const send = answering({ [api]: new Response(waysOf(OPEN)), [PATH]: new Response('#EXTM3U') });
    expect(await findLowLatency(ID, signal, send)).toBe(PATH);
  });

  it.each<[string, Readonly<Record<string, Response>>]>([
    ['is closed', { [api]: new Response(waysOf(CLOSED)), [PATH]: new Response('#EXTM3U') }],
    ['has no playlist yet', { [api]: new Response(waysOf(OPEN)) }],
    ['has a node that is away', { [api]: new Response(waysOf(OPEN)), [PATH]: new Response('', { status: 503 }) }],
    ['is not known to the API', { [api]: new Response(waysOf({ ...OPEN, way: 'hls' })) }],
    ['is answered in another shape', { [api]: new Response('{"ways":[{}]}') }],
    ['is answered by no JSON', { [api]: new Response('<html>') }],
    ['is asked of an API in trouble', { [api]: new Response(waysOf(OPEN), { status: 503 }) }],
  ])('is none when it %s', async (_why, answers) => {
    expect(await findLowLatency(ID, signal, answering(answers))).toBeUndefined();
  });

  it('is none when nobody answers', async () => {
    const send: typeof fetch = () => Promise.reject(new TypeError('fetch failed'));
    expect(await findLowLatency(ID, signal, send)).toBeUndefined();
  });
});

describe('the ways of the API, as the page reads them', () => {
  const [OpenWay, ClosedWay] = WaysToPlay.shape.ways.element.options;

  it.each([
    ...ClosedWay.shape.code.options.map((code) => ({ way: 'webrtc', open: false, code, reason: 'a sentence' })),
    ...OpenWay.shape.way.options.map((way) => ({ ...OPEN, way })),
  ])('are those of the contract: $way $code', async (way) => {
    const body = WaysToPlay.parse({ id: ID, policy: 'open', ways: [way] });
    const send = answering({ [api]: new Response(JSON.stringify(body)) });
    expect(await readWay({ id: ID, way: PlaybackWay.parse(way.way) }, signal, send)).toEqual(way);
  });

  it('are those for the viewer of an edge, whose mark the question has', async () => {
    const body = JSON.stringify({ id: ID, policy: 'open', ways: [{ ...OPEN, edge: '0a1b2c3d' }] });
    const send = answering({ [`${api}?edge=0a1b2c3d`]: new Response(body) });
    const way = await readWay({ id: ID, way: 'low_latency_hls', edge: '0a1b2c3d' }, signal, send);
    expect(way).toMatchObject({ edge: '0a1b2c3d' });
  });
});
