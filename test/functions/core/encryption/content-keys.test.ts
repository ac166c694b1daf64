import { createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { randomId } from '../../../../functions/adapters/system';
import { ContentKeyId, ContentSecret } from '../../../../functions/contract/objects/encryption';
import {
  commonKey,
  contentKey,
  encryptSegment,
  fragmentEncryption,
  ivOf,
  keyIdOf,
  mintContentSecret,
  openEncryption,
  parseKeyId,
  sealNewSecret,
  segmentEncryption,
} from '../../../../functions/core/encryption/content-keys';
import { keyIdOfKid, kidOf } from '../../../../functions/core/encryption/key-id';
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

describe('the id of a key in Common Encryption', () => {
  const keyIds = fc
    .tuple(
      fc.integer({ min: 1, max: 999_999_999 }),
      fc.stringMatching(/^[a-z0-9]{8}$/),
      fc.integer({ min: 0, max: 999_999_999 }),
    )
    .map(([ordinal, mark, period]) => `${ordinal}-${mark}.${period}`);

  it('is 16 bytes that lead back to the key', () => {
    fc.assert(
      fc.property(keyIds, (keyId) => {
        expect(kidOf(keyId)).toHaveLength(16);
        expect(keyIdOfKid(kidOf(keyId))).toBe(keyId);
      }),
    );
  });

  it('is never that of a key here for bytes of somebody else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const keyId = keyIdOfKid(Buffer.from(bytes));
        expect(keyId === undefined || kidOf(keyId).equals(bytes)).toBe(true);
      }),
    );
    for (const hex of ['', '00'.repeat(16), 'ff'.repeat(16), '00'.repeat(15)])
      expect(keyIdOfKid(Buffer.from(hex, 'hex'))).toBeUndefined();
  });
});

describe('the key of a fragment', () => {
  const common = (method: 'cbcs' | 'cenc', keyRotationSegments = 2) => ({ ...encryption(keyRotationSegments), method });
  const at = (number: number) => ({ ...PLACE, number });

  it('is the one that its playlists name, under the id that its init segment has', () => {
    const key = commonKey(at(3), common('cbcs'));
    expect(key?.kid).toBe(kidOf('7-aaaaaaaa.1').toString('hex'));
    expect(key?.key).toBe(Buffer.from(contentKey(STREAM, '7-aaaaaaaa.1', { secret: SECRET })).toString('hex'));
    expect(fragmentEncryption(at(3), common('cbcs'))).toEqual({ keyId: '7-aaaaaaaa.1', scheme: 'cbcs' });
  });

  it('has one vector for a key in cbcs, and none in cenc, where each sample has another one', () => {
    const [one, two, next] = [0, 1, 2].map((number) => commonKey(at(number), common('cbcs'))?.iv);
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect([two === one, next === one]).toEqual([true, false]);
    expect(commonKey(at(0), common('cenc'))).not.toHaveProperty('iv');
  });

  it('is none where segments are encrypted whole, or not at all', () => {
    expect(commonKey(at(0), encryption(0))).toBeUndefined();
    expect(commonKey(at(0), undefined)).toBeUndefined();
    expect(fragmentEncryption(at(0), encryption(0))).toBeUndefined();
  });
});
