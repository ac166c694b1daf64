import { createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { randomId } from '../../../../functions/adapters/system';
import { ContentKeyId, ContentSecret } from '../../../../functions/contract/objects/encryption';
import {
  contentKey,
  encryptSegment,
  ivOf,
  keyIdOf,
  mintContentSecret,
  openEncryption,
  parseKeyId,
  sealNewSecret,
  segmentEncryption,
} from '../../../../functions/core/encryption/content-keys';
import { withoutKeys } from '../../../../functions/core/keys';

const STREAM = 'abcdefgh01234567';
const SECRET = `slc_${'a1b2'.repeat(10)}`;
const PLACE = { streamId: STREAM, sessionId: '7-aaaaaaaa', number: 0 };
const encryption = (keyRotationSegments: number, secret = SECRET) => ({
  method: 'aes-128' as const,
  keyRotationSegments,
  secret,
});

describe('the content secret of a session', () => {
  const environment = { environmentSecret: 'e'.repeat(32), randomId };
  const sealedWith = (sealed: string) => ({ method: 'aes-128' as const, keyRotationSegments: 3, sealed });

  it('is sealed for its stream and its environment, and opened by both only', () => {
    const sealed = sealNewSecret(STREAM, environment);
    const opened = openEncryption(sealedWith(sealed), { streamId: STREAM, ...environment });
    expect(opened).toEqual({ method: 'aes-128', keyRotationSegments: 3, secret: expect.stringMatching(/^slc_/) });
    expect(sealed).not.toContain(opened.secret.slice(4));
    for (const other of [
      { streamId: 'zzzzzzzzzzzzzzzz', environmentSecret: environment.environmentSecret },
      { streamId: STREAM, environmentSecret: 'f'.repeat(32) },
    ])
      expect(() => openEncryption(sealedWith(sealed), other)).toThrow('sealed with another CONTENT_SECRET');
  });

  it('has a shape that logs leave out, and is another one each time', () => {
    const one = mintContentSecret(randomId);
    const two = mintContentSecret(randomId);
    expect(ContentSecret.parse(one)).not.toBe(two);
    expect(withoutKeys(`{"secret":"${one}"}`)).toBe('{"secret":"slc_***"}');
  });
});

describe('content keys', () => {
  it('are one for each session without a rotation, and one for each N segments with it', () => {
    const idsOf = (rotation: number) =>
      [0, 2, 3, 5, 6].map((number) => keyIdOf({ ...PLACE, number }, encryption(rotation)));
    expect(idsOf(0)).toEqual(Array.from({ length: 5 }, () => '7-aaaaaaaa.0'));
    expect(idsOf(3)).toEqual(['0', '0', '1', '1', '2'].map((period) => `7-aaaaaaaa.${period}`));
    expect(parseKeyId('7-aaaaaaaa.12')).toEqual({ sessionId: '7-aaaaaaaa', period: 12 });
  });

  it('have ids of the contract', () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999 }), fc.nat({ max: 10_000 }), (number, rotation) => {
        expect(ContentKeyId.safeParse(keyIdOf({ ...PLACE, number }, encryption(rotation))).success).toBe(true);
      }),
    );
  });

  it('are 16 bytes, the same each time, and others for another number, session, stream or secret', () => {
    const keys = [
      contentKey(STREAM, '7-aaaaaaaa.0', encryption(3)),
      contentKey(STREAM, '7-aaaaaaaa.1', encryption(3)),
      contentKey(STREAM, '8-aaaaaaaa.0', encryption(3)),
      contentKey('zzzzzzzzzzzzzzzz', '7-aaaaaaaa.0', encryption(3)),
      contentKey(STREAM, '7-aaaaaaaa.0', encryption(3, `slc_${'b'.repeat(40)}`)),
    ].map((key) => Buffer.from(key).toString('hex'));
    expect(keys.every((key) => key.length === 32)).toBe(true);
    expect(new Set(keys).size).toBe(keys.length);
    expect(Buffer.from(contentKey(STREAM, '7-aaaaaaaa.0', encryption(0))).toString('hex')).toBe(keys[0]);
  });
});

describe('an encrypted segment', () => {
  it('is opened by its key and vector into the bytes it was, whatever its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat({ max: 1000 }), (bytes, number) => {
        const place = { ...PLACE, number };
        const { keyId, iv } = segmentEncryption(place, encryption(3));
        const sealed = encryptSegment(bytes, place, encryption(3));
        const key = contentKey(STREAM, keyId, encryption(3));
        const decipher = createDecipheriv('aes-128-cbc', key, Buffer.from(iv.slice(2), 'hex'));
        expect(Buffer.concat([decipher.update(sealed), decipher.final()])).toEqual(Buffer.from(bytes));
        expect(sealed.length % 16).toBe(0);
        expect(sealed.length).toBeGreaterThan(bytes.length);
      }),
    );
  });

  it('is the same at a second try, and another one at another place', () => {
    const media = new Uint8Array(188).fill(0x47);
    const once = encryptSegment(media, PLACE, encryption(0));
    expect(encryptSegment(media, PLACE, encryption(0))).toEqual(once);
    expect(encryptSegment(media, { ...PLACE, number: 1 }, encryption(0))).not.toEqual(once);
  });

  it('has its number as vector, as RFC 8216 5.2 reads a media sequence number', () => {
    expect(ivOf({ number: 258 })).toBe(`0x${'0'.repeat(29)}102`);
  });
});
