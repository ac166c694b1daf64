import { listedIn, MediaRules } from './platform/media-rules';
import { segmentOf, times, twoSeconds } from './platform/transport-stream';

const NOW = Date.UTC(2026, 10, 26);
const listed = (more = {}) => ({ uri: '0.ts', durationMs: 2000, date: NOW - 2000, discontinuity: false, ...more });

describe('a playlist held against its media', () => {
  it('is right where the packets hold what it says and go on', () => {
    const rules = new MediaRules();
    expect(rules.next(listed(), twoSeconds(0), NOW)).toEqual([]);
    expect(rules.next(listed({ date: NOW }), twoSeconds(2000), NOW)).toEqual([]);
    expect(rules.next(listed({ date: NOW, discontinuity: true }), twoSeconds(0), NOW)).toEqual([]);
  });

  it.each([
    ['EXTINF', listed({ durationMs: 3_602_000 }), twoSeconds(2000)],
    ['EXTINF', listed({ durationMs: 500 }), segmentOf({ video: times(2000, 100, 40) })],
    ['without a discontinuity', listed(), twoSeconds(3_600_000)],
    ['without a discontinuity', listed(), twoSeconds(0)],
    ['ahead', listed({ date: NOW + 100_000 }), twoSeconds(2000)],
    ['goes back', listed({ date: NOW - 9000 }), twoSeconds(2000)],
  ])('is wrong: %s', (problem, next, media) => {
    const rules = new MediaRules();
    rules.next(listed(), twoSeconds(0), NOW);
    expect(rules.next(next, media, NOW)).toEqual([expect.stringContaining(problem)]);
  });

  it('is read as this product writes it', () => {
    const text = [
      '#EXTM3U',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-PROGRAM-DATE-TIME:2026-11-26T00:00:00.000Z',
      '#EXTINF:2.000,',
      '/a/0.ts',
      '',
    ];
    expect(listedIn(text.join('\n'))).toEqual([{ uri: '/a/0.ts', durationMs: 2000, date: NOW, discontinuity: true }]);
  });
});
