/**
 * A moving picture that says when each frame was made, in two ways: seven-segment digits for people (hours, minutes,
 * seconds in UTC) and a row of black and white blocks for programs. Drawn with `drawbox` alone, because the ffmpeg of
 * npm has no font.
 *
 * The trick: frames get the wall clock as their time, are drawn on by that time, and get their regular time back.
 */
export const PATTERN = { width: 640, height: 360, framesPerSecond: 25, keyFrameSeconds: 2 } as const;

/**
 * The machine-readable clock: milliseconds since the epoch modulo 2^40, most significant bit in the leftmost block;
 * white is 1. Blocks are macroblocks, which a coarse encoder preserves.
 */
export const CLOCK_BLOCKS = { bits: 40, size: 16, top: 336 } as const;

const DIGIT = { width: 36, height: 64, stroke: 8, top: 248 } as const;
/** Left edges of HH MM SS. */
const DIGIT_LEFTS = [156, 202, 268, 314, 380, 426] as const;
/** The seconds that a digit counts, and the number of steps after which it begins again. */
const DIGIT_STEPS: readonly (readonly [number, number])[] = [
  [36_000, 3],
  [3600, 10],
  [600, 6],
  [60, 10],
  [10, 6],
  [1, 10],
];
const DAY_SECONDS = 86_400;

interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** The digits that light a segment, and its place in the digit: top, two above, middle, two below, bottom. */
const half = DIGIT.height / 2;
const { width, height, stroke } = DIGIT;
const SEGMENTS: readonly { readonly digits: string; readonly box: PixelBox }[] = [
  { digits: '02356789', box: { x: 0, y: 0, w: width, h: stroke } },
  { digits: '045689', box: { x: 0, y: 0, w: stroke, h: half } },
  { digits: '01234789', box: { x: width - stroke, y: 0, w: stroke, h: half } },
  { digits: '2345689', box: { x: 0, y: half - stroke / 2, w: width, h: stroke } },
  { digits: '0268', box: { x: 0, y: half, w: stroke, h: half } },
  { digits: '013456789', box: { x: width - stroke, y: half, w: stroke, h: half } },
  { digits: '0235689', box: { x: 0, y: height - stroke, w: width, h: stroke } },
];

const drawbox = ({ x, y, w, h }: PixelBox, color: string, enable?: string): string =>
  `drawbox=x=${x}:y=${y}:w=${w}:h=${h}:color=${color}:t=fill${enable === undefined ? '' : `:enable='${enable}'`}`;

/** Makes one filter for each segment: on while its digit's bit is in the mask of digits that light it. */
function segmentBoxes(left: number, [seconds, modulus]: readonly [number, number]): string[] {
  // The tens of hours begin again after a day, not after three steps.
  const digit =
    modulus === 3
      ? `floor(mod(t,${DAY_SECONDS})/${seconds})`
      : `mod(floor(mod(t,${DAY_SECONDS})/${seconds}),${modulus})`;
  return SEGMENTS.map(({ digits, box }) => {
    const mask = [...digits].reduce((sum, one) => sum + 2 ** Number(one), 0);
    return drawbox({ ...box, x: left + box.x, y: DIGIT.top + box.y }, 'white', `mod(floor(${mask}/pow(2,${digit})),2)`);
  });
}

function clockBlocks(): string[] {
  const { bits, size, top } = CLOCK_BLOCKS;
  return Array.from({ length: bits }, (_, index) => {
    const enable = `mod(floor(t*1000/${2 ** (bits - 1 - index)}),2)`;
    return drawbox({ x: index * size, y: top, w: size, h: size }, 'white', enable);
  });
}

/** Returns the pattern as an ffmpeg filter source, paced by the wall clock. */
export function testPattern(): string {
  const { width: w, height: h, framesPerSecond: rate } = PATTERN;
  const dark: PixelBox = {
    x: DIGIT_LEFTS[0] - 12,
    y: DIGIT.top - 12,
    w: DIGIT_LEFTS[5] + DIGIT.width - DIGIT_LEFTS[0] + 24,
    h: DIGIT.height + 24,
  };
  return [
    `testsrc2=size=${w}x${h}:rate=${rate}`,
    'realtime',
    'settb=1/1000000',
    'setpts=RTCTIME',
    drawbox(dark, 'black'),
    ...DIGIT_LEFTS.flatMap((left, index) => segmentBoxes(left, DIGIT_STEPS[index] ?? [1, 10])),
    drawbox({ x: 0, y: CLOCK_BLOCKS.top, w, h: CLOCK_BLOCKS.size }, 'black'),
    ...clockBlocks(),
    `settb=1/${rate}`,
    'setpts=N',
  ].join(',');
}
