import type { DateRange } from '../../contract/objects/metadata';
import { defined } from '../defined';
import { DomainError } from '../errors';
import { formatDateRange, parseDateRange } from './date-ranges';

/**
 * The key of an encrypted segment (EXT-X-KEY; rfc8216bis 4.4.4.4). `uri` is for players; `iv` and `kid`: `0x` and 32
 * digits. The vectors of fragments in Common Encryption are in the media.
 */
export type SegmentKey =
  | { method: 'AES-128'; uri: string; iv: string }
  | { method: 'SAMPLE-AES' | 'SAMPLE-AES-CTR'; uri: string; kid: string };

/**
 * One media segment. `discontinuity`: it carries EXT-X-DISCONTINUITY, so it does not follow on from the one before it.
 */
export interface MediaSegment {
  uri: string;
  durationMs: number;
  /** Wall clock of the first frame, in milliseconds since the epoch. */
  programDateTimeMs?: number;
  discontinuity: boolean;
  /** URI of the init segment a fragment needs before it (EXT-X-MAP); absent for transport streams. */
  map?: string;
  /** Absent: the segment is in the clear. */
  key?: SegmentKey;
  /** There is no such segment in this rendition (EXT-X-GAP, rfc8216bis 4.4.4.7): players take another rendition's. */
  gap?: true;
}

/**
 * A media playlist (RFC 8216, 4.3.3). Segment `i` has the number `mediaSequence + i`. `ended`: it carries
 * EXT-X-ENDLIST.
 */
export interface MediaPlaylist {
  targetDurationSeconds: number;
  mediaSequence: number;
  discontinuitySequence: number;
  ended: boolean;
  playlistType?: 'VOD' | 'EVENT';
  segments: readonly MediaSegment[];
  /** Timed metadata, in order; absent: none. */
  dateRanges?: readonly DateRange[];
}

/**
 * Common Encryption by the ClearKey of browsers: https://www.w3.org/TR/encrypted-media/#clear-key. KEYID, which other
 * key systems write too, lets a player ask for a key before it has the first segment.
 */
const CLEAR_KEY = 'KEYFORMAT="org.w3.clearkey",KEYFORMATVERSIONS="1"';

function keyLine(key: SegmentKey | undefined): string {
  if (key === undefined) return '#EXT-X-KEY:METHOD=NONE';
  const rest = key.method === 'AES-128' ? `IV=${key.iv}` : `KEYID=${key.kid},${CLEAR_KEY}`;
  return `#EXT-X-KEY:METHOD=${key.method},URI="${key.uri}",${rest}`;
}
/** EXT-X-KEY holds until the next one too. */
const keyLines = ({ key }: MediaSegment, before: MediaSegment | undefined): string[] =>
  (key ?? before?.key) === undefined || (before !== undefined && keyLine(key) === keyLine(before.key))
    ? []
    : [keyLine(key)];

/** EXT-X-MAP holds until the next one (RFC 8216, 4.3.2.5): it is written where it changes. */
const formatSegment = (segment: MediaSegment, before: MediaSegment | undefined): string[] => [
  ...(segment.discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
  ...keyLines(segment, before),
  ...(segment.map === undefined || segment.map === before?.map ? [] : [`#EXT-X-MAP:URI="${segment.map}"`]),
  ...(segment.programDateTimeMs === undefined
    ? []
    : [`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.programDateTimeMs).toISOString()}`]),
  ...(segment.gap ? ['#EXT-X-GAP'] : []),
  `#EXTINF:${(segment.durationMs / 1000).toFixed(3)},`,
  segment.uri,
];

/** RFC 8216, 7: KEYFORMAT needs version 5, EXT-X-MAP in a playlist without EXT-X-I-FRAMES-ONLY version 6. */
function versionOf({ segments }: MediaPlaylist): number {
  if (segments.some(({ map }) => map !== undefined)) return 6;
  return segments.some(({ key }) => key !== undefined && key.method !== 'AES-128') ? 5 : 3;
}

/**
 * The playlist's text: LF line ends, the lowest version it needs, durations with 3 decimals, dates in UTC with
 * milliseconds.
 */
export function formatMediaPlaylist(playlist: MediaPlaylist): string {
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${versionOf(playlist)}`,
    `#EXT-X-TARGETDURATION:${playlist.targetDurationSeconds}`,
    `#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${playlist.discontinuitySequence}`,
    ...(playlist.playlistType === undefined ? [] : [`#EXT-X-PLAYLIST-TYPE:${playlist.playlistType}`]),
    ...(playlist.dateRanges ?? []).map(formatDateRange),
    ...playlist.segments.flatMap((segment, index) => formatSegment(segment, playlist.segments[index - 1])),
    ...(playlist.ended ? ['#EXT-X-ENDLIST'] : []),
    '',
  ].join('\n');
}

/**
 * The part that was read so far: the playlist's own tags, its segments, and the tags of the segment whose URI is still
 * to come.
 */
interface Draft {
  header: {
    targetDurationSeconds?: number;
    mediaSequence?: number;
    discontinuitySequence?: number;
    playlistType?: 'VOD' | 'EVENT';
  };
  ended: boolean;
  segments: MediaSegment[];
  dateRanges: DateRange[];
  next: { durationMs?: number; programDateTimeMs?: number; discontinuity?: true; gap?: true };
  /** The init segment and the key of the segments to come. */
  map?: string;
  key?: SegmentKey | undefined;
}

/** A tag's reader takes its value and says what is wrong with it, if anything. */
type ReadTag = (draft: Draft, value: string) => string | undefined;

function setOnce<Key extends string, Value>(
  target: { [key in Key]?: Value },
  key: Key,
  value: Value,
): string | undefined {
  if (target[key] !== undefined) return 'may stand only once here';
  target[key] = value;
  return undefined;
}

const wholeNumberTag =
  (key: 'targetDurationSeconds' | 'mediaSequence' | 'discontinuitySequence'): ReadTag =>
  (draft, value) => {
    if (!/^\d{1,15}$/.test(value)) return 'use a whole number';
    // RFC 8216, 4.3.3.2 and 4.3.3.3: the two sequence tags stand before the first segment.
    if (draft.segments.length > 0 && key !== 'targetDurationSeconds') return 'must stand before the first segment';
    return setOnce(draft.header, key, Number(value));
  };

const readType: ReadTag = (draft, value) =>
  value === 'VOD' || value === 'EVENT' ? setOnce(draft.header, 'playlistType', value) : 'use VOD or EVENT';

const readDuration: ReadTag = (draft, value) => {
  const seconds = /^(\d{1,6}(?:\.\d{1,9})?)(?:,|$)/.exec(value)?.[1];
  return seconds === undefined
    ? 'use seconds and a comma'
    : setOnce(draft.next, 'durationMs', Math.round(Number(seconds) * 1000));
};

const readProgramDateTime: ReadTag = (draft, value) => {
  const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/.test(value);
  const ms = zoned ? Date.parse(value.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : Number.NaN;
  return Number.isNaN(ms) ? 'use ISO 8601 with a time zone' : setOnce(draft.next, 'programDateTimeMs', ms);
};

const readMap: ReadTag = (draft, value) => {
  const [, uri] = /^URI="([^"\s]+)"$/.exec(value) ?? [];
  if (uri === undefined) return 'use URI="<init segment>" and nothing else';
  draft.map = uri;
  return undefined;
};

const readDateRange: ReadTag = (draft, value) => {
  const range = parseDateRange(value);
  if (typeof range === 'string') return range;
  if (range !== undefined) draft.dateRanges.push(range);
  return undefined;
};

const COMMON_KEY =
  /^METHOD=SAMPLE-AES(-CTR)?,URI="([^"\s]+)",KEYID=(0x[0-9a-f]{32}),KEYFORMAT="org\.w3\.clearkey",KEYFORMATVERSIONS="1"$/;

/** The three keys that this product writes: whole segments, samples in CBC, samples in CTR. */
function keyIn(value: string): SegmentKey | undefined {
  const [, uri, iv] = /^METHOD=AES-128,URI="([^"\s]+)",IV=(0x[0-9a-f]{32})$/.exec(value) ?? [];
  if (uri !== undefined && iv !== undefined) return { method: 'AES-128', uri, iv };
  const [, isCtr, common, kid] = COMMON_KEY.exec(value) ?? [];
  if (common === undefined || kid === undefined) return undefined;
  return { method: isCtr === undefined ? 'SAMPLE-AES' : 'SAMPLE-AES-CTR', uri: common, kid };
}

const KEYS_ALLOWED =
  'use METHOD=AES-128,URI="<key>",IV=0x<32 hex digits>, ' +
  `METHOD=SAMPLE-AES or SAMPLE-AES-CTR,URI="<key>",KEYID=0x<32 hex digits>,${CLEAR_KEY}, or METHOD=NONE`;

const readKey: ReadTag = (draft, value) => {
  draft.key = keyIn(value);
  return draft.key === undefined && value !== 'METHOD=NONE' ? KEYS_ALLOWED : undefined;
};

/**
 * RFC 8216, 4.3.1-4.3.3, as far as this product writes them; other tags are let through unread, as 6.3.1 asks of
 * clients.
 */
const TAGS: Readonly<Record<string, ReadTag>> = {
  '#EXT-X-TARGETDURATION': wholeNumberTag('targetDurationSeconds'),
  '#EXT-X-MEDIA-SEQUENCE': wholeNumberTag('mediaSequence'),
  '#EXT-X-DISCONTINUITY-SEQUENCE': wholeNumberTag('discontinuitySequence'),
  '#EXT-X-PLAYLIST-TYPE': readType,
  '#EXT-X-PROGRAM-DATE-TIME': readProgramDateTime,
  '#EXT-X-MAP': readMap,
  '#EXT-X-DATERANGE': readDateRange,
  '#EXT-X-KEY': readKey,
  '#EXTINF': readDuration,
  '#EXT-X-GAP': (draft) => setOnce(draft.next, 'gap', true),
  '#EXT-X-DISCONTINUITY': (draft) => setOnce(draft.next, 'discontinuity', true),
  '#EXT-X-STREAM-INF': () => 'belongs in a multivariant playlist',
  '#EXT-X-ENDLIST': (draft) => {
    draft.ended = true;
    return undefined;
  },
};

function readUri({ next, segments, map, key }: Draft, uri: string): string | undefined {
  if (next.durationMs === undefined) return 'a URI needs an EXTINF before it';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a URI that holds one could fake a line.
  if (/[\s\u0000-\u001f\u007f"<>\\]/.test(uri)) return 'a URI has no blanks, quotes or control characters';
  const { durationMs, programDateTimeMs, discontinuity = false, gap } = next;
  // A transport stream needs none, also behind fragments.
  const needsMap = map !== undefined && !uri.endsWith('.ts');
  const optional = {
    ...defined({ programDateTimeMs }),
    ...(needsMap ? { map } : {}),
    ...(key && { key }),
    ...(gap && { gap }),
  };
  segments.push({ uri, durationMs, ...optional, discontinuity });
  return undefined;
}

function readLine(draft: Draft, line: string): string | undefined {
  if (!line.startsWith('#')) {
    const problem = readUri(draft, line);
    draft.next = {};
    return problem;
  }
  const colon = line.indexOf(':');
  const [tag, value] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
  return Object.hasOwn(TAGS, tag) ? TAGS[tag]?.(draft, value.trim()) : undefined;
}

const bad = (line: number, text: string, problem: string): DomainError =>
  new DomainError('bad_playlist', `playlist line ${line} '${text.slice(0, 80)}': ${problem}`);

/**
 * Parses a media playlist with LF or CRLF line ends. Absent sequence tags are 0.
 * Throws DomainError `bad_playlist`, naming the line and what is allowed there.
 */
export function parseMediaPlaylist(text: string): MediaPlaylist {
  const lines = text.split(/\r?\n/);
  if (lines[0] !== '#EXTM3U') throw bad(1, lines[0] ?? '', 'a playlist begins with #EXTM3U');
  const draft: Draft = { header: {}, ended: false, segments: [], dateRanges: [], next: {} };
  lines.forEach((line, index) => {
    const problem = line === '' ? undefined : readLine(draft, line);
    if (problem !== undefined) throw bad(index + 1, line, problem);
  });
  const last = lines.length;
  if (draft.next.durationMs !== undefined) throw bad(last, lines.at(-1) ?? '', 'an EXTINF needs a URI after it');
  const { targetDurationSeconds, mediaSequence = 0, discontinuitySequence = 0, ...rest } = draft.header;
  if (targetDurationSeconds === undefined) throw bad(last, lines.at(-1) ?? '', 'EXT-X-TARGETDURATION is missing');
  return {
    targetDurationSeconds,
    mediaSequence,
    discontinuitySequence,
    ended: draft.ended,
    ...rest,
    segments: draft.segments,
    ...(draft.dateRanges.length > 0 && { dateRanges: draft.dateRanges }),
  };
}
