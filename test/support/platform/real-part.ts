/**
 * A suite that needs a real part (a real SRS, Google's emulator, Chromium): runs when `missing` is undefined, else each
 * of its tests stands in the report as skipped, by its name, with what is missing.
 */
export function realPart(name: string, missing: string | undefined, suite: () => void): void {
  if (missing === undefined) describe(name, suite);
  else describe.skip(`${name} (${missing})`, suite);
}
