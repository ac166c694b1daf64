import { heldName, parseHeldName, segmentName } from '../../../../functions/contract/objects/layout';
import { recordedSegment, recordingPlaylist } from '../../../../functions/core/delivery/recording';
import { formatMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';

const REF = { policy: 'open', streamId: 'abcdefgh01234567', sessionId: '1-aaaaaaaa' } as const;
const INIT = `init-${'0'.repeat(16)}.mp4`;

function segmentsOf(rendition: string, numbers: readonly number[]) {
  return numbers.flatMap((number) => {
    const metadata = {
      durationMs: '2000',
      programDateTime: new Date(Date.UTC(2026, 10, 26) + number * 2000).toISOString(),
      discontinuity: 'false',
      init: INIT,
    };
    const name = segmentName({ ...REF, rendition, number, container: 'm4s' });
    return recordedSegment({ name, generation: '1', metadata, sizeBytes: 1000, updatedAt: 0 }) ?? [];
  });
}

describe('a recording in CMAF', () => {
  const source = segmentsOf('source', [0, 1, 2]);

  it('names the init segment of its fragments once', () => {
    const text = formatMediaPlaylist(recordingPlaylist(source));
    expect(text.match(/EXT-X-MAP/g)).toHaveLength(1);
    expect(text).toContain(`#EXT-X-MAP:URI="/open/s/${REF.streamId}/${REF.sessionId}/source/${INIT}"`);
  });

  it('has the timed metadata of the source in every rendition, each id once', () => {
    const range = (id: string, data: string) => ({ id, startMs: Date.UTC(2026, 10, 26) + 500, data });
    const withRanges = source.map((segment, index) => ({
      ...segment,
      metadata: {
        ...segment.metadata,
        ...(index < 2 && { dateRanges: [range('a', `${index}`), range(`b${index}`, 'x')] }),
      },
    }));
    const expected = [range('a', '0'), range('b0', 'x'), range('b1', 'x')];
    expect(recordingPlaylist(withRanges).dateRanges).toEqual(expected);
    expect(recordingPlaylist(segmentsOf('480p', [0, 2]), withRanges).dateRanges).toEqual(expected);
    expect(recordingPlaylist(source).dateRanges).toBeUndefined();
  });

  it('has the numbers and dates of the source in every rendition, and gaps for what one lacks', () => {
    const rung = recordingPlaylist(segmentsOf('480p', [0, 2]), source);
    expect(rung.segments.map(({ gap, discontinuity }) => [gap, discontinuity])).toEqual([
      [undefined, false],
      [true, false],
      [undefined, false],
    ]);
    const dates = ({ segments }: typeof rung) => segments.map(({ programDateTimeMs }) => programDateTimeMs);
    expect(dates(rung)).toEqual(dates(recordingPlaylist(source)));
  });
});

it('fragments and init segments that are taken down keep their names', () => {
  const names = [
    { ...REF, rendition: 'source', number: 7, container: 'm4s' as const },
    { ...REF, rendition: '480p', file: INIT },
  ];
  for (const ref of names) expect(parseHeldName(heldName(ref))).toEqual(ref);
});
