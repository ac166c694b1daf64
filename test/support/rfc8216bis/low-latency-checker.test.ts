import { checkLowLatency, checkLowLatencyUpdate } from '.';

const VALID = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.620,HOLD-BACK=6.000
#EXT-X-PART-INF:PART-TARGET=0.540
#EXT-X-MEDIA-SEQUENCE:5
#EXT-X-DISCONTINUITY-SEQUENCE:1
#EXT-X-MAP:URI="init-a.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-26T12:00:00.000Z
#EXTINF:2.000,
5.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-26T12:00:02.000Z
#EXT-X-PART:DURATION=0.500,URI="6.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.500,URI="6.1.m4s"
#EXTINF:1.000,
6.m4s
#EXT-X-PART:DURATION=0.500,URI="7.0.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="7.1.m4s"
`;
const NEXT = VALID.replace(
  '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="7.1.m4s"',
  '#EXT-X-PART:DURATION=0.500,URI="7.1.m4s"\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI="7.2.m4s"',
);
const clauses = (problems: readonly { clause: string }[]): string[] => [
  ...new Set(problems.map(({ clause }) => clause)),
];

describe('the checker of low-latency playlists', () => {
  it('finds nothing in a right one, nor in its next version', () => {
    expect(checkLowLatency(VALID)).toEqual([]);
    expect(checkLowLatency(NEXT)).toEqual([]);
    expect(checkLowLatencyUpdate(VALID, NEXT)).toEqual([]);
  });

  it.each([
    ['4.4.3', 'a tag that stands twice', '#EXT-X-VERSION:6', '#EXT-X-VERSION:6\n#EXT-X-VERSION:6'],
    ['8', 'a version that is too low', 'VERSION:6', 'VERSION:3'],
    ['4.4.3.7', 'no part target', '#EXT-X-PART-INF:PART-TARGET=0.540\n', ''],
    ['4.4.3.8', 'no blocking reload', 'CAN-BLOCK-RELOAD=YES,', ''],
    ['4.4.3.8', 'a hold-back under three parts', 'PART-HOLD-BACK=1.620', 'PART-HOLD-BACK=1.000'],
    ['4.4.3.8', 'a hold-back under three targets', ',HOLD-BACK=6.000', ',HOLD-BACK=5.000'],
    ['4.4.3.8', 'skipping within six targets', 'HOLD-BACK=6.000', 'HOLD-BACK=6.000,CAN-SKIP-UNTIL=8.000'],
    ['4.4.4.9', 'a part above the target', 'DURATION=0.500,URI="7.0', 'DURATION=0.600,URI="7.0'],
    ['4.4.4.9', 'a part under 85 % of the target', 'DURATION=0.500,URI="6.0', 'DURATION=0.300,URI="6.0'],
    ['4.4.4.9', 'parts that are not their segment', 'EXTINF:1.000', 'EXTINF:1.200'],
    ['4.4.5.3', 'no hint', '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="7.1.m4s"\n', ''],
    ['4.4.5.3', 'a hint at another part', 'URI="7.1.m4s"', 'URI="7.2.m4s"'],
    ['4.4.5.3', 'a hint after the end', 'URI="7.1.m4s"\n', 'URI="7.1.m4s"\n#EXT-X-ENDLIST\n'],
    ['4.4.3.2', 'a number that is left out', '\n6.m4s', '\n7.m4s'],
    ['4.4.3.1', 'a segment above the target', 'EXTINF:2.000', 'EXTINF:2.600'],
    ['4.4.4.6', 'a segment without a date', '#EXT-X-PROGRAM-DATE-TIME:2026-11-26T12:00:02.000Z\n', ''],
    ['4.4.4.6', 'a date that drifts', '12:00:02.000Z', '12:00:02.100Z'],
    ['4.4.4.5', 'no init segment', '#EXT-X-MAP:URI="init-a.mp4"\n', ''],
  ])('names clause %s for %s', (clause, _, right, wrong) => {
    expect(VALID.replace(right, wrong)).not.toBe(VALID);
    expect(clauses(checkLowLatency(VALID.replace(right, wrong)))).toContain(clause);
  });

  it.each([
    ['4.4.3.1', 'another target duration', 'TARGETDURATION:2', 'TARGETDURATION:3'],
    ['6.2.2', 'a media sequence that goes back', 'MEDIA-SEQUENCE:5', 'MEDIA-SEQUENCE:4'],
    ['6.2.2', 'a discontinuity sequence that goes back', 'DISCONTINUITY-SEQUENCE:1', 'DISCONTINUITY-SEQUENCE:0'],
    ['6.2.1', 'a segment that has changed', 'EXTINF:1.000', 'EXTINF:1.001'],
  ])('names clause %s for %s', (clause, _, right, wrong) => {
    expect(clauses(checkLowLatencyUpdate(VALID, NEXT.replace(right, wrong)))).toContain(clause);
  });

  it('names clause 6.2.1 for a playlist that changes after its end', () => {
    const ended = VALID.replace(/#EXT-X-PRELOAD-HINT.*\n/, '#EXT-X-ENDLIST\n');
    expect(clauses(checkLowLatencyUpdate(ended, NEXT))).toEqual(['6.2.1']);
  });
});
