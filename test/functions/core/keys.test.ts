import { randomId } from '../../../functions/adapters/system';
import { StreamKey } from '../../../functions/contract/ids';
import { mintStreamKey, streamKeyOf, withoutKeys } from '../../../functions/core/keys';
import { equalSecrets, sha256Hex } from '../../../functions/core/signing/hash';
import { KEY, OTHER_KEY } from '../../support/streams';

describe('mintStreamKey', () => {
  it('gives well-formed keys, each one once, of every letter', () => {
    const keys = Array.from({ length: 200 }, () => mintStreamKey(randomId));
    expect(keys.every((key) => StreamKey.safeParse(key).success)).toBe(true);
    expect(new Set(keys).size).toBe(200);
    expect(new Set(keys.map((key) => key.slice(3)).join('')).size).toBe(32);
  });

  it('gives up on a random source that has no letters for it', () => {
    expect(() => mintStreamKey((length) => '0'.repeat(length))).toThrow(
      'the random source gives too few characters of a-z, 2-7',
    );
  });
});

describe('streamKeyOf', () => {
  it.each([
    ['RTMP', `?key=${KEY}`],
    ['RTMP, the query in the app', `?key=${KEY}?key=${KEY}`],
    ['RTMP with more in the query', `?vhost=other.example.com&key=${KEY}&exp=1700000000`],
    ['SRT', `key=${KEY}`],
    ['SRT with a host', `vhost=srs.example.com&key1=v1&key=${KEY}`],
    ['WHIP', `app=live&stream=abcdefgh01234567&key=${KEY}`],
    ['a broken key before the right one', `?key=&key=sk_short&key=${KEY}`],
  ])('finds the key as %s sends it', (_name, param) => {
    expect(streamKeyOf(param)).toBe(KEY);
  });

  it.each([
    '',
    '?',
    '?key',
    '?key=',
    `?token=${KEY}`,
    `?xkey=${KEY}`,
    `?key=${KEY}x`,
    `?KEY=${KEY}`,
    `?key=${KEY.toUpperCase()}`,
    KEY,
  ])('finds none in %j', (param) => {
    expect(streamKeyOf(param)).toBeUndefined();
  });
});

describe('withoutKeys', () => {
  it('takes every key out of a text', () => {
    expect(withoutKeys(`a ${KEY} b ${OTHER_KEY.toUpperCase()}`)).toBe('a sk_*** b sk_***');
  });
});

describe('signing/hash', () => {
  it('hashes as FIPS 180-4 has it', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it.each([
    ['a', 'a', true],
    ['a', 'b', false],
    ['a', 'aa', false],
    ['', '', true],
  ])('compares %j and %j', (a, b, same) => {
    expect(equalSecrets(a, b)).toBe(same);
  });
});
