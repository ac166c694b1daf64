import { checkMpd, checkMpdUpdate } from '.';

const VALID = `<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" minBufferTime="PT2S" type="dynamic" availabilityStartTime="1970-01-01T00:00:00Z" publishTime="2026-11-26T12:00:06.000Z" minimumUpdatePeriod="PT2S" timeShiftBufferDepth="PT30S" maxSegmentDuration="PT2.000S">
<Period id="p0" start="PT100.000S">
<AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">
<Representation id="source" bandwidth="900000" codecs="avc1.64001f">
<SegmentTemplate timescale="1000" presentationTimeOffset="100000" startNumber="3" initialization="/i.mp4" media="/s/$Number$.m4s"><SegmentTimeline><S t="100000" d="2000" r="1"/></SegmentTimeline></SegmentTemplate>
</Representation>
<Representation id="480p" bandwidth="500000" codecs="avc1.64001f">
<SegmentTemplate timescale="1000" presentationTimeOffset="100000" startNumber="3" initialization="/j.mp4" media="/r/$Number$.m4s"><SegmentTimeline><S t="100000" d="2000" r="1"/></SegmentTimeline></SegmentTemplate>
</Representation>
</AdaptationSet>
</Period>
<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="/t"/>
</MPD>
`;
const SPACES = 'xmlns:cenc="urn:mpeg:cenc:2013" xmlns:dashif="https://dashif.org/CPS" type="dynamic"';
const PROTECTED = VALID.replace('type="dynamic"', SPACES).replace(
  '<Representation id="source"',
  '<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cbcs" cenc:default_KID="00000001-0083-d1e6-3c99-000000000000"/>\n' +
    '<ContentProtection schemeIdUri="urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e" value="ClearKey1.0"><dashif:Laurl>/l</dashif:Laurl></ContentProtection>\n' +
    '<Representation id="source"',
);
const STATIC = VALID.replace('type="dynamic"', 'type="static"')
  .replace(/ (availabilityStartTime|publishTime|minimumUpdatePeriod|timeShiftBufferDepth)="[^"]*"/g, '')
  .replace('minBufferTime', 'mediaPresentationDuration="PT4S" minBufferTime');
const clauses = (problems: readonly { clause: string }[]): string[] => [
  ...new Set(problems.map(({ clause }) => clause)),
];

describe('the checker of MPDs', () => {
  it.each([
    ['dynamic', VALID],
    ['static', STATIC],
    ['encrypted', PROTECTED],
  ])('finds nothing in a right %s one', (_, xml) => {
    expect(checkMpd(xml)).toEqual([]);
  });

  it.each([
    ['5.8.4.1', 'no namespace', ' xmlns:dashif="https://dashif.org/CPS"', ''],
    ['5.8.4.1', 'no scheme', /<ContentProtection [^>]*\/>/, ''],
    ['5.8.5.2', 'an unknown scheme', 'value="cbcs"', 'value="cens"'],
    ['5.8.5.2', 'no id of the key', / cenc:default_KID="[^"]*"/, ''],
    ['5.8.4.1', 'no address of the license', '<dashif:Laurl>/l</dashif:Laurl>', ''],
  ] as const)('names clause %s for %s of an encrypted one', (clause, _, part, by) => {
    expect(clauses(checkMpd(PROTECTED.replace(part, by)))).toEqual([clause]);
  });

  it.each([
    ['5.2.1', 'no XML', '<MPD', 'MPD'],
    ['5.2.1', 'another namespace', 'mpd:2011" profiles', 'mpd:2012" profiles'],
    ['5.3.1.2', 'another type', 'type="dynamic"', 'type="live"'],
    ['5.3.1.2', 'no buffer time', 'minBufferTime="PT2S" ', ''],
    ['5.3.1.2', 'no availability start', 'availabilityStartTime="1970-01-01T00:00:00Z" ', ''],
    ['5.3.1.2', 'no publish time', 'publishTime="2026-11-26T12:00:06.000Z" ', ''],
    ['5.3.1.2', 'neither an update nor a duration', 'minimumUpdatePeriod="PT2S" ', ''],
    ['5.3.1.2', 'a segment that is too long', 'maxSegmentDuration="PT2.000S"', 'maxSegmentDuration="PT1.000S"'],
    ['5.8.5.7', 'no clock of its own', /<UTCTiming.*/, ''],
    ['5.3.2.2', 'a Period without an id', ' id="p0"', ''],
    ['5.3.2.2', 'a Period without a start', ' start="PT100.000S"', ''],
    ['5.3.5.2', 'no bandwidth', ' bandwidth="900000"', ''],
    ['5.3.5.2', 'a Representation without an id', ' id="480p"', ''],
    ['5.3.7.2', 'no codecs', ' codecs="avc1.64001f"', ''],
    ['5.3.9.4.4', 'a template without a number', '/s/$Number$.m4s', '/s/3.m4s'],
    ['5.3.9.4.2', 'no init segment', 'initialization="/i.mp4" ', ''],
    ['5.3.9.6.2', 'an S without a duration', 'd="2000" r="1"', 'd="0" r="1"'],
    ['5.3.9.6.2', 'a first S without a time', 't="100000" d', 'd'],
    [
      '5.3.9.6.1',
      'a gap within a Period',
      '<S t="100000" d="2000" r="1"/>',
      '<S t="100000" d="2000"/><S t="102500" d="2000"/>',
    ],
    ['5.3.9.6.1', 'a segment before its Period', 't="100000" d="2000"', 't="98000" d="2000"'],
    [
      '5.3.3.2',
      'representations out of step',
      'media="/r/$Number$.m4s"><SegmentTimeline><S t="100000"',
      'media="/r/$Number$.m4s"><SegmentTimeline><S t="100500"',
    ],
  ])('names clause %s for %s', (clause, _, right, wrong) => {
    expect(VALID.replace(right, wrong)).not.toBe(VALID);
    expect(clauses(checkMpd(VALID.replace(right, wrong)))).toContain(clause);
  });

  it('names clause 5.3.1.2 for an update period in a static one', () => {
    expect(clauses(checkMpd(STATIC.replace('type="static"', 'type="static" minimumUpdatePeriod="PT2S"')))).toEqual([
      '5.3.1.2',
    ]);
  });

  const next = VALID.replace('12:00:06', '12:00:08').replaceAll('r="1"', 'r="2"');
  it('finds nothing in a right update', () => {
    expect(checkMpdUpdate(VALID, next)).toEqual([]);
  });

  it.each([
    ['an availability start that moves', next.replace('1970-01-01', '1970-01-02')],
    ['a publish time that goes back', next.replace('12:00:08', '12:00:05')],
    ['a Period that begins elsewhere', next.replace('start="PT100.000S"', 'start="PT100.500S"')],
    ['a number that becomes another segment', next.replace('/s/$Number$', '/other/$Number$')],
    ['a number that becomes another time', next.replaceAll('<S t="100000"', '<S t="101000"')],
  ])('names clause 5.4.1 for %s', (_, wrong) => {
    expect(clauses(checkMpdUpdate(VALID, wrong))).toEqual(['5.4.1']);
  });

  it('names clause 5.4.1 for an MPD that changes after its end', () => {
    const ended = VALID.replace('minimumUpdatePeriod="PT2S"', 'mediaPresentationDuration="PT104S"');
    expect(clauses(checkMpdUpdate(ended, next))).toEqual(['5.4.1']);
  });
});
