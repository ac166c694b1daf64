import { GrantAnswer } from '../../../../functions/contract/grants';
import { type GrantSigner, grantAnswer, setCookies } from '../../../../functions/core/grants/grant-answer';
import { playTokenOf, verifyPlayToken } from '../../../../functions/core/grants/play-token';
import { verifyToken } from '../../../../functions/core/signing/token';
import { verifyRequest } from '../../../../functions/core/signing/verify-request';
import { grantOf } from '../../../suites/grant-store';
import { FOREIGN, KEYS, NEWEST, OLDER } from '../../../support/signing-keys';
import { STREAM_ID } from '../../../support/streams';

const NOW = 1_800_000_000_500;
const ORIGIN = 'https://live.example.com';
const SIGNER: GrantSigner = { cdnKeys: KEYS, tokenKeys: KEYS, publicOrigin: `${ORIGIN}/`, senderSecret: 's' };
const GRANT = grantOf(1, { createdAt: NOW, expiresAt: NOW + 60_000, endsAt: NOW + 3_600_000 });
const GATED = { id: STREAM_ID, policy: 'gated' } as const;
const answer = grantAnswer(GRANT, SIGNER, { nowMs: NOW, stream: GATED });
const cookies = setCookies(GRANT, SIGNER, { nowMs: NOW, stream: GATED });
const LAST_SECOND = Math.floor(GRANT.expiresAt / 1000);

/** Attributes of a Set-Cookie header, and its pair under ''. */
const attributesOf = (header: string): Map<string, string> =>
  new Map(
    header.split('; ').map((part, index) => {
      const at = part.indexOf('=');
      return index === 0 ? ['', part] : [part.slice(0, at < 0 ? undefined : at), at < 0 ? '' : part.slice(at + 1)];
    }),
  );

const PATHS = [`/gated/p/${STREAM_ID}/`, `/gated/s/${STREAM_ID}/`];
const verdict = (path: string, { query = '', cookie }: { query?: string; cookie?: string }, keys = KEYS, nowMs = NOW) =>
  verifyRequest({ origin: ORIGIN, path, query, cookie }, keys, nowMs).kind;

describe('the answer of a new grant', () => {
  it('is what the contract says', () => {
    expect(GrantAnswer.parse(answer)).toEqual(answer);
    expect(answer).toMatchObject({
      expiresAt: '2027-01-15T08:01:00.500Z',
      endsAt: '2027-01-15T09:00:00.500Z',
      renewAfterSeconds: 30,
      playback: {
        hls: `${ORIGIN}/gated/p/${STREAM_ID}/index.m3u8`,
        page: `${ORIGIN}/watch.html?id=${STREAM_ID}#grant=${answer.renewalToken}`,
      },
    });
  });

  it('has one cookie a path, with the right attributes and an untouched value', () => {
    expect(cookies).toHaveLength(2);
    for (const [index, header] of cookies.entries()) {
      const { '': pair, ...attributes } = Object.fromEntries(attributesOf(header));
      expect(pair).toMatch(/^Cloud-CDN-Cookie=URLPrefix=[\w=-]+:Expires=\d+:KeyName=key-2:Signature=[\w-]{27}=$/);
      expect(attributes).toEqual({
        Path: PATHS[index],
        'Max-Age': '60',
        Expires: new Date(GRANT.expiresAt).toUTCString(),
        Secure: '',
        HttpOnly: '',
        SameSite: 'Lax',
      });
    }
    expect(cookies.join()).not.toContain('%');
  });

  it('gives apps the same cookies to keep themselves', () => {
    expect(answer.cookies.map(({ name, value, path }) => [`${name}=${value}`, path])).toEqual(
      cookies.map((header) => [attributesOf(header).get(''), attributesOf(header).get('Path')]),
    );
  });

  it('opens its own path with each cookie and query, and nothing else', () => {
    for (const [index, path] of PATHS.entries()) {
      const cookie = attributesOf(cookies[index] ?? '').get('') ?? '';
      const query = answer.queries[index]?.query ?? '';
      expect(answer.queries[index]?.pathPrefix).toBe(path);
      const targets = [`${path}x`, `${PATHS[1 - index]}x`, `/gated/p/zzzzzzzzzzzzzzzz/x`, path.slice(0, -1)];
      for (const signed of [{ cookie }, { query }])
        expect(targets.map((target) => verdict(target, signed))).toEqual(['valid', 'refused', 'refused', 'refused']);
    }
  });

  it('is signed with the newest key, and counts as long as that is live', () => {
    const signed = { query: answer.queries[0]?.query ?? '' };
    const path = `${PATHS[0]}index.m3u8`;
    expect([[NEWEST], [FOREIGN, NEWEST, OLDER], [OLDER]].map((keys) => verdict(path, signed, keys))).toEqual([
      'valid',
      'valid',
      'refused',
    ]);
  });

  it('ends with the grant, never later', () => {
    const signed = { query: answer.queries[0]?.query ?? '' };
    const path = `${PATHS[0]}index.m3u8`;
    expect([LAST_SECOND * 1000 - 1, LAST_SECOND * 1000].map((at) => verdict(path, signed, KEYS, at))).toEqual([
      'valid',
      'refused',
    ]);
  });

  it('says a cookie is over once it is', () => {
    expect(setCookies(GRANT, SIGNER, { nowMs: GRANT.expiresAt + 1, stream: GATED })[0]).toContain('Max-Age=0;');
  });

  it('carries a play token as short as the grant, and a renewal token as long as the sitting', () => {
    const play = { streamId: STREAM_ID, keys: KEYS, nowMs: NOW };
    expect(verifyPlayToken(answer.playToken, play)).toEqual({
      streamId: STREAM_ID,
      grantId: GRANT.id,
      expires: LAST_SECOND,
    });
    expect(verifyPlayToken(answer.playToken, { ...play, nowMs: LAST_SECOND * 1000 })).toBeUndefined();
    expect(verifyPlayToken(answer.renewalToken, play)).toBeUndefined();
    const renewal = { ...play, purpose: 'renewal' } as const;
    expect(verifyToken(answer.renewalToken, { ...renewal, nowMs: GRANT.endsAt - 1000 })).toMatchObject({
      grantId: GRANT.id,
    });
    expect(verifyToken(answer.renewalToken, { ...renewal, nowMs: GRANT.endsAt })).toBeUndefined();
  });
});

describe("the play token in SRS's param", () => {
  const token = answer.playToken;
  it.each([
    ['RTMP', `?token=${token}`],
    ['RTMP, the query in the app', `?token=${token}?token=${token}`],
    ['FLV', `?vhost=__defaultVhost__&token=${token}`],
    ['WHEP', `app=live&stream=${STREAM_ID}&token=${token}`],
    ['another token before it', `?token=other&token=${token}`],
  ])('is found as by %s', (_name, param) => expect(playTokenOf(param)).toBe(token));

  it.each(['', '?key=sk_x', `?xtoken=${token}`, `?token=${answer.renewalToken}`])('is not found in %s', (param) =>
    expect(playTokenOf(param)).toBeUndefined(),
  );
});

describe('the grant of a stream that is encrypted', () => {
  const encrypted = grantAnswer(GRANT, SIGNER, { nowMs: NOW, stream: { ...GATED, encryption: 'aes-128' } });
  const keys = `/api/v1/streams/${STREAM_ID}/keys/`;

  it('has a query and a cookie for the keys, with the play token, beside those for the media', () => {
    expect(encrypted.queries.slice(0, 2)).toEqual(answer.queries);
    expect(encrypted.queries[2]).toEqual({ pathPrefix: keys, query: `token=${encrypted.playToken}` });
    expect(encrypted.cookies.slice(0, 2)).toEqual(answer.cookies);
    expect(encrypted.cookies[2]).toEqual({ name: 'srs-play-token', value: encrypted.playToken, path: keys });
  });

  it('is the same for one that was encrypted before, whose recordings still are', () => {
    const before = grantAnswer(GRANT, SIGNER, { nowMs: NOW, stream: { ...GATED, encryption: 'none' } });
    expect(before.queries).toEqual(encrypted.queries);
  });

  it('sets a cookie that scripts cannot read and other paths do not get', () => {
    const [, , cookie = ''] = setCookies(GRANT, SIGNER, { nowMs: NOW, stream: { ...GATED, encryption: 'aes-128' } });
    expect(cookie).toContain(`Path=${keys};`);
    expect(cookie).toContain('HttpOnly');
  });
});
