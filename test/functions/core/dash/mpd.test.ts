import fc from 'fast-check';
import { type DashRendition, formatLiveMpd, formatRecordingMpd } from '../../../../functions/core/dash/mpd';
import { commonSegmentKey } from '../../../../functions/core/encryption/common-segment-key';
import type { MediaSegment } from '../../../../functions/core/playlist/media-playlist';
import { checkMpd, checkMpdUpdate } from '../../../support/iso23009';
import { readMpd, segmentsOf } from '../../../support/iso23009/mpd';

const START_MS = Date.UTC(2026, 10, 26, 12);
const TIME = { windowSeconds: 30, timeUrl: '/api/v1/time' };

/** Segments of `durations` in milliseconds, from `firstNumber` and `startMs` on, of one session and rendition. */
const segments = (
  rendition: string,
  durations: readonly number[],
  { firstNumber = 0, startMs = START_MS, session = '1-aaaaaaaa', init = 'init-0.mp4' } = {},
): MediaSegment[] => {
  let atMs = startMs;
  return durations.map((durationMs, index) => {
    const folder = `/open/s/abcdefgh01234567/${session}/${rendition}/`;
    const segment = {
      uri: `${folder}${firstNumber + index}.m4s`,
      durationMs,
      programDateTimeMs: atMs,
      map: `${folder}${init}`,
    };
    atMs += durationMs;
    return { ...segment, discontinuity: false };
  });
};

const rendition = (
  id: string,
  list: readonly MediaSegment[],
  more: Partial<DashRendition['playlist']> = {},
): DashRendition => ({
  id,
  kind: id === 'audio' ? 'audio' : 'video',
  attributes:
    id === 'audio'
      ? { bandwidth: 64_000, codecs: 'mp4a.40.2' }
      : { bandwidth: 900_000, codecs: 'avc1.64001f', width: 1280, height: 720 },
  playlist: {
    targetDurationSeconds: 2,
    mediaSequence: 0,
    discontinuitySequence: 0,
    ended: false,
    ...more,
    segments: list,
  },
});
const live = (renditions: readonly DashRendition[]): string => formatLiveMpd({ renditions, ...TIME })?.text ?? '';

describe('the live MPD', () => {
  it('names the segments of the playlists, at their times since the epoch', () => {
    const xml = live([rendition('source', segments('source', [2000, 2000, 1960]))]);
    expect(checkMpd(xml)).toEqual([]);
    const mpd = readMpd(xml);
    if (typeof mpd === 'string') throw new Error(mpd);
    const [only] = mpd.Period[0]?.AdaptationSet[0]?.Representation ?? [];
    expect(only && segmentsOf(only).map(({ uri }) => uri.split('/').at(-1))).toEqual(['0.m4s', '1.m4s', '2.m4s']);
    expect(mpd.Period[0]?.start).toBe(`PT${START_MS / 1000}.000S`);
    expect(only?.SegmentTemplate[0]?.SegmentTimeline[0]?.S).toEqual([
      { t: `${START_MS * 90}`, d: '180000', r: '1' },
      { d: '176400' },
    ]);
  });

  it('has one Period a discontinuity, each with its own init segment', () => {
    const second = segments('source', [2000], { startMs: START_MS + 9000, session: '2-bbbbbbbb', init: 'init-1.mp4' });
    const joined = [...segments('source', [2000, 2000]), ...second.map((one) => ({ ...one, discontinuity: true }))];
    const xml = live([rendition('source', joined)]);
    expect(checkMpd(xml)).toEqual([]);
    expect(xml.match(/<Period id="(p\d)"/g)).toEqual(['<Period id="p0"', '<Period id="p1"']);
    expect(xml).toContain('2-bbbbbbbb/source/init-1.mp4');
  });

  it('puts pictures and sound into sets of their own, and all qualities of the picture into one', () => {
    const xml = live(['source', '480p', 'audio'].map((id) => rendition(id, segments(id, [2000, 2000]))));
    expect(checkMpd(xml)).toEqual([]);
    expect(xml.match(/contentType="(\w+)"/g)).toEqual(['contentType="video"', 'contentType="audio"']);
    expect(xml.match(/<Representation id="([^"]+)"/g)).toHaveLength(3);
  });

  it('keeps Period ids when segments slide out, by the discontinuity sequence', () => {
    const first = live([rendition('source', segments('source', [2000, 2000, 2000]), { discontinuitySequence: 4 })]);
    const later = segments('source', [2000, 2000], { firstNumber: 2, startMs: START_MS + 4000 });
    const next = live([rendition('source', later, { discontinuitySequence: 4, mediaSequence: 2 })]);
    expect(first).toContain('<Period id="p4"');
    expect(next).toContain('<Period id="p4"');
  });

  it('says the whole duration and no update once every rendition has ended', () => {
    const xml = live([rendition('source', segments('source', [2000]), { ended: true })]);
    expect(checkMpd(xml)).toEqual([]);
    expect(xml).not.toContain('minimumUpdatePeriod');
  });

  it('does not exist before the first segment', () => {
    expect(formatLiveMpd({ renditions: [rendition('source', [])], ...TIME })).toBeUndefined();
  });

  it('escapes what is put into it', () => {
    const xml = formatLiveMpd({
      renditions: [rendition('source', segments('source', [2000]))],
      windowSeconds: 30,
      timeUrl: '/t?a=1&b="<',
    })?.text;
    expect(checkMpd(xml ?? '')).toEqual([]);
    expect(xml).toContain('value="/t?a=1&amp;b=&quot;&lt;"');
  });
});

describe('the MPD of a recording', () => {
  it('is static, with its Periods one after the other', () => {
    const second = segments('source', [2000], { startMs: START_MS + 60_000, session: '2-bbbbbbbb' });
    const joined = [...segments('source', [2000, 2000]), ...second.map((one) => ({ ...one, discontinuity: true }))];
    const xml = formatRecordingMpd({ renditions: [rendition('source', joined, { ended: true })] }) ?? '';
    expect(checkMpd(xml)).toEqual([]);
    expect(xml).toContain('mediaPresentationDuration="PT6.000S"');
  });
});

describe('succeeding versions of a live MPD', () => {
  it('change nothing that players hold, over any run of segments, discontinuities and windows', () => {
    const step = fc.record({
      durationMs: fc.integer({ min: 500, max: 10_000 }),
      breaks: fc.boolean(),
      gapMs: fc.nat(30_000),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 25 }), fc.integer({ min: 2, max: 6 }), (steps, window) => {
        let atMs = START_MS;
        let session = 1;
        let number = 0;
        const all = steps.map(({ durationMs, breaks, gapMs }, index): MediaSegment => {
          const discontinuity = breaks && index > 0;
          if (discontinuity) [atMs, session, number] = [atMs + gapMs, session + 1, 0];
          const folder = `/open/s/abcdefgh01234567/${session}-aaaaaaaa/source/`;
          const segment = {
            uri: `${folder}${number}.m4s`,
            durationMs,
            programDateTimeMs: atMs,
            map: `${folder}i.mp4`,
            discontinuity,
          };
          atMs = atMs + durationMs;
          number = number + 1;
          return segment;
        });
        let starts = {};
        const versions = all.map((_, index) => {
          const from = Math.max(0, index + 1 - window);
          const slid = all.slice(1, from + 1).filter(({ discontinuity }) => discontinuity).length;
          const playlist = { discontinuitySequence: slid, targetDurationSeconds: 10 };
          const version = formatLiveMpd(
            { renditions: [rendition('source', all.slice(from, index + 1), playlist)], ...TIME },
            starts,
          );
          starts = version?.periodStarts ?? {};
          return version?.text ?? '';
        });
        versions.forEach((version, index) => {
          expect(checkMpd(version)).toEqual([]);
          if (index > 0) expect(checkMpdUpdate(versions[index - 1] ?? '', version)).toEqual([]);
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('the MPD of an encrypted broadcast', () => {
  const encrypted = (id: string, firstKey = 0): MediaSegment[] =>
    segments(id, [2000, 2000, 2000, 2000]).map((segment, index) => ({
      ...segment,
      map: segment.map?.replace('init-0', `init-${Math.floor(index / 2)}`) ?? '',
      key: commonSegmentKey('abcdefgh01234567', `1-aaaaaaaa.${firstKey + Math.floor(index / 2)}`, 'cbcs'),
    }));
  const both = (more: Partial<DashRendition['playlist']> = {}, from = 0) => [
    rendition('source', encrypted('source').slice(from), more),
    rendition('audio', encrypted('audio').slice(from), more),
  ];

  it('has a Period for each key, with its id and the address of its license', () => {
    const xml = live(both());
    expect(checkMpd(xml)).toEqual([]);
    const mpd = readMpd(xml);
    if (typeof mpd === 'string') throw new Error(mpd);
    const of = (period: number) => mpd.Period[period]?.AdaptationSet.map(({ ContentProtection }) => ContentProtection);
    const kids = [0, 1].map((period) => of(period)?.map(([common]) => common?.['cenc:default_KID']));
    expect(kids).toEqual([
      Array(2).fill('00000001-00bb-ab37-2492-000000000000'),
      Array(2).fill('00000001-00bb-ab37-2492-000000010000'),
    ]);
    expect(of(0)?.[0]?.[0]).toMatchObject({ value: 'cbcs' });
    expect(of(0)?.[0]?.[1]?.['dashif:Laurl']).toBe('/api/v1/streams/abcdefgh01234567/keys/license');
    expect(mpd.Period.map(({ start }) => start)).toEqual([0, 4].map((s) => `PT${START_MS / 1000 + s}.000S`));
    const inits = mpd.Period.map(
      ({ AdaptationSet: [set] }) => set?.Representation[0]?.SegmentTemplate[0]?.initialization,
    );
    expect(inits.map((init) => init?.split('/').at(-1))).toEqual(['init-0.mp4', 'init-1.mp4']);
  });

  it('keeps its Periods and their starts while the first segments leave the window', () => {
    const first = formatLiveMpd({ renditions: both(), ...TIME });
    const later = formatLiveMpd({ renditions: both({ mediaSequence: 1 }, 1), ...TIME }, first?.periodStarts);
    expect(checkMpdUpdate(first?.text ?? '', later?.text ?? '')).toEqual([]);
    expect(later?.periodStarts).toEqual(first?.periodStarts);
  });

  it('says in a recording what it said live', () => {
    const xml = formatRecordingMpd({ renditions: both({ ended: true }) }) ?? '';
    expect(checkMpd(xml)).toEqual([]);
    expect(xml.match(/<Period /g)).toHaveLength(2);
    expect(xml.match(/value="cbcs"/g)).toHaveLength(4);
  });

  it('names nothing of Common Encryption for a stream in the clear', () => {
    expect(live([rendition('source', segments('source', [2000]))])).not.toMatch(/cenc|dashif|ContentProtection/);
  });
});
