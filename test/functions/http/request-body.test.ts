import { z } from 'zod';
import { parseWith } from '../../../functions/http/request-body';

const Body = z.strictObject({
  title: z.string().max(20).optional(),
  seconds: z.int().min(10).max(60).optional(),
  streamKey: z.string().length(3).optional(),
  url: z.string().max(5).optional(),
  inner: z.array(z.object({ mode: z.enum(['a', 'b']), token: z.string().max(1).optional() })).optional(),
  custom: z
    .string()
    .refine(() => false, "custom: got 'mine', must be 'theirs'")
    .optional(),
});
const refusal = (value: unknown): string => {
  try {
    parseWith(Body, value, 'body');
    return 'taken';
  } catch (error) {
    return error instanceof Error ? error.message : 'thrown';
  }
};

describe('a field that is refused', () => {
  it.each<[string, unknown, string]>([
    ['a number', { seconds: 9 }, 'seconds: Too small: expected number to be >=10; got 9'],
    ['a number as text', { seconds: '60' }, "seconds: Invalid input: expected number, received string; got '60'"],
    ['a truth value', { title: true }, 'title: Invalid input: expected string, received boolean; got true'],
    [
      'a field of an array',
      { inner: [{ mode: 'c' }] },
      'inner[0].mode: Invalid option: expected one of "a"|"b"; got \'c\'',
    ],
    ['a long text', { title: 'ü'.repeat(500) }, `; got '${'ü'.repeat(60)}…'`],
    ['bidi marks and control characters', { title: `\u202e\u0000${'x'.repeat(20)}` }, "; got '\\u{202e}\\u{0}xxxx"],
    ['a text with a stream key in it', { title: `sk_${'a'.repeat(32)}` }, "; got 'sk_***'"],
  ])('is named with its value and what is allowed: %s', (_what, value, words) =>
    expect(refusal(value)).toContain(words),
  );

  it.each<[string, unknown]>([
    ['a stream key', { streamKey: 'hush-hush' }],
    ['an address', { url: 'https://hush-hush@customer.example/?x=hush-hush' }],
    ['a token inside', { inner: [{ mode: 'a', token: 'hush-hush' }] }],
    ['a whole object', { title: { secret: 'hush-hush' } }],
    ['a body of another kind', ['hush-hush']],
  ])('is named without its value, which may be a secret: %s', (_what, value) => {
    expect(refusal(value)).not.toBe('taken');
    expect(refusal(value)).not.toContain('hush');
  });

  it('is quoted once, where the rule has its own words', () =>
    expect(refusal({ custom: 'mine' }).match(/got/g)).toHaveLength(1));
});
