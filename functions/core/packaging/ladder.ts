import type { Ladder } from '../../contract/packaging';

/**
 * A rendition made from the source: picture size in pixels, picture bitrate in bit/s. `name` is its rendition: `480p`.
 */
export interface Rung {
  name: string;
  width: number;
  height: number;
  bitsPerSecond: number;
}

/** Size and rate of the source's picture. `bitsPerSecond` is its average. */
export interface SourcePicture {
  width: number;
  height: number;
  bitsPerSecond: number;
}

/**
 * Heights and bitrates of each ladder, best first. Two rungs cost 0.2 core for a 720p25 source, three of 1080p 1.1
 * (x264 veryfast).
 */
export const LADDERS: Readonly<Record<Ladder, readonly Pick<Rung, 'height' | 'bitsPerSecond'>[]>> = {
  none: [],
  sd: [
    { height: 480, bitsPerSecond: 1_000_000 },
    { height: 240, bitsPerSecond: 350_000 },
  ],
  hd: [
    { height: 720, bitsPerSecond: 2_500_000 },
    { height: 480, bitsPerSecond: 1_000_000 },
    { height: 360, bitsPerSecond: 600_000 },
  ],
};

/** A rung that is nearly as heavy as the source helps no viewer. */
const MAX_SHARE_OF_SOURCE = 0.8;
/** Below this a picture is not worth its own rendition. */
const MIN_BITS_PER_SECOND = 100_000;

const even = (pixels: number): number => Math.max(2, Math.round(pixels / 2) * 2);

const rungOf = (source: SourcePicture, height: number, bitsPerSecond: number): Rung => ({
  name: `${even(height)}p`,
  width: even((source.width * height) / source.height),
  height: even(height),
  bitsPerSecond: Math.round(bitsPerSecond),
});

/**
 * The rungs of a ladder for this source, best first: none larger than the source, none above 0.8 of its bitrate. A
 * source that is too small for every rung gets one of half its bitrate, at its own size. Livepeer's rule:
 * https://github.com/livepeer/catalyst-api.
 */
export function rungsFor(ladder: Ladder, source: SourcePicture): readonly Rung[] {
  const wanted = LADDERS[ladder];
  if (wanted.length === 0 || !(source.width > 0) || !(source.height > 0)) return [];
  const fitting = wanted.filter(
    ({ height, bitsPerSecond }) =>
      height <= source.height && bitsPerSecond <= MAX_SHARE_OF_SOURCE * source.bitsPerSecond,
  );
  if (fitting.length > 0) return fitting.map(({ height, bitsPerSecond }) => rungOf(source, height, bitsPerSecond));
  const half = source.bitsPerSecond / 2;
  return half < MIN_BITS_PER_SECOND ? [] : [rungOf(source, source.height, half)];
}
