/**
 * A suite that needs a real part (a real SRS, Google's emulator, Chromium): runs when `missing` is undefined, else each
 * of its tests stands in the report as skipped, by its name, with what is missing. With `REAL_PARTS=required`, as in
 * the build of an image, what is missing is a failure.
 */
export function realPart(name: string, missing: string | undefined, suite: () => void): void {
  if (missing === undefined) describe(name, suite);
  else if (process.env.REAL_PARTS === 'required')
    describe(name, () => {
      it('has every part that it needs', () => expect(missing).toBeUndefined());
    });
  else describe.skip(`${name} ${skippedFor(missing)}`, suite);
}

/**
 * Tests that a server is known to fail by a deviation from the real thing: where it has that one, each of them stands
 * in the report as skipped, with the deviation's name. test/README.md has a row for each.
 */
export function unlessItDeviates<D extends object>(deviations: D, name: keyof D & string, suite: () => void): void {
  if (deviations[name]) describe.skip(`a known deviation ${skippedFor(name)}`, suite);
  else suite();
}

/** The report takes a skipped test without a reason for a failure. */
const skippedFor = (reason: string): string => `(skipped: ${reason})`;
