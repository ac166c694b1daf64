import { execFileSync } from 'node:child_process';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { CLOCK_BLOCKS, PATTERN, testPattern } from '../../../scripts/local/command/test-pattern';

/** Milliseconds since the epoch modulo 2^40, as the blocks of a grey frame say. */
function readClock(frame: Buffer): number {
  const { bits, size, top } = CLOCK_BLOCKS;
  const middle = (top + size / 2) * PATTERN.width + size / 2;
  return Array.from({ length: bits }, (_, index) => ((frame[middle + index * size] ?? 0) > 127 ? 1 : 0)).reduce<number>(
    (value, bit) => value * 2 + bit,
    0,
  );
}

it('the test pattern says in each frame when it was made', () => {
  const before = Date.now();
  const args = [
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    testPattern(),
    '-frames:v',
    '5',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    '-',
  ];
  const frames = execFileSync(ffmpegPath, args, { maxBuffer: 1 << 24 });
  const after = Date.now();
  const size = PATTERN.width * PATTERN.height;
  const clocks = [0, 1, 2, 3, 4].map((index) => readClock(frames.subarray(index * size, (index + 1) * size)));
  const epoch = Math.floor(before / 2 ** CLOCK_BLOCKS.bits) * 2 ** CLOCK_BLOCKS.bits;
  expect(clocks[0]).toBeGreaterThanOrEqual(before - epoch);
  expect(clocks[4]).toBeLessThanOrEqual(after - epoch);
  expect([...clocks].sort((a, b) => a - b)).toEqual(clocks);
});
