import { SigningKeysSecret } from '../../../../functions/contract/signing-keys';
import { FOREIGN, KEYS, NEWEST } from '../../../support/signing-keys';

const parse = (value: unknown) =>
  SigningKeysSecret.safeParse(typeof value === 'string' ? value : JSON.stringify(value));

describe('the secret of signing keys', () => {
  it('is a JSON list, newest first', () => expect(parse(KEYS).data).toEqual(KEYS));

  it.each<[string, unknown, string]>([
    ['no JSON', 'c2VjcmV0c2VjcmV0c2Vj', 'use JSON'],
    ['an empty list', [], 'Too small'],
    ['more keys than Cloud CDN takes', [1, 2, 3, 4].map((n) => ({ ...NEWEST, name: `k${n}` })), 'Too big'],
    ['a name twice', [NEWEST, NEWEST], 'use each name once'],
    ['a name with a space', [{ ...NEWEST, name: 'a b' }], 'use 1-63 of'],
    ['15 bytes', [{ ...NEWEST, value: `${Buffer.alloc(15, 7).toString('base64url')}` }], 'use 16 bytes'],
    ['no padding', [{ ...NEWEST, value: NEWEST.value.slice(0, -2) }], 'use 16 bytes'],
    ['bits nobody reads', [{ ...NEWEST, value: 'aaaaaaaaaaaaaaaaaaaaaa==' }], 'use 16 bytes'],
  ])('is refused with %s, in words that do not repeat it', (_name, value, why) => {
    const { error } = parse(value);
    expect(error?.message).toContain(why);
    expect(JSON.stringify(error)).not.toMatch(/secret|aaaa|BwcH|IiIi/);
    expect(error?.message).not.toContain(FOREIGN.value);
  });
});
