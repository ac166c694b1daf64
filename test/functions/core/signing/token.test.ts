import fc from 'fast-check';
import { mintToken, verifyToken } from '../../../../functions/core/signing/token';
import { FOREIGN, KEYS, NEWEST, OLDER } from '../../../support/signing-keys';
import { STREAM_ID } from '../../../support/streams';

const CLAIMS = { streamId: STREAM_ID, grantId: 'grant00000000001', expires: 2_000_000_000 };
const WANTED = { purpose: 'play', streamId: STREAM_ID, keys: KEYS, nowMs: 1_999_999_999_999 } as const;

describe('a token', () => {
  it('gives its claims back, with any live key', () => {
    for (const key of [NEWEST, OLDER]) expect(verifyToken(mintToken('play', CLAIMS, key), WANTED)).toEqual(CLAIMS);
  });

  it('has no character a URL or a query parser would touch', () => {
    expect(mintToken('play', CLAIMS, NEWEST)).toMatch(/^slp_grant00000000001_2000000000_[0-9a-f]{40}$/);
  });

  it.each<[string, string, Partial<Parameters<typeof verifyToken>[1]>]>([
    ['of another purpose', mintToken('renewal', CLAIMS, NEWEST), {}],
    ['of another purpose under its letters', mintToken('renewal', CLAIMS, NEWEST).replace('slr', 'slp'), {}],
    ['of another stream', mintToken('play', { ...CLAIMS, streamId: 'zzzzzzzzzzzzzzzz' }, NEWEST), {}],
    ['of a key that is not live', mintToken('play', CLAIMS, FOREIGN), {}],
    ['that has expired', mintToken('play', CLAIMS, NEWEST), { nowMs: 2_000_000_000_000 }],
    ['of nobody', 'slp_grant00000000001_2000000000_0', {}],
  ])('%s is none', (_name, token, wanted) => {
    expect(verifyToken(token, { ...WANTED, ...wanted })).toBeUndefined();
  });

  it('is none once any character changed', () => {
    const token = mintToken('play', CLAIMS, NEWEST);
    const change = fc.tuple(fc.nat(token.length - 1), fc.constantFrom(...'abcdef0189_spv'));
    fc.assert(
      fc.property(change, ([at, character]) => {
        const changed = `${token.slice(0, at)}${character}${token.slice(at + 1)}`;
        return changed === token || verifyToken(changed, WANTED) === undefined;
      }),
    );
  });
});
