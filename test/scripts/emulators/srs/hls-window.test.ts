import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptInWindow, srsPlaylist } from '../../../../scripts/emulators/srs/hls-window';

const segment = (number: number, durationMs = 2000) => ({
  name: `stream1-${number}.ts`,
  number,
  durationMs,
  discontinuity: number === 0,
});

describe("SRS's window", () => {
  it('keeps what fits and one more', () => {
    const all = [0, 1, 2, 3, 4, 5, 6].map((number) => segment(number));
    expect(keptInWindow(all, 10_000).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('keeps the newest even if it alone is too long', () => {
    expect(keptInWindow([segment(0), segment(1, 60_000)], 10_000).map(({ number }) => number)).toEqual([1]);
  });
});

describe("SRS's playlist", () => {
  const captured = (file: string) =>
    readFileSync(join(__dirname, '../../../fixtures/srs-playlists/srs6', file), 'utf8');

  it('is byte for byte what SRS 6 wrote while the window fills', () => {
    const segments = [segment(0, 2023), ...[1, 2, 3, 4, 5].map((number) => segment(number))];
    expect(srsPlaylist(segments, 2000)).toBe(captured('005.m3u8'));
  });

  it('is byte for byte what SRS 6 wrote once the window moves', () => {
    const segments = [1, 2, 3, 4, 5, 6].map((number) => segment(number));
    expect(srsPlaylist(segments, 2000)).toBe(captured('006.m3u8'));
  });
});
