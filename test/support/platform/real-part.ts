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
  else describe.skip(`${name} (${missing})`, suite);
}
