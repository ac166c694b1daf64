import {
  type ContentProtection,
  type Mpd,
  type Period,
  type Representation,
  readMpd,
  secondsOf,
  segmentsOf,
} from './mpd';

/** A broken rule of ISO/IEC 23009-1:2022, by its clause. */
export interface MpdProblem {
  clause: string;
  message: string;
}
const problem = (clause: string, message: string): MpdProblem => ({ clause, message });
const when = (broken: boolean, clause: string, message: string): MpdProblem[] =>
  broken ? [problem(clause, message)] : [];

const representationsOf = ({ AdaptationSet }: Period): Representation[] =>
  AdaptationSet.flatMap(({ Representation: representations }) => representations);
/** Times are written in whole ticks of milliseconds. */
const TOLERANCE_SECONDS = 0.0015;

function ofHead(mpd: Mpd): MpdProblem[] {
  const dynamic = mpd.type === 'dynamic';
  return [
    ...when(mpd.xmlns !== 'urn:mpeg:dash:schema:mpd:2011', '5.2.1', `xmlns is '${mpd.xmlns}'`),
    ...when(!dynamic && mpd.type !== 'static', '5.3.1.2', `type is '${mpd.type}': use static or dynamic`),
    ...when(mpd.profiles === undefined, '5.3.1.2', 'profiles is missing'),
    ...when(!(secondsOf(mpd.minBufferTime) > 0), '5.3.1.2', `minBufferTime is '${mpd.minBufferTime}'`),
    ...when(mpd.Period.length === 0, '5.3.1.2', 'there is no Period'),
    ...when(
      dynamic && Number.isNaN(Date.parse(mpd.availabilityStartTime ?? '')),
      '5.3.1.2',
      'availabilityStartTime is missing',
    ),
    ...when(dynamic && Number.isNaN(Date.parse(mpd.publishTime ?? '')), '5.3.1.2', 'publishTime is missing'),
    ...when(!dynamic && mpd.minimumUpdatePeriod !== undefined, '5.3.1.2', 'minimumUpdatePeriod in a static MPD'),
    ...when(!dynamic && mpd.timeShiftBufferDepth !== undefined, '5.3.1.2', 'timeShiftBufferDepth in a static MPD'),
    ...when(
      mpd.minimumUpdatePeriod === undefined && mpd.mediaPresentationDuration === undefined,
      '5.3.1.2',
      'neither minimumUpdatePeriod nor mediaPresentationDuration',
    ),
    ...when(
      dynamic && mpd.UTCTiming.length === 0,
      '5.8.5.7',
      'a dynamic MPD without UTCTiming: players ask hosts of others',
    ),
  ];
}

function ofPeriods({ Period: periods, type }: Mpd): MpdProblem[] {
  const ids = periods.map(({ id }) => id);
  const starts = periods.map(({ start }) => secondsOf(start));
  return [
    ...when(type === 'dynamic' && ids.includes(undefined), '5.3.2.2', 'a Period of a dynamic MPD without an id'),
    ...when(new Set(ids).size !== ids.length, '5.3.2.2', 'two Periods have one id'),
    ...when(type === 'dynamic' && starts.some(Number.isNaN), '5.3.2.2', 'a Period of a dynamic MPD without a start'),
    ...starts.flatMap((start, index) =>
      when(
        index > 0 && start <= (starts[index - 1] ?? 0),
        '5.3.2.1',
        `Period ${index + 1} does not begin after the one before`,
      ),
    ),
  ];
}

function ofRepresentation(representation: Representation, mimeType: string | undefined): MpdProblem[] {
  const { id, bandwidth, codecs, SegmentTemplate: templates } = representation;
  const [template] = templates;
  const entries = template?.SegmentTimeline[0]?.S ?? [];
  return [
    ...when(id === undefined || /\s/.test(id), '5.3.5.2', `Representation id '${id}'`),
    ...when(!/^[1-9]\d*$/.test(bandwidth ?? ''), '5.3.5.2', `Representation '${id}': bandwidth '${bandwidth}'`),
    ...when(
      codecs === undefined || mimeType === undefined,
      '5.3.7.2',
      `Representation '${id}': codecs or mimeType is missing`,
    ),
    ...when(templates.length !== 1, '5.3.9.1', `Representation '${id}': ${templates.length} SegmentTemplates`),
    ...when(
      !/\$(Number|Time)\$/.test(template?.media ?? ''),
      '5.3.9.4.4',
      `Representation '${id}': media without $Number$ or $Time$`,
    ),
    ...when((template?.initialization ?? '') === '', '5.3.9.4.2', `Representation '${id}': no initialization`),
    ...when(
      /\$(Number|Time)\$/.test(template?.initialization ?? ''),
      '5.3.9.4.4',
      `Representation '${id}': $ in initialization`,
    ),
    ...when(entries.length === 0, '5.3.9.6.2', `Representation '${id}': no S`),
    ...when(
      entries[0] !== undefined && entries[0].t === undefined,
      '5.3.9.6.2',
      `Representation '${id}': the first S has no t`,
    ),
    ...when(
      entries.some(({ d }) => !/^[1-9]\d*$/.test(d ?? '')),
      '5.3.9.6.2',
      `Representation '${id}': an S with d 0 or none`,
    ),
  ];
}

function ofTimes(mpd: Mpd, period: Period): MpdProblem[] {
  const limit = secondsOf(mpd.maxSegmentDuration);
  return representationsOf(period).flatMap((representation) => {
    const segments = segmentsOf(representation);
    return segments.flatMap(({ startSeconds, durationSeconds }, index) => {
      const before = segments[index - 1];
      const gap = before === undefined ? 0 : startSeconds - before.startSeconds - before.durationSeconds;
      return [
        ...when(startSeconds < -TOLERANCE_SECONDS, '5.3.9.6.1', `'${representation.id}' begins before its Period`),
        ...when(
          Math.abs(gap) > TOLERANCE_SECONDS,
          '5.3.9.6.1',
          `'${representation.id}': ${gap} s between segments of one Period`,
        ),
        ...when(
          durationSeconds > limit + TOLERANCE_SECONDS,
          '5.3.1.2',
          `'${representation.id}': ${durationSeconds} s above maxSegmentDuration`,
        ),
      ];
    });
  });
}

/** Segment alignment: what `segmentAlignment="true"` promises of the pictures of one Period. */
function ofAlignment(period: Period): MpdProblem[] {
  return period.AdaptationSet.flatMap(({ Representation: representations }) => {
    const lists = representations.map(
      (representation) => new Map(segmentsOf(representation).map((one) => [one.number, one])),
    );
    const [first, ...others] = lists;
    return others.flatMap((other) =>
      [...other].flatMap(([number, { startSeconds }]) => {
        const known = first?.get(number);
        const differs = known !== undefined && Math.abs(known.startSeconds - startSeconds) > TOLERANCE_SECONDS;
        return when(differs, '5.3.3.2', `segment ${number} does not begin at one time in all representations`);
      }),
    );
  });
}

const MP4_PROTECTION = 'urn:mpeg:dash:mp4protection:2011';
const CLEAR_KEY = 'urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * 5.8.4.1 and ISO/IEC 23001-7, 11.2: the scheme stands once, with the id of the one key; each system beside it is one
 * more element, and ClearKey's says where its license is (DASH-IF: Content Protection and Security, 7.6.2.4).
 */
function ofProtection(mpd: Mpd, { id, AdaptationSet }: Period): MpdProblem[] {
  const hasSpaces = mpd['xmlns:cenc'] === 'urn:mpeg:cenc:2013' && mpd['xmlns:dashif'] === 'https://dashif.org/CPS';
  const found = AdaptationSet.map(({ ContentProtection: protections }) => protections);
  const kidOf = (protections: readonly ContentProtection[]) =>
    protections.find(({ schemeIdUri }) => schemeIdUri === MP4_PROTECTION)?.['cenc:default_KID'];
  return [
    ...when(new Set(found.map(kidOf)).size > 1, '5.8.4.1', `Period '${id}' has several keys`),
    ...found.flatMap((protections) => {
      const common = protections.filter(({ schemeIdUri }) => schemeIdUri === MP4_PROTECTION);
      const clearKey = protections.find(({ schemeIdUri }) => schemeIdUri === CLEAR_KEY);
      return [
        ...when(protections.length > 0 && !hasSpaces, '5.8.4.1', 'cenc or dashif is no namespace'),
        ...when(protections.length > 0 && common.length !== 1, '5.8.4.1', `${common.length} schemes of MP4 protection`),
        ...common.flatMap(({ value, 'cenc:default_KID': kid }) => [
          ...when(value !== 'cenc' && value !== 'cbcs', '5.8.5.2', `scheme '${value}'`),
          ...when(!UUID.test(kid ?? ''), '5.8.5.2', `default_KID '${kid}'`),
        ]),
        ...when(
          clearKey !== undefined && typeof clearKey['dashif:Laurl'] !== 'string',
          '5.8.4.1',
          'ClearKey without the address of its license',
        ),
      ];
    }),
  ];
}

/** Every broken rule of one MPD; empty is right. */
export function checkMpd(xml: string): MpdProblem[] {
  const mpd = readMpd(xml);
  if (typeof mpd === 'string') return [problem('5.2.1', mpd)];
  return [
    ...ofHead(mpd),
    ...ofPeriods(mpd),
    ...mpd.Period.flatMap((period) => [
      ...period.AdaptationSet.flatMap(({ mimeType, Representation: representations }) =>
        representations.flatMap((representation) => ofRepresentation(representation, mimeType)),
      ),
      ...ofTimes(mpd, period),
      ...ofProtection(mpd, period),
      ...ofAlignment(period),
    ]),
  ];
}

const keyOf = (period: Period, { id }: Representation): string => `${period.id}/${id}`;

function segmentsByNumber(mpd: Mpd): Map<string, { uri: string; startSeconds: number }> {
  return new Map(
    mpd.Period.flatMap((period) =>
      representationsOf(period).flatMap((representation) =>
        segmentsOf(representation).map(
          ({ number, uri, startSeconds }) =>
            [
              `${keyOf(period, representation)}/${number}`,
              { uri, startSeconds: startSeconds + secondsOf(period.start) },
            ] as const,
        ),
      ),
    ),
  );
}

/** Returns the forbidden changes of an updated dynamic MPD (ISO/IEC 23009-1, 5.4.1): empty is right. */
export function checkMpdUpdate(older: string, newer: string): MpdProblem[] {
  const before = readMpd(older);
  const after = readMpd(newer);
  if (typeof before === 'string' || typeof after === 'string') return [problem('5.2.1', 'one of the two is no MPD')];
  const was = segmentsByNumber(before);
  const is = segmentsByNumber(after);
  const ids = after.Period.map(({ id }) => id);
  const order = before.Period.map(({ id }) => id).filter((id) => ids.includes(id));
  return [
    ...when(before.availabilityStartTime !== after.availabilityStartTime, '5.4.1', 'availabilityStartTime has moved'),
    ...when(
      Date.parse(after.publishTime ?? '') < Date.parse(before.publishTime ?? ''),
      '5.4.1',
      'publishTime has gone back',
    ),
    ...when(
      order.join() !== ids.filter((id) => order.includes(id)).join(),
      '5.4.1',
      'Periods have changed their order',
    ),
    ...when(before.minimumUpdatePeriod === undefined && older !== newer, '5.4.1', 'an MPD that had ended has changed'),
    ...before.Period.flatMap(({ id, start }) => {
      const now = after.Period.find((period) => period.id === id);
      return when(now !== undefined && now.start !== start, '5.4.1', `the start of Period '${id}' has moved`);
    }),
    ...[...was].flatMap(([key, { uri, startSeconds }]) => {
      const now = is.get(key);
      return [
        ...when(now !== undefined && now.uri !== uri, '5.4.1', `segment ${key} has another URI`),
        ...when(
          now !== undefined && Math.abs(now.startSeconds - startSeconds) > TOLERANCE_SECONDS,
          '5.4.1',
          `segment ${key} has another time`,
        ),
      ];
    }),
  ];
}
