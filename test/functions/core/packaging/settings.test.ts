import { PackagingOffer } from '../../../../functions/contract/packaging';
import { chosenSettings } from '../../../../functions/core/packaging/settings';

const EVERYTHING: PackagingOffer = { cmaf: true, ladders: true, default: { packaging: 'ts', ladder: 'none' } };
const LADDERED: PackagingOffer = { ...EVERYTHING, default: { packaging: 'cmaf', ladder: 'sd' } };
const PACKAGER_ONLY: PackagingOffer = { ...EVERYTHING, ladders: false };
const NOTHING: PackagingOffer = { ...EVERYTHING, cmaf: false, ladders: false };

describe('chosenSettings', () => {
  it('gives a stream that says nothing what the environment says', () => {
    expect(chosenSettings({}, EVERYTHING)).toEqual({ packaging: 'ts', ladder: 'none' });
    expect(chosenSettings({}, LADDERED)).toEqual({ packaging: 'cmaf', ladder: 'sd' });
  });

  it('takes the wishes of a stream, and a ladder alone as a wish for CMAF', () => {
    expect(chosenSettings({ packaging: 'cmaf' }, EVERYTHING)).toEqual({ packaging: 'cmaf', ladder: 'none' });
    expect(chosenSettings({ ladder: 'hd' }, EVERYTHING)).toEqual({ packaging: 'cmaf', ladder: 'hd' });
  });

  it("leaves the environment's ladder out for a stream that asks for ts", () => {
    expect(chosenSettings({ packaging: 'ts' }, LADDERED)).toEqual({ packaging: 'ts', ladder: 'none' });
  });

  it.each([
    [
      'a ladder with ts',
      { packaging: 'ts', ladder: 'sd' },
      EVERYTHING,
      "ladder: got 'sd', must be 'none' because packaging is 'ts'",
    ],
    ['CMAF without a packager', { packaging: 'cmaf' }, NOTHING, "packaging: got 'cmaf', must be 'ts'"],
    [
      'a ladder without an encoder',
      { packaging: 'cmaf', ladder: 'hd' },
      PACKAGER_ONLY,
      "ladder: got 'hd', must be 'none'",
    ],
  ] as const)('refuses %s with the field, the value and what is allowed', (_name, wanted, offer, detail) => {
    expect(() => chosenSettings(wanted, offer)).toThrow(
      expect.objectContaining({ code: 'invalid_field', message: expect.stringContaining(detail) }),
    );
  });
});

describe('PackagingOffer', () => {
  it.each([
    ['ladders without CMAF', { ...NOTHING, ladders: true }],
    ['a default of CMAF that no node can make', { ...NOTHING, default: LADDERED.default }],
    ['a default ladder for ts', { ...EVERYTHING, default: { packaging: 'ts', ladder: 'sd' } }],
  ])('does not take %s', (_name, offer) => {
    expect(PackagingOffer.safeParse(offer).success).toBe(false);
  });
});
