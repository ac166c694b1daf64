import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SigningKey } from '../../../../functions/contract/signing-keys';
import { turnPassword } from '../../../../functions/core/signing/hmac';
import {
  CDN_COOKIE,
  signatureOf,
  signCookie,
  signPrefixQuery,
  signUrl,
} from '../../../../functions/core/signing/sign-request';
import { verifyRequest } from '../../../../functions/core/signing/verify-request';

/** Signed by Google's own tools and samples; the files say which. */
const read = <T extends z.ZodType>(name: string, schema: T): z.infer<T> =>
  schema.parse(JSON.parse(readFileSync(`test/fixtures/gcp-vectors/${name}.json`, 'utf8')));

const signedBy = { name: z.string(), keyName: z.string(), keyBase64Url: z.string(), expires: z.number() };
const urls = read(
  'cdn-signed-urls',
  z.object({
    vectors: z.array(z.object({ ...signedBy, url: z.string(), signedUrl: z.string() })),
    rejectedByGcloud: z.array(z.object({ name: z.string(), url: z.string(), keyName: z.string() })),
  }),
);
const prefixes = read(
  'cdn-signed-url-prefix',
  z.object({
    vectors: z.array(
      z.object({ ...signedBy, urlPrefix: z.string(), query: z.string(), url: z.string(), signedUrl: z.string() }),
    ),
    invalidPrefixes: z.array(z.object({ urlPrefix: z.string(), why: z.string() })),
  }),
);
const cookies = read(
  'cdn-signed-cookies',
  z.object({
    vectors: z.array(z.object({ ...signedBy, urlPrefix: z.string(), cookieName: z.string(), cookieValue: z.string() })),
    mustNotMatch: z.array(z.object({ why: z.string(), cookieValue: z.string() })),
  }),
);
const turn = read(
  'turn-rest',
  z.object({ vectors: z.array(z.object({ secret: z.string(), username: z.string(), password: z.string() })) }),
);

const keyOf = ({ keyName, keyBase64Url }: { keyName: string; keyBase64Url: string }): SigningKey =>
  SigningKey.parse({ name: keyName, value: keyBase64Url.trim() });

/** Signed by gcloud, though Cloud CDN could not verify them or nobody could ask for them. */
const UNSERVABLE: Readonly<Record<string, string>> = {
  'gcloud-empty-query': "must not end with '?'",
  'gcloud-with-port': 'must not name a port',
  'gcloud-has-urlprefix': "must not have a 'URLPrefix' query parameter",
  'gcloud-uppercase-scheme': "must begin with 'http://' or 'https://'",
};

describe('signed URLs', () => {
  it('are all in the file', () => expect([urls.vectors.length, urls.rejectedByGcloud.length]).toEqual([15, 5]));

  it.each(urls.vectors.map((vector) => [vector.name, vector] as const))(
    '%s has the signature of its text',
    (_name, vector) => {
      const [text = '', signature] = vector.signedUrl.split('&Signature=');
      expect(signatureOf(text, keyOf(vector))).toBe(signature);
    },
  );

  const servable = urls.vectors.filter(({ name }) => UNSERVABLE[name] === undefined);
  it.each(servable.map((vector) => [vector.name, vector] as const))('%s comes out as from Google', (_name, vector) => {
    expect(signUrl(vector.url, { key: keyOf(vector), expires: vector.expires })).toBe(vector.signedUrl);
  });

  it.each(Object.entries(UNSERVABLE))('%s is refused: it %s', (name, why) => {
    const vector = urls.vectors.find((each) => each.name === name);
    if (vector === undefined) throw new Error(`no vector '${name}'`);
    expect(() => signUrl(vector.url, { key: keyOf(vector), expires: vector.expires })).toThrow(why);
  });

  it.each(urls.rejectedByGcloud.map(({ name, url }) => [name, url]))('%s is refused as by gcloud', (_name, url) => {
    const key = { name: 'k', value: 'AAAAAAAAAAAAAAAAAAAAAA==' };
    expect(() => signUrl(url, { key, expires: 1 })).toThrow(/^'.*' cannot be signed: it must/);
  });

  const requestable = servable.filter(({ url }) => !url.includes(' '));
  it.each(requestable.map((vector) => [vector.name, vector] as const))(
    '%s is let through, until it expires',
    (_name, vector) => {
      const { origin, pathname: path, search } = new URL(vector.signedUrl);
      const request = { origin, path, query: search.slice(1), cookie: undefined };
      const at = (ms: number) => verifyRequest(request, [keyOf(vector)], vector.expires * 1000 + ms).kind;
      expect([at(-1), at(0)]).toEqual(['valid', 'refused']);
    },
  );
});

describe('signed URL prefixes', () => {
  it.each(prefixes.vectors.map((vector) => [vector.name, vector] as const))(
    '%s comes out as from Google',
    (_name, vector) => {
      const query = signPrefixQuery(vector.urlPrefix, { key: keyOf(vector), expires: vector.expires });
      expect(query).toBe(vector.query);
      expect(`${vector.url}${vector.url.includes('?') ? '&' : '?'}${query}`).toBe(vector.signedUrl);
    },
  );

  it.each(prefixes.vectors.map((vector) => [vector.name, vector] as const))('%s is let through', (_name, vector) => {
    const { origin, pathname: path, search } = new URL(vector.signedUrl);
    const request = { origin, path, query: search.slice(1), cookie: undefined };
    expect(verifyRequest(request, [keyOf(vector)], 0)).toEqual({ kind: 'valid', expires: vector.expires });
  });

  it.each(prefixes.invalidPrefixes.map(({ urlPrefix, why }) => [urlPrefix, why]))('%s is refused: %s', (urlPrefix) => {
    const key = { name: 'k', value: 'AAAAAAAAAAAAAAAAAAAAAA==' };
    expect(() => signPrefixQuery(urlPrefix, { key, expires: 1 })).toThrow('cannot be signed');
    expect(() => signCookie(urlPrefix, { key, expires: 1 })).toThrow('cannot be signed');
  });
});

describe('signed cookies', () => {
  it.each(cookies.vectors.map((vector) => [vector.name, vector] as const))(
    '%s comes out as from Google',
    (_name, vector) => {
      const value = signCookie(vector.urlPrefix, { key: keyOf(vector), expires: vector.expires });
      expect([CDN_COOKIE, value]).toEqual([vector.cookieName, vector.cookieValue]);
    },
  );

  it.each(cookies.vectors.map((vector) => [vector.name, vector] as const))('%s is let through', (_name, vector) => {
    const { origin, pathname: path } = new URL(vector.urlPrefix);
    const cookie = `${CDN_COOKIE}=${vector.cookieValue}`;
    expect(verifyRequest({ origin, path, query: '', cookie }, [keyOf(vector)], 0).kind).toBe('valid');
  });

  it.each(cookies.mustNotMatch.map(({ why, cookieValue }) => [why, cookieValue]))('%s', (_why, wrong) => {
    const key = { name: 'my-key', value: 'nZtRohdNF9m3cKM24IcK4w==' };
    const prefix = 'https://media.example.com/segments/';
    expect(signCookie(prefix, { key, expires: 1558131350 })).not.toBe(wrong);
    expect(signCookie(prefix, { key, expires: 1858131350 })).not.toBe(wrong);
    const request = {
      origin: 'https://media.example.com',
      path: '/segments/1.ts',
      query: '',
      cookie: `${CDN_COOKIE}=${wrong}`,
    };
    expect(verifyRequest(request, [key], 0)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('Signature'),
    });
  });
});

describe('TURN REST credentials', () => {
  it.each(turn.vectors.map(({ username, secret, password }) => [username, secret, password]))(
    '%s by %s',
    (username, secret, password) => {
      expect(turnPassword(username, secret)).toBe(password);
    },
  );
});
