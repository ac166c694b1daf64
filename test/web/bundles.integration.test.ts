import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const ROOT = join(__dirname, '../..');
const BUILD = "import('./scripts/build/web.mjs').then(({ buildWeb }) => buildWeb())";

/** Kilobytes by gzip. All of zod is 57; hls.js is most of the two largest. */
const LIMITS: readonly (readonly [name: string, kilobytes: number])[] = [
  ['index.js', 15],
  ['publish.js', 12],
  ['embed-code.js', 5],
  ['watch.js', 30],
  ['hls.light.js', 125],
  ['two-way.js', 210],
  ['chat.js', 12],
  ['sdk.js', 8],
];

describe('the scripts of pages that strangers open, compressed', () => {
  beforeAll(() => {
    execFileSync(process.execPath, ['-e', BUILD], { cwd: ROOT });
  }, 60_000);

  it.each(LIMITS)('%s has at most %d kB', (name, kilobytes) => {
    expect(gzipSync(readFileSync(join(ROOT, 'dist/web', name))).length).toBeLessThan(kilobytes * 1000);
  });
});
