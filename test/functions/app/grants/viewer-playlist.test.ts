import { memoryGrantStore } from '../../../../functions/adapters/memory/grant-store';
import { memoryObjectStore } from '../../../../functions/adapters/memory/object-store';
import { renderViewerPlaylist } from '../../../../functions/app/grants/viewer-playlist';
import type { Grant } from '../../../../functions/contract/grants';
import type { GrantSigner } from '../../../../functions/core/grants/grant-answer';
import { mintToken } from '../../../../functions/core/signing/token';
import { verifyRequest } from '../../../../functions/core/signing/verify-request';
import type { GrantStore } from '../../../../functions/ports/grants';
import { grantOf } from '../../../suites/grant-store';
import { manualClock } from '../../../support/manual-clock';
import { KEYS, NEWEST } from '../../../support/signing-keys';
import { STREAM_ID } from '../../../support/streams';

const ORIGIN = 'https://live.example.com';
const SIGNER: GrantSigner = { cdnKeys: KEYS, tokenKeys: KEYS, publicOrigin: ORIGIN, senderSecret: 's' };
const PLAYLISTS = `/gated/p/${STREAM_ID}/`;
const INDEX = `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${PLAYLISTS}b1-aaaaaaaa/source.m3u8\n`;
const MEDIA = [0, 1].map((n) => `#EXTINF:2.000,\r\n/gated/s/${STREAM_ID}/1-aaaaaaaa/source/${n}.ts\r\n`).join('');

let clock: ReturnType<typeof manualClock>;
let grants: GrantStore;
let gated: ReturnType<typeof memoryObjectStore>;
let granted: Grant;

beforeEach(async () => {
  clock = manualClock();
  grants = memoryGrantStore();
  gated = memoryObjectStore();
  const options = { contentType: '', cacheControl: '', metadata: {}, ifGenerationMatch: '0' };
  await gated.write(`${PLAYLISTS.slice(1)}index.m3u8`, INDEX, options);
  await gated.write(`${PLAYLISTS.slice(1)}b1-aaaaaaaa/source.m3u8`, MEDIA, options);
  await gated.write(
    `${PLAYLISTS.slice(1)}b1-aaaaaaaa/foreign.m3u8`,
    'https://evil.example/a.ts\n/gated/s/other/0.ts\n',
    options,
  );
  granted = grantOf(1, { createdAt: clock.now(), expiresAt: clock.now() + 60_000, endsAt: clock.now() + 3_600_000 });
  await grants.add(granted, { max: 1, nowMs: clock.now() });
});

const tokenOf = (more: object = {}): string =>
  mintToken(
    'playlist',
    { streamId: STREAM_ID, grantId: granted.id, expires: Math.floor(granted.endsAt / 1000), ...more },
    NEWEST,
  );
const render = (name: string, more: object = {}): Promise<string> =>
  renderViewerPlaylist(
    { grants, gated, signer: SIGNER, clock },
    {
      stream: { id: STREAM_ID, policy: 'gated' },
      grantId: granted.id,
      token: tokenOf(),
      name,
      limits: { lifetimeSeconds: 120 },
      ...more,
    },
  );
const stored = async (): Promise<Grant | undefined> => grants.get(STREAM_ID, granted.id);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a playlist for one viewer', () => {
  it('is refused from the moment its stream is suspended, due for renewal or not', async () => {
    const stream = { id: STREAM_ID, policy: 'gated', suspended: { at: clock.now() } };
    await expect(render('index.m3u8', { stream })).rejects.toEqual(code('stream_suspended'));
    await expect(render('index.m3u8', { stream, token: 'wrong' })).rejects.toEqual(code('unauthenticated'));
  });

  it('reads the keys of an encrypted stream with its own token, and those of no other stream', async () => {
    const uri = (stream: string) => `/api/v1/streams/${stream}/keys/1-aaaaaaaa.0`;
    const line = (key: string) => `#EXT-X-KEY:METHOD=AES-128,URI="${key}",IV=0x${'0'.repeat(32)}\n`;
    const text = `${line(uri(STREAM_ID))}${line(uri('zzzzzzzzzzzzzzzz'))}`;
    const options = { contentType: '', cacheControl: '', metadata: {}, ifGenerationMatch: '0' };
    await gated.write(`${PLAYLISTS.slice(1)}b1-aaaaaaaa/encrypted.m3u8`, text, options);
    expect(await render('b1-aaaaaaaa/encrypted.m3u8')).toBe(
      `${line(`${uri(STREAM_ID)}?token=${tokenOf()}`)}${line(uri('zzzzzzzzzzzzzzzz'))}`,
    );
  });

  it('leads from the index to playlists of its own', async () => {
    expect(await render('index.m3u8')).toBe(
      `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n/api/v1/streams/${STREAM_ID}/grants/${granted.id}/b1-aaaaaaaa/source.m3u8?token=${tokenOf()}\n`,
    );
  });

  it('has the query on every segment, and keeps every other byte', async () => {
    const text = await render('b1-aaaaaaaa/source.m3u8');
    const queries = [...text.matchAll(/\.ts\?(\S+)/g)].map(([, query]) => query ?? '');
    expect(queries).toHaveLength(2);
    for (const [n, query] of queries.entries()) {
      const path = `/gated/s/${STREAM_ID}/1-aaaaaaaa/source/${n}.ts`;
      expect(verifyRequest({ origin: ORIGIN, path, query, cookie: undefined }, KEYS, clock.now()).kind).toBe('valid');
    }
    expect(text.replace(/\?\S+/g, '')).toBe(MEDIA);
  });

  it('gives no signature to what lies elsewhere', async () => {
    expect(await render('b1-aaaaaaaa/foreign.m3u8')).toBe('https://evil.example/a.ts\n/gated/s/other/0.ts\n');
  });

  it('renews the grant while it is played: once half of it is gone', async () => {
    await clock.advance(29_999);
    await render('b1-aaaaaaaa/source.m3u8');
    expect(await stored()).toEqual(granted);
    await clock.advance(1);
    await render('b1-aaaaaaaa/source.m3u8');
    expect(await stored()).toEqual({ ...granted, expiresAt: clock.now() + 60_000, renewals: 1 });
  });

  it('plays on for the whole sitting, a reading every two seconds, with few writes, and not longer', async () => {
    for (let second = 0; second < 3600; second += 2) {
      await render('b1-aaaaaaaa/source.m3u8');
      await clock.advance(2000);
    }
    await expect(render('b1-aaaaaaaa/source.m3u8')).rejects.toEqual(
      expect.objectContaining({ code: 'unauthenticated' }),
    );
    expect((await stored())?.renewals).toBeLessThanOrEqual(120);
  });

  it('ends when nobody played for the length of the grant', async () => {
    await clock.advance(60_000);
    await expect(render('index.m3u8')).rejects.toEqual(code('grant_ended'));
  });

  it('ends at once when the grant is revoked', async () => {
    await grants.change(STREAM_ID, granted.id, (grant) => ({
      ...(grant && { grant: { ...grant, revokedAt: 1 } }),
      result: 0,
    }));
    await expect(render('index.m3u8')).rejects.toEqual(code('grant_ended'));
  });

  it.each<[string, () => string]>([
    ['of another grant', () => tokenOf({ grantId: 'grant00000000002' })],
    ['of another stream', () => tokenOf({ streamId: 'zzzzzzzzzzzzzzzz' })],
    [
      'of another purpose',
      () => mintToken('renewal', { streamId: STREAM_ID, grantId: granted.id, expires: 2_000_000_000 }, NEWEST),
    ],
    ['of nobody', () => ''],
  ])('is refused with a token %s', async (_name, token) => {
    await expect(render('index.m3u8', { token: token() })).rejects.toEqual(code('unauthenticated'));
  });

  it.each(['none.m3u8', '../../s/x.ts', 'b1-aaaaaaaa/../index.m3u8', 'b1-aaaaaaaa/none.m3u8', 'index.m3u8/'])(
    'is not found at %s',
    async (name) => {
      await expect(render(name)).rejects.toEqual(code('playlist_not_found'));
    },
  );
});
