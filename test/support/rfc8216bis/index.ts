/** A broken rule of draft-pantos-hls-rfc8216bis, by its clause. */
export interface LowLatencyProblem {
  clause: string;
  message: string;
}

interface SeenSegment {
  msn: number;
  lines: readonly string[];
  durationSeconds: number;
  parts: readonly SeenPart[];
  dateMs: number;
  isDiscontinuous: boolean;
}
interface SeenPart {
  durationSeconds: number;
  uri: string;
  isIndependent: boolean;
}
interface Seen {
  tags: ReadonlyMap<string, string>;
  repeated: readonly string[];
  segments: readonly SeenSegment[];
  openParts: readonly SeenPart[];
  hints: readonly string[];
  isOver: boolean;
}

const when = (broken: boolean, clause: string, message: string): LowLatencyProblem[] =>
  broken ? [{ clause, message }] : [];
const attribute = (text: string | undefined, name: string): string | undefined =>
  new RegExp(`(?:^|,)${name}=(?:"([^"]*)"|([^,]*))`)
    .exec(text ?? '')
    ?.slice(1)
    .find((value) => value !== undefined);
const numberOf = (text: string | undefined): number => Number(text ?? Number.NaN);
const TOLERANCE_SECONDS = 0.0011;

function partOf(value: string): SeenPart {
  const durationSeconds = numberOf(attribute(value, 'DURATION'));
  return {
    durationSeconds,
    uri: attribute(value, 'URI') ?? '',
    isIndependent: attribute(value, 'INDEPENDENT') === 'YES',
  };
}

/** A playlist as it stands, read by nothing the product has. */
function read(text: string): Seen {
  const tags = new Map<string, string>();
  const [repeated, segments, hints]: [string[], SeenSegment[], string[]] = [[], [], []];
  let [lines, parts]: [string[], SeenPart[]] = [[], []];
  let isOver = false;
  for (const line of text.split('\n')) {
    const [, tag = '', value = ''] = /^#([A-Z0-9-]+)(?::(.*))?$/.exec(line) ?? [];
    if (tag === 'EXT-X-PART') parts.push(partOf(value));
    else if (tag === 'EXT-X-PRELOAD-HINT') hints.push(value);
    else if (tag === 'EXT-X-ENDLIST') isOver = true;
    else if (['EXTINF', 'EXT-X-PROGRAM-DATE-TIME', 'EXT-X-DISCONTINUITY', 'EXT-X-MAP'].includes(tag)) lines.push(line);
    else if (tag !== '') {
      if (tags.has(tag) && tag !== 'EXT-X-DATERANGE') repeated.push(tag);
      tags.set(tag, value);
    } else if (line !== '') {
      const find = (name: string): string | undefined =>
        lines.find((one) => one.startsWith(`#${name}`))?.slice(name.length + 2);
      segments.push({
        msn: numberOf(/^(\d+)\./.exec(line)?.[1]),
        lines: [...lines, line],
        durationSeconds: Number.parseFloat(find('EXTINF') ?? ''),
        parts,
        dateMs: Date.parse(find('EXT-X-PROGRAM-DATE-TIME') ?? ''),
        isDiscontinuous: lines.includes('#EXT-X-DISCONTINUITY'),
      });
      lines = [];
      parts = [];
    }
  }
  return { tags, repeated, segments, openParts: parts, hints, isOver };
}

function ofHeader({ tags, repeated }: Seen): LowLatencyProblem[] {
  const control = tags.get('EXT-X-SERVER-CONTROL');
  const target = numberOf(tags.get('EXT-X-TARGETDURATION'));
  const partTarget = numberOf(attribute(tags.get('EXT-X-PART-INF'), 'PART-TARGET'));
  const skipUntil = attribute(control, 'CAN-SKIP-UNTIL');
  return [
    ...repeated.map((tag) => ({ clause: '4.4.3', message: `${tag} stands twice` })),
    ...when(numberOf(tags.get('EXT-X-VERSION')) < (tags.has('EXT-X-SKIP') ? 9 : 6), '8', 'EXT-X-VERSION is too low'),
    ...when(!(partTarget > 0), '4.4.3.7', 'PART-TARGET is missing'),
    ...when(attribute(control, 'CAN-BLOCK-RELOAD') !== 'YES', '4.4.3.8', 'CAN-BLOCK-RELOAD is missing'),
    ...when(
      !(numberOf(attribute(control, 'PART-HOLD-BACK')) >= 3 * partTarget),
      '4.4.3.8',
      'PART-HOLD-BACK is under 3 part targets',
    ),
    ...when(
      !(numberOf(attribute(control, 'HOLD-BACK')) >= 3 * target),
      '4.4.3.8',
      'HOLD-BACK is under 3 target durations',
    ),
    ...when(
      skipUntil !== undefined && numberOf(skipUntil) < 6 * target,
      '4.4.3.8',
      'CAN-SKIP-UNTIL is under 6 target durations',
    ),
  ];
}

function ofParts({ tags, segments, openParts, hints, isOver }: Seen): LowLatencyProblem[] {
  const target = numberOf(attribute(tags.get('EXT-X-PART-INF'), 'PART-TARGET'));
  const lists = [
    ...segments.map(({ parts, msn }) => ({ parts, msn, isOpen: false })),
    { parts: openParts, msn: Number.NaN, isOpen: true },
  ];
  const next = (segments.at(-1)?.msn ?? -1) + 1;
  return [
    ...lists.flatMap(({ parts, isOpen }) =>
      parts.flatMap(({ durationSeconds, uri }, index) => [
        ...when(
          !(durationSeconds <= target + TOLERANCE_SECONDS),
          '4.4.4.9',
          `part ${uri}: ${durationSeconds} s above PART-TARGET`,
        ),
        ...when(
          durationSeconds < 0.85 * target - TOLERANCE_SECONDS && (isOpen || index < parts.length - 1),
          '4.4.4.9',
          `part ${uri}: ${durationSeconds} s under 85 % of PART-TARGET`,
        ),
      ]),
    ),
    ...segments.flatMap(({ parts, durationSeconds, msn }) => {
      const sum = parts.reduce((total, part) => total + part.durationSeconds, 0);
      const differs = parts.length > 0 && Math.abs(sum - durationSeconds) > TOLERANCE_SECONDS * parts.length;
      return when(differs, '4.4.4.9', `the parts of ${msn} are ${sum} s, EXTINF says ${durationSeconds}`);
    }),
    ...when(isOver && hints.length > 0, '4.4.5.3', 'PRELOAD-HINT after the end'),
    ...when(!isOver && hints.length !== 1, '4.4.5.3', `${hints.length} PRELOAD-HINTs`),
    ...hints.flatMap((hint) =>
      when(
        attribute(hint, 'URI') !== `${next}.${openParts.length}.m4s`,
        '4.4.5.3',
        'PRELOAD-HINT names another part than the next',
      ),
    ),
  ];
}

function ofSegments({ tags, segments }: Seen): LowLatencyProblem[] {
  const target = numberOf(tags.get('EXT-X-TARGETDURATION'));
  const skipped = numberOf(attribute(tags.get('EXT-X-SKIP'), 'SKIPPED-SEGMENTS')) || 0;
  const first = numberOf(tags.get('EXT-X-MEDIA-SEQUENCE')) + skipped;
  return [
    ...segments.flatMap(({ msn, durationSeconds, dateMs, isDiscontinuous }, index) => {
      const before = segments[index - 1];
      const drift =
        before === undefined || isDiscontinuous ? 0 : dateMs - before.dateMs - before.durationSeconds * 1000;
      return [
        ...when(msn !== first + index, '4.4.3.2', `segment ${msn} stands where ${first + index} belongs`),
        ...when(
          Math.round(durationSeconds) > target,
          '4.4.3.1',
          `segment ${msn}: ${durationSeconds} s above the target duration`,
        ),
        ...when(Number.isNaN(dateMs), '4.4.4.6', `segment ${msn} has no date`),
        ...when(Math.abs(drift) > 50, '4.4.4.6', `segment ${msn}: its date is ${drift} ms off`),
      ];
    }),
    ...when(
      skipped === 0 && !segments[0]?.lines.some((line) => line.startsWith('#EXT-X-MAP')),
      '4.4.4.5',
      'no EXT-X-MAP at the first segment',
    ),
  ];
}

/** Every broken rule of one low-latency media playlist; empty is right. */
export function checkLowLatency(text: string): LowLatencyProblem[] {
  const seen = read(text);
  return [...ofHeader(seen), ...ofParts(seen), ...ofSegments(seen)];
}

/** Returns the forbidden changes of a later version (6.2.1, 6.2.2): empty is right. */
export function checkLowLatencyUpdate(older: string, newer: string): LowLatencyProblem[] {
  const was = read(older);
  const is = read(newer);
  const sequence = ({ tags }: Seen, tag: string): number => numberOf(tags.get(tag));
  const bare = (lines: readonly string[]): string => lines.filter((line) => !line.startsWith('#EXT-X-MAP')).join('\n');
  const before = new Map(was.segments.map((segment) => [segment.msn, bare(segment.lines)]));
  const [hint] = was.hints;
  const parts = [...is.segments.flatMap((segment) => segment.parts), ...is.openParts];
  const hinted = attribute(hint, 'URI') ?? '';
  const openMsn = (was.segments.at(-1)?.msn ?? -1) + 1;
  const isBroken = is.segments.some(({ msn, isDiscontinuous }) => msn >= openMsn && isDiscontinuous);
  const grew = parts.length > 0 && parts.some(({ uri }) => numberOf(/^(\d+)\./.exec(uri)?.[1]) > openMsn);
  return [
    ...when(
      sequence(is, 'EXT-X-TARGETDURATION') !== sequence(was, 'EXT-X-TARGETDURATION'),
      '4.4.3.1',
      'the target duration has changed',
    ),
    ...when(
      sequence(is, 'EXT-X-MEDIA-SEQUENCE') < sequence(was, 'EXT-X-MEDIA-SEQUENCE'),
      '6.2.2',
      'the media sequence has gone back',
    ),
    ...when(
      sequence(is, 'EXT-X-DISCONTINUITY-SEQUENCE') < sequence(was, 'EXT-X-DISCONTINUITY-SEQUENCE'),
      '6.2.2',
      'the discontinuity sequence has gone back',
    ),
    ...when(was.isOver && older !== newer, '6.2.1', 'a playlist that had ended has changed'),
    ...is.segments.flatMap(({ msn, lines }) =>
      when(before.has(msn) && before.get(msn) !== bare(lines), '6.2.1', `segment ${msn} has changed`),
    ),
    ...when(
      hint !== undefined && grew && !isBroken && !parts.some(({ uri }) => uri === hinted) && hinted.endsWith('.0.m4s'),
      '4.4.5.3',
      `the hinted part ${hinted} never came`,
    ),
  ];
}
