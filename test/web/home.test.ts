import { ApiRefusal } from '../../web/api-call';
import { apiClient } from '../../web/home/api-client';
import { publishSettings } from '../../web/home/publish-settings';

const ID = 'abcdefgh01234567';
const rtmp = { server: 'rtmp://127.0.0.1:1935/live', streamKey: `${ID}?key=sk_${'a'.repeat(32)}` };

function answering(status: number, body: string) {
  const asked: { url: string; init: RequestInit }[] = [];
  const send: typeof fetch = async (url, init) => {
    asked.push({ url: String(url), init: init ?? {} });
    return new Response(body, { status });
  };
  return { asked, client: apiClient('the-admin-key', send) };
}

describe('the API client of the pages', () => {
  it('lists streams with the key in a header, never in the URL', async () => {
    const { asked, client } = answering(
      200,
      JSON.stringify({ streams: [{ id: ID, title: 'One', status: 'live', policy: 'open', more: 1 }] }),
    );
    expect(await client.list()).toEqual([{ id: ID, title: 'One', status: 'live', policy: 'open' }]);
    expect(asked).toEqual([
      { url: '/api/v1/streams', init: { method: 'GET', headers: { Authorization: 'Bearer the-admin-key' } } },
    ]);
  });

  it('creates a stream and answers what an encoder needs', async () => {
    const { asked, client } = answering(201, JSON.stringify({ id: ID, key: 'x', ingest: { rtmp } }));
    const wanted = { title: 'One', policy: 'gated', encryption: 'none' } as const;
    expect(await client.create(wanted)).toEqual({ id: ID, ingest: { rtmp } });
    expect(asked[0]?.init.body).toBe('{"title":"One","policy":"gated"}');
  });

  it.each([
    ['aes-128', 'ts'],
    ['cbcs', 'cmaf'],
    ['cenc', 'cmaf'],
  ] as const)('creates a stream in %s with the packaging %s that it needs', async (encryption, packaging) => {
    const { asked, client } = answering(201, JSON.stringify({ id: ID, key: 'x', ingest: { rtmp } }));
    await client.create({ title: 'One', policy: 'open', encryption });
    expect(JSON.parse(String(asked[0]?.init.body))).toEqual({ title: 'One', policy: 'open', packaging, encryption });
  });

  it('asks for a new key, which is that of the answer', async () => {
    const { asked, client } = answering(200, JSON.stringify({ id: ID, key: 'x', ingest: { rtmp } }));
    expect(await client.newKey(ID)).toEqual({ id: ID, ingest: { rtmp } });
    expect(asked[0]).toMatchObject({ url: `/api/v1/streams/${ID}/key`, init: { method: 'POST', body: '{}' } });
  });

  it('asks for a grant and answers the page that plays with it', async () => {
    const page = `https://live.example.com/watch.html?id=${ID}#grant=slr_x`;
    const { asked, client } = answering(201, JSON.stringify({ playback: { page } }));
    expect(await client.grant(ID)).toBe(page);
    expect(asked[0]).toMatchObject({ url: `/api/v1/streams/${ID}/grants`, init: { method: 'POST' } });
  });

  it.each([
    [401, '{"detail":"the key is not the admin key"}', 'the key is not the admin key'],
    [502, 'Bad gateway', 'the API answered 502'],
  ])('refuses with the words of the API: %d', async (status, body, message) => {
    const failure = await answering(status, body)
      .client.list()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiRefusal);
    expect(failure).toMatchObject({ status, message });
  });

  it('does not take an answer of another shape', async () => {
    await expect(answering(200, '{"streams":[{"id":"../x"}]}').client.list()).rejects.toThrow();
  });
});

describe('publish settings', () => {
  it('quote the target for a shell and ask for a key frame every 2 s', () => {
    const { ffmpeg } = publishSettings(rtmp);
    expect(ffmpeg).toContain(`-f flv '${rtmp.server}/${rtmp.streamKey}'`);
    expect(ffmpeg).toMatch(/rate=30 .*-g 60 /);
  });
});
