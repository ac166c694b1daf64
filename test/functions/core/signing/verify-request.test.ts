import fc from 'fast-check';
import {
  CDN_COOKIE,
  signCookie,
  signPrefixQuery,
  signUrl,
  urlPrefix,
} from '../../../../functions/core/signing/sign-request';
import { type SignedRequest, verifyRequest } from '../../../../functions/core/signing/verify-request';
import { FOREIGN, KEYS, NEWEST, OLDER } from '../../../support/signing-keys';

const HOST = 'https://live.example.com';
const PREFIX = `${HOST}/gated/p/abcdefgh01234567/`;
const PATH = '/gated/p/abcdefgh01234567/index.m3u8';
const EXPIRES = 2_000_000_000;
const NOW = (EXPIRES - 60) * 1000;
const WITH = { key: NEWEST, expires: EXPIRES };

const ask = (more: Partial<SignedRequest> = {}, nowMs = NOW) =>
  verifyRequest({ origin: HOST, path: PATH, query: '', cookie: undefined, ...more }, KEYS, nowMs);
const cookieOf = (value: string): string => `${CDN_COOKIE}=${value}`;
const VALID = { kind: 'valid', expires: EXPIRES };
const refused = (why: string) => ({ kind: 'refused', why: expect.stringContaining(why) });

describe('a request Cloud CDN checks', () => {
  it('is unsigned without a Signature in its query and without the cookie', () => {
    for (const query of ['', 'v=1', 'Expires=1&KeyName=key-2', 'signature=x', 'xSignature=1'])
      expect(ask({ query, cookie: 'other=1; cloud-cdn-cookie=x' })).toEqual({ kind: 'unsigned' });
  });

  it.each([
    ['newest', NEWEST],
    ['older', OLDER],
  ])('is let through with the %s of the live keys', (_name, key) => {
    expect(ask({ query: signPrefixQuery(PREFIX, { key, expires: EXPIRES }) })).toEqual(VALID);
    expect(ask({ cookie: cookieOf(signCookie(PREFIX, { key, expires: EXPIRES })) })).toEqual(VALID);
  });

  it('is refused with a key the backend does not have, or another key under its name', () => {
    expect(ask({ query: signPrefixQuery(PREFIX, { key: FOREIGN, expires: EXPIRES }) })).toEqual(refused('KeyName'));
    const disguised = { ...FOREIGN, name: NEWEST.name };
    expect(ask({ query: signPrefixQuery(PREFIX, { key: disguised, expires: EXPIRES }) })).toEqual(refused('Signature'));
  });

  it('is refused from the second on in which it expires', () => {
    const cookie = cookieOf(signCookie(PREFIX, WITH));
    expect(ask({ cookie }, EXPIRES * 1000 - 1)).toEqual(VALID);
    expect(ask({ cookie }, EXPIRES * 1000)).toEqual(refused('Expires'));
  });

  it.each<[string, Partial<SignedRequest>]>([
    ['another stream', { path: '/gated/p/zzzzzzzzzzzzzzzz/index.m3u8' }],
    ['another backend', { path: '/gated/s/abcdefgh01234567/1-aaaaaaaa/source/0.ts' }],
    ['another scheme', { origin: 'http://live.example.com' }],
    ['another host', { origin: 'https://other.example.com' }],
    ['a host that begins alike', { origin: 'https://live.example.com.evil.example' }],
    ['the prefix without its slash', { path: PATH.slice(0, PATH.lastIndexOf('/')) }],
    ['other capitals', { path: PATH.toUpperCase() }],
  ])('is refused for %s', (_name, request) => {
    expect(ask({ ...request, query: signPrefixQuery(PREFIX, WITH) })).toEqual(refused('URLPrefix'));
    expect(ask({ ...request, cookie: cookieOf(signCookie(PREFIX, WITH)) })).toEqual(refused('URLPrefix'));
  });

  it('compares prefixes as plain text: /data covers /database, /data/ does not', () => {
    const path = '/database/x';
    expect(ask({ path, query: signPrefixQuery(`${HOST}/data`, WITH) })).toEqual(VALID);
    expect(ask({ path, query: signPrefixQuery(`${HOST}/data/`, WITH) })).toEqual(refused('URLPrefix'));
  });

  it('leaves the port of the request out', () => {
    const origin = 'http://127.0.0.1:20080';
    const query = signPrefixQuery(urlPrefix(origin, '/gated/p/abcdefgh01234567/'), WITH);
    expect(ask({ origin, query })).toEqual(VALID);
  });

  it('takes other parameters before and behind a signed prefix, but none behind a signed URL', () => {
    expect(ask({ query: `a=1&${signPrefixQuery(PREFIX, WITH)}&b=2` })).toEqual(VALID);
    const [, query = ''] = signUrl(`${HOST}${PATH}?a=1`, WITH).split('?');
    expect(ask({ query })).toEqual(VALID);
    expect(ask({ query: `${query}&b=2` })).toEqual(refused('Signature: it must be the last parameter'));
    expect(ask({ query: query.replace('a=1', 'a=2') })).toEqual(refused('Signature'));
    expect(ask({ query, path: `${PATH}x` })).toEqual(refused('Signature'));
  });

  it('refuses the fields in any other order, doubled, missing or spelled otherwise', () => {
    const [prefix = '', expires = '', name = '', signature = ''] = signPrefixQuery(PREFIX, WITH).split('&');
    const orders = [
      [expires, prefix, name, signature],
      [prefix, name, expires, signature],
      [prefix, expires, signature, name],
      [signature, prefix, expires, name],
      [prefix, expires, expires, name, signature],
      [prefix, expires, 'x=1', name, signature],
      [prefix, name, signature],
      [prefix.replace('=', '%3D'), expires, name, signature],
    ];
    for (const order of orders) expect(ask({ query: order.join('&') }).kind).toBe('refused');
    for (const order of orders) expect(ask({ cookie: cookieOf(order.join(':')) }).kind).toBe('refused');
  });

  it('refuses a signature without its padding, and one that was percent-encoded', () => {
    const query = signPrefixQuery(PREFIX, WITH);
    expect(ask({ query: query.replace(/=$/, '') })).toEqual(refused('Signature'));
    expect(ask({ query: query.replace(/=$/, '%3D') })).toEqual(refused('Signature'));
    expect(ask({ cookie: cookieOf(encodeURIComponent(signCookie(PREFIX, WITH))) }).kind).toBe('refused');
  });

  it('goes by the query when there is a cookie too', () => {
    const cookie = cookieOf(signCookie(PREFIX, WITH));
    expect(ask({ cookie, query: signPrefixQuery(PREFIX, { key: FOREIGN, expires: EXPIRES }) })).toEqual(
      refused('KeyName'),
    );
  });

  it('finds the cookie among others', () => {
    expect(ask({ cookie: `a=1; ${cookieOf(signCookie(PREFIX, WITH))}; b=2` })).toEqual(VALID);
  });

  it('refuses an expiry that is no plain number', () => {
    for (const odd of ['0', '-1', '1e9', '+2000000000', ' 2000000000', '02000000000', '9'.repeat(13), ''])
      expect(ask({ query: `Expires=${odd}&KeyName=key-2&Signature=x` })).toEqual(refused('order'));
  });

  it('never lets a changed character through', () => {
    const signed = signPrefixQuery(PREFIX, WITH);
    const change = fc.tuple(fc.nat(signed.length - 1), fc.constantFrom(...'AZaz09-_=&:%'));
    fc.assert(
      fc.property(change, ([at, character]) => {
        const query = `${signed.slice(0, at)}${character}${signed.slice(at + 1)}`;
        return query === signed || ask({ query }).kind !== 'valid';
      }),
      { numRuns: 1000 },
    );
  });

  it('survives whatever is sent', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (query, cookie) => {
        expect(['unsigned', 'refused']).toContain(
          ask({ query: `${query}&Signature=${cookie}`, cookie: cookieOf(query) }).kind,
        );
      }),
    );
  });
});
