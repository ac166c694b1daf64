import { StallCounter } from '../../web/watch/stall-counter';

const watching = { seeking: false, paused: false };

describe('counting stalls', () => {
  it('counts a standing picture once, however often it is said', () => {
    const stalls = new StallCounter();
    stalls.playing();
    expect([stalls.waiting(watching), stalls.waiting(watching)]).toEqual([true, false]);
    stalls.playing();
    expect(stalls.waiting(watching)).toBe(true);
    expect(stalls.count).toBe(2);
  });

  it.each([
    ['before the first picture', [], watching],
    ['while the viewer seeks', ['playing'], { seeking: true, paused: false }],
    ['while the viewer pauses', ['playing'], { seeking: false, paused: true }],
    ['after another source was taken', ['playing', 'restart'], watching],
  ] as const)('counts no wait %s', (_when, before, media) => {
    const stalls = new StallCounter();
    for (const step of before) stalls[step]();
    expect(stalls.waiting(media)).toBe(false);
    expect(stalls.count).toBe(0);
  });
});
