import { randomBytes } from 'node:crypto';
import { assertClean } from './scanned-platform';
import { PLACES, type Place, SecretScan } from './secret-scan';

const KEY = `sk_${'abcd2345'.repeat(4)}`;
const SIGNING_KEY = randomBytes(16);
/** Returns text that may stand between. */
const around = (text: string): string => `{"a":"${text}","b":1}`;
const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

const FORMS: readonly [string, (secret: Buffer) => string][] = [
  ['as it is', (secret) => secret.toString('latin1')],
  ['in hex', (secret) => secret.toString('hex')],
  ['in hex, upper case', (secret) => secret.toString('hex').toUpperCase()],
  ['in base64', (secret) => secret.toString('base64')],
  ['in base64url', (secret) => secret.toString('base64url')],
  [
    'in base64, one byte behind',
    (secret) => Buffer.concat([Buffer.from('x'), secret, Buffer.from('y')]).toString('base64'),
  ],
  [
    'in base64, two bytes behind',
    (secret) => Buffer.concat([Buffer.from('xy'), secret, Buffer.from('z')]).toString('base64'),
  ],
  ['in hex, percent-encoded', (secret) => percent(secret.toString('hex'))],
  ['in base64, percent-encoded twice', (secret) => percent(percent(secret.toString('base64')))],
];

describe('the secret scanner', () => {
  it.each(PLACES.map((place) => [place]))('finds a planted secret in a %s', (place) => {
    const scan = new SecretScan();
    scan.see(place, 'there', around(KEY));
    scan.see(place, 'elsewhere', around('nothing'));
    scan.learn('the key', KEY);
    expect(scan.findings()).toContainEqual({ place, where: 'there', secret: 'the key' });
    expect(scan.findings().map(({ where }) => where)).not.toContain('elsewhere');
  });

  it.each(FORMS)('finds bytes %s', (_, form) => {
    const scan = new SecretScan();
    scan.learn('the signing key', SIGNING_KEY);
    scan.see('log', 'a line', Buffer.from(around(form(SIGNING_KEY)), 'latin1'));
    expect(scan.findings()).toEqual([{ place: 'log', where: 'a line', secret: 'the signing key' }]);
  });

  it('finds a key percent-encoded, in part and as a whole, and with JSON escapes', () => {
    for (const text of [
      percent(KEY),
      KEY.replace('_', '%5F'),
      KEY.replace('_', '%255f'),
      KEY.replace('_', '\\u005f'),
    ]) {
      const scan = new SecretScan();
      scan.learn('the key', KEY);
      scan.see('url', 'a URL', `GET /open/p/a?k=${text}`);
      expect([text, scan.findings().some(({ secret }) => secret === 'the key')]).toEqual([text, true]);
    }
  });

  it('knows keys nobody told of by their shape', () => {
    const scan = new SecretScan();
    scan.see('event', 'a message', `slk_abcdefgh_${'x'.repeat(32)}`);
    scan.see('object', 'a segment', Buffer.concat([randomBytes(1000), Buffer.from(KEY), randomBytes(1000)]));
    scan.see('log', 'a line', `slc_${'x1'.repeat(20)}`);
    const found = scan.findings().map(({ secret }) => secret);
    expect(found).toEqual(['an API key', 'a stream key', 'a content secret']);
  });

  it('finds nothing where nothing is', () => {
    const scan = new SecretScan();
    scan.learn('the key', KEY);
    scan.see('object', 'noise', randomBytes(200_000));
    scan.see('log', 'masked', 'sk_*** slk_abcdefgh_***');
    expect(scan.findings()).toEqual([]);
    expect([scan.count('object'), scan.count('log'), scan.count('url')]).toEqual([1, 1, 0]);
  });

  it('refuses to look for what is too short to be a secret', () => {
    expect(() => new SecretScan().learn('a word', 'short')).toThrow('5 bytes are too few');
  });
});

describe('a run that shows the scanner too little', () => {
  const shown = (places: readonly Place[]) => {
    const scan = new SecretScan();
    scan.learn('the key', KEY);
    for (const place of places) scan.see(place, 'there', 'nothing secret');
    return scan;
  };

  it.each(PLACES.map((place) => [place]))('proves nothing without a %s, unless it says that it has none', (missing) => {
    const scan = shown(PLACES.filter((place) => place !== missing));
    expect(() => assertClean(scan)).toThrow(`the scanner was shown no ${missing}: it proves nothing`);
    expect(() => assertClean(scan, [missing])).not.toThrow();
  });

  it('is clean when it showed all', () => {
    expect(() => assertClean(shown(PLACES))).not.toThrow();
  });

  it('proves nothing when it knows no secret', () => {
    const scan = new SecretScan();
    for (const place of PLACES) scan.see(place, 'there', 'x');
    expect(() => assertClean(scan)).toThrow('told no secret');
  });
});
