import { PublicStream } from '../../functions/contract/api/public-stream';
import { readPublicStream } from '../../web/watch/public-stream';

const ID = 'abcdefgh01234567';
const { signal } = new AbortController();
const asking = (status: number, body: string) => {
  const asked: string[] = [];
  const send: typeof fetch = async (url) => {
    asked.push(String(url));
    return new Response(body, { status });
  };
  return { asked, answer: readPublicStream(ID, signal, send) };
};

describe("the API's answer about a stream", () => {
  it('is the stream', async () => {
    const stream = { id: ID, policy: 'open', state: 'live', title: 'One' };
    const { asked, answer } = asking(200, JSON.stringify(stream));
    expect(await answer).toEqual({ kind: 'stream', stream });
    expect(asked).toEqual([`/api/v1/streams/${ID}/public`]);
  });

  it('has every field of the contract', async () => {
    const stream: Required<PublicStream> = {
      id: ID,
      title: 'One',
      policy: 'open',
      state: 'reconnecting',
      latency: 'low',
      chat: true,
      reconnectUntil: '2026-11-26T20:00:00.000Z',
    };
    expect(Object.keys(stream).sort()).toEqual(Object.keys(PublicStream.shape).sort());
    expect(await asking(200, JSON.stringify(stream)).answer).toEqual({ kind: 'stream', stream });
  });

  it('is that there is none, in the words of the API', async () => {
    expect(await asking(404, '{"code":"stream_not_found"}').answer).toEqual({ kind: 'none' });
  });

  it.each([
    ['another host that finds nothing', 404, 'Not found'],
    ['an API without the operation', 404, '{"code":"route_not_found"}'],
    ['an API that is away', 503, '{"code":"unavailable"}'],
    ['an answer of another shape', 200, '{"state":"live"}'],
  ])('is nothing that can be used: %s', async (_name, status, body) => {
    expect(await asking(status, body).answer).toEqual({ kind: 'silent' });
  });

  it('is nothing that can be used when nobody answers', async () => {
    const send: typeof fetch = () => Promise.reject(new TypeError('fetch failed'));
    expect(await readPublicStream(ID, signal, send)).toEqual({ kind: 'silent' });
  });
});
