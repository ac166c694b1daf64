/**
 * A suite that needs a real part (a real SRS, Google's emulator, Chromium): runs when `missing` is undefined, else stands in the
 * report as one skipped test that says what is missing.
 */
export function realPart(name: string, missing: string | undefined, suite: () => void): void {
  if (missing === undefined) describe(name, suite);
  else it.skip(`${name} (${missing})`, () => undefined);
}
