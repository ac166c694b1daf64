import { goesOn, isSteady } from '../../../../functions/core/delivery/rendition-playlist';
import type { MediaPlaylist } from '../../../../functions/core/playlist/media-playlist';

const SEGMENTS = 12;
/** One letter a segment of 2 s: `m` made, `g` gap. */
const playlistOf = (letters: string): MediaPlaylist => ({
  targetDurationSeconds: 2,
  mediaSequence: 5,
  discontinuitySequence: 0,
  ended: false,
  segments: [...letters].map((letter, index) => ({
    uri: `/${index}.m4s`,
    durationMs: 2000,
    discontinuity: false,
    ...(letter === 'g' ? { gap: true as const } : {}),
  })),
});
const LIVE = playlistOf('m'.repeat(SEGMENTS));

describe('a rung beside its source', () => {
  it.each([
    ['that has every segment', 'mmmmmmmmmmmm', true],
    ['that is one segment behind', 'mmmmmmmmmmm', true],
    ['that lacks the newest two', 'mmmmmmmmmmgg', true],
    ['that lacks the newest three', 'mmmmmmmmmggg', false],
    ['that is three segments behind', 'mmmmmmmmm', false],
    ['that has none', 'gggggggggggg', false],
  ])('%s goes on within three target durations only', (_name, letters, expected) => {
    expect(goesOn(playlistOf(letters), LIVE)).toBe(expected);
  });

  it.each([
    ['without a hole', 'mmmmmmmmmmm', true],
    ['whose hole ended four target durations ago', 'mmmmgggmmmmm', true],
    ['whose hole ended a moment ago', 'mmmmmmmmggmm', false],
    ['whose hole goes on', 'mmmmmmmmmmgg', false],
  ])('%s is in the MPD only where no player falls into the hole', (_name, letters, expected) => {
    expect(isSteady(playlistOf(letters), LIVE)).toBe(expected);
  });
});
