import { onlyOnce } from './basic';
import {
  attributes,
  DECIMAL,
  type Lines,
  type PlaylistSegment,
  QUOTED,
  type RuleFinding,
  type Tag,
  tagsNamed,
  unquoted,
  WHOLE,
} from './lines';

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$/;
const isDate = (text: string | undefined): boolean =>
  text !== undefined && DATE_TIME.test(text) && !Number.isNaN(Date.parse(text));
const finding =
  (clause: string) =>
  (line: number, message: string): RuleFinding => ({ clause, line, message });

/** Returns the duration of a segment in seconds; `undefined` without a readable EXTINF. */
export function durationOf(segment: PlaylistSegment): number | undefined {
  const value = segment.tags.findLast((tag) => tag.name === 'EXTINF')?.value.split(',')[0];
  return value !== undefined && DECIMAL.test(value) ? Number(value) : undefined;
}

function extinf({ uris }: Lines): RuleFinding[] {
  const at = finding('4.4.4.1');
  return uris.flatMap((segment) => {
    const tags = segment.tags.filter((tag) => tag.name === 'EXTINF');
    if (tags.length !== 1) return [at(segment.line, `segment has ${tags.length} EXTINF, needs one`)];
    if (!tags[0]?.value.includes(',')) return [at(segment.line, 'EXTINF has no comma')];
    return durationOf(segment) === undefined ? [at(segment.line, 'EXTINF is not a decimal number')] : [];
  });
}

function byteRange({ uris }: Lines): RuleFinding[] {
  const at = finding('4.4.4.2');
  return uris.flatMap((segment, index) =>
    segment.tags
      .filter((tag) => tag.name === 'EXT-X-BYTERANGE')
      .flatMap(({ line, value }) => {
        if (!/^\d+(@\d+)?$/.test(value)) return [at(line, 'is not <length>[@<offset>]')];
        const before = uris[index - 1];
        const follows = before?.uri === segment.uri && before.tags.some((tag) => tag.name === 'EXT-X-BYTERANGE');
        return value.includes('@') || follows
          ? []
          : [at(line, 'has no offset, and no range of the same resource before it')];
      }),
  );
}

function discontinuity(lines: Lines): RuleFinding[] {
  return tagsNamed(lines, 'EXT-X-DISCONTINUITY')
    .filter((tag) => tag.value !== '')
    .map(({ line }) => ({ clause: '4.4.4.3', line, message: 'EXT-X-DISCONTINUITY takes no value' }));
}

/** Rules of 4.4.4.4 that 4.4.6.5 shares. */
export function keyAttributes({ line, value }: Tag, clause: string): RuleFinding[] {
  const at = finding(clause);
  const list = attributes(value);
  const method = list?.get('METHOD');
  if (list === undefined || method === undefined) return [at(line, 'has no METHOD')];
  if (!['NONE', 'AES-128', 'SAMPLE-AES', 'SAMPLE-AES-CTR'].includes(method))
    return [at(line, `METHOD '${method}' is not known`)];
  if (method === 'NONE') return list.size > 1 ? [at(line, 'METHOD=NONE with other attributes')] : [];
  if (!QUOTED.test(list.get('URI') ?? '')) return [at(line, 'has no URI')];
  const iv = list.get('IV');
  if (iv !== undefined && method === 'SAMPLE-AES-CTR') return [at(line, 'IV with METHOD=SAMPLE-AES-CTR')];
  const unquotedName = ['KEYFORMAT', 'KEYFORMATVERSIONS'].find((name) => !QUOTED.test(list.get(name) ?? '"identity"'));
  if (unquotedName !== undefined) return [at(line, `${unquotedName} is not a quoted string`)];
  return iv !== undefined && !/^0[xX][0-9A-Fa-f]{1,32}$/.test(iv)
    ? [at(line, 'IV is not a 128-bit hexadecimal number')]
    : [];
}

const keys = (lines: Lines): RuleFinding[] =>
  tagsNamed(lines, 'EXT-X-KEY').flatMap((tag) => keyAttributes(tag, '4.4.4.4'));

/** 4.4.4.4: SAMPLE-AES-CTR is defined for fragmented MP4 alone, which has an EXT-X-MAP (3.3). */
function counterMode({ uris }: Lines): RuleFinding[] {
  let hasMap = false;
  return uris.flatMap(({ tags }) => {
    hasMap ||= tags.some(({ name }) => name === 'EXT-X-MAP');
    const key = tags.find((tag) => tag.name === 'EXT-X-KEY');
    const isCounter = key !== undefined && attributes(key.value)?.get('METHOD') === 'SAMPLE-AES-CTR';
    return isCounter && !hasMap
      ? [{ clause: '4.4.4.4', line: key.line, message: 'SAMPLE-AES-CTR for a segment without EXT-X-MAP' }]
      : [];
  });
}

function map(lines: Lines): RuleFinding[] {
  return tagsNamed(lines, 'EXT-X-MAP')
    .filter(({ value }) => !QUOTED.test(attributes(value)?.get('URI') ?? ''))
    .map(({ line }) => ({ clause: '4.4.4.5', line, message: 'EXT-X-MAP has no URI' }));
}

function programDateTime(lines: Lines): RuleFinding[] {
  return tagsNamed(lines, 'EXT-X-PROGRAM-DATE-TIME')
    .filter(({ value }) => !isDate(value))
    .map(({ line, value }) => ({ clause: '4.4.4.6', line, message: `'${value}' is not a date and time with a zone` }));
}

function dateRange(lines: Lines): RuleFinding[] {
  const at = finding('4.4.5.1');
  return tagsNamed(lines, 'EXT-X-DATERANGE').flatMap(({ line, value }) => {
    const list = attributes(value);
    const start = unquoted(list?.get('START-DATE'));
    const end = unquoted(list?.get('END-DATE'));
    if (list === undefined || !list.has('ID')) return [at(line, 'has no ID')];
    if (!isDate(start)) return [at(line, 'has no START-DATE')];
    if (end !== undefined && Date.parse(end) < Date.parse(start ?? '')) return [at(line, 'ends before it starts')];
    if (list.get('DURATION')?.startsWith('-')) return [at(line, 'DURATION is negative')];
    const onNext = list.get('END-ON-NEXT');
    const clash = !list.has('CLASS') || list.has('DURATION') || list.has('END-DATE');
    return onNext !== undefined && (onNext !== 'YES' || clash)
      ? [at(line, 'END-ON-NEXT needs CLASS and no end of its own')]
      : [];
  });
}

/** Attributes of the ranges by their ids; tags of one id belong together, and say the same. */
export function rangesById(lines: Lines): Map<string, Map<string, string>> {
  const byId = new Map<string, Map<string, string>>();
  for (const { value } of tagsNamed(lines, 'EXT-X-DATERANGE')) {
    const list = attributes(value) ?? new Map<string, string>();
    const id = list.get('ID') ?? '';
    byId.set(id, new Map([...list, ...(byId.get(id) ?? [])]));
  }
  return byId;
}

/** The attributes that two ranges of one id both have, and say differently. */
export const differing = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] =>
  [...one].flatMap(([name, value]) => (other.has(name) && other.get(name) !== value ? [name] : []));

function dateRanges(lines: Lines): RuleFinding[] {
  const at = finding('4.4.5.1');
  const tags = tagsNamed(lines, 'EXT-X-DATERANGE');
  const [first] = tags;
  const said = rangesById(lines);
  return [
    ...(first !== undefined && tagsNamed(lines, 'EXT-X-PROGRAM-DATE-TIME').length === 0
      ? [at(first.line, 'has no EXT-X-PROGRAM-DATE-TIME in the playlist')]
      : []),
    ...tags.flatMap(({ line, value }) => {
      const list = attributes(value) ?? new Map<string, string>();
      const others = differing(list, said.get(list.get('ID') ?? '') ?? list);
      return others.length > 0 ? [at(line, `says another ${others.join(', ')} than the range of the same ID`)] : [];
    }),
  ];
}

export const targetDurationOf = (lines: Lines): number =>
  Number(tagsNamed(lines, 'EXT-X-TARGETDURATION')[0]?.value ?? Number.NaN);

function targetDuration(lines: Lines): RuleFinding[] {
  const at = finding('4.4.3.1');
  const [tag] = tagsNamed(lines, 'EXT-X-TARGETDURATION');
  if (tag === undefined) return [at(0, 'EXT-X-TARGETDURATION is missing')];
  if (!WHOLE.test(tag.value)) return [at(tag.line, 'is not a whole number')];
  return [
    ...onlyOnce(lines, 'EXT-X-TARGETDURATION', '4.4.3.1'),
    ...lines.uris
      .filter((segment) => Math.round(durationOf(segment) ?? 0) > Number(tag.value))
      .map((segment) => at(segment.line, `lasts ${durationOf(segment)} s, the target duration is ${tag.value} s`)),
  ];
}

/** 4.4.3.2 and 4.4.3.3: numbers, once, and before the first segment. */
function sequenceTag(lines: Lines, name: string, clause: string): RuleFinding[] {
  const [tag] = tagsNamed(lines, name);
  if (tag === undefined) return [];
  const first = lines.uris[0]?.line ?? Number.POSITIVE_INFINITY;
  const firstDiscontinuity = tagsNamed(lines, 'EXT-X-DISCONTINUITY')[0]?.line ?? Number.POSITIVE_INFINITY;
  const late = tag.line > first || (name === 'EXT-X-DISCONTINUITY-SEQUENCE' && tag.line > firstDiscontinuity);
  return [
    ...(WHOLE.test(tag.value) ? [] : [{ clause, line: tag.line, message: `${name} is not a whole number` }]),
    ...(late ? [{ clause, line: tag.line, message: `${name} stands after what it counts` }] : []),
    ...onlyOnce(lines, name, clause),
  ];
}
const mediaSequence = (lines: Lines): RuleFinding[] => sequenceTag(lines, 'EXT-X-MEDIA-SEQUENCE', '4.4.3.2');
const discontinuitySequence = (lines: Lines): RuleFinding[] =>
  sequenceTag(lines, 'EXT-X-DISCONTINUITY-SEQUENCE', '4.4.3.3');

function endList(lines: Lines): RuleFinding[] {
  return [
    ...onlyOnce(lines, 'EXT-X-ENDLIST', '4.4.3.4'),
    ...tagsNamed(lines, 'EXT-X-ENDLIST')
      .filter(({ value }) => value !== '')
      .map(({ line }) => ({ clause: '4.4.3.4', line, message: 'EXT-X-ENDLIST takes no value' })),
  ];
}

function playlistType(lines: Lines): RuleFinding[] {
  return [
    ...onlyOnce(lines, 'EXT-X-PLAYLIST-TYPE', '4.4.3.5'),
    ...tagsNamed(lines, 'EXT-X-PLAYLIST-TYPE')
      .filter(({ value }) => value !== 'EVENT' && value !== 'VOD')
      .map(({ line, value }) => ({ clause: '4.4.3.5', line, message: `'${value}' is neither EVENT nor VOD` })),
  ];
}

const iFramesOnly = (lines: Lines): RuleFinding[] => [
  ...onlyOnce(lines, 'EXT-X-I-FRAMES-ONLY', '4.4.3.6'),
  ...tagsNamed(lines, 'EXT-X-I-FRAMES-ONLY')
    .filter(({ value }) => value !== '')
    .map(({ line }) => ({ clause: '4.4.3.6', line, message: 'EXT-X-I-FRAMES-ONLY takes no value' })),
];

/** 6.2.3: a segment is encrypted with one method and key; tags that apply together differ in KEYFORMAT. */
function oneEncryption({ uris }: Lines): RuleFinding[] {
  return uris.flatMap((segment) => {
    const applied = segment.tags
      .filter((tag) => tag.name === 'EXT-X-KEY')
      .map((tag) => ({ tag, list: attributes(tag.value) }));
    return applied.flatMap(({ tag, list }, index) => {
      const clash = applied
        .slice(0, index)
        .some(
          (other) =>
            other.list?.get('METHOD') !== list?.get('METHOD') ||
            (other.list?.get('KEYFORMAT') ?? '"identity"') === (list?.get('KEYFORMAT') ?? '"identity"'),
        );
      return clash ? [{ clause: '6.2.3', line: tag.line, message: 'two keys apply to one segment' }] : [];
    });
  });
}

export const mediaRules = [
  extinf,
  byteRange,
  discontinuity,
  keys,
  counterMode,
  map,
  programDateTime,
  dateRange,
  dateRanges,
  targetDuration,
  mediaSequence,
  discontinuitySequence,
  endList,
  playlistType,
  iFramesOnly,
  oneEncryption,
];
