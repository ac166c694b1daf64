import type { RenditionAttributes } from '../../contract/objects/metadata';
import { type Protection, protectionOf } from '../encryption/common-segment-key';
import type { MediaPlaylist, MediaSegment } from '../playlist/media-playlist';

/**
 * One rendition as its media playlist has it. `kind` decides the adaptation set; `codecs` and sizes come from
 * `attributes`.
 */
export interface DashRendition {
  id: string;
  kind: 'video' | 'audio';
  attributes: RenditionAttributes;
  playlist: MediaPlaylist;
}

/** Parts of an MPD. `timeUrl`: where players ask the time. `windowSeconds`: what a viewer can seek back in. */
export interface DashPresentation {
  renditions: readonly DashRendition[];
  windowSeconds: number;
  timeUrl: string;
}

/**
 * The start of each Period in milliseconds since the epoch, by Period id. It is kept with the MPD, because the first
 * segment of a Period leaves the window long before the Period does, and the start must not change (ISO/IEC 23009-1,
 * 5.4.1).
 */
export type PeriodStarts = Readonly<Record<string, number>>;

/** A version of an MPD: its text, and what the next version has to be given. */
export interface MpdVersion {
  text: string;
  periodStarts: PeriodStarts;
}

/**
 * Segments that follow each other without a discontinuity and with one key, of one rendition. `number` is the first
 * one's, as its file name has it.
 */
interface Run {
  rendition: DashRendition;
  segments: readonly MediaSegment[];
  startMs: number;
  /** The number of its discontinuity. */
  discontinuity: number;
}
interface Period {
  id: string;
  startMs: number;
  discontinuity: number;
  runs: Run[];
}

/** Ticks a second of every fragment: media time counts from the Unix epoch (docs/ARCHITECTURE.md#clocks). */
const TIMESCALE = 90_000;
const TICKS_PER_MS = TIMESCALE / 1000;
const MAX_DELAY_TARGETS = 3;

const FILE = /^(.*\/)(\d+)\.m4s$/;
const seconds = (ms: number): string => `PT${(ms / 1000).toFixed(3)}S`;
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign);

/** The id of a Period: by its discontinuity and its key, because a Period has one init segment for each rendition. */
function periodIdOf(discontinuity: number, { key }: MediaSegment): string {
  const protection = protectionOf(key);
  return protection === undefined ? `p${discontinuity}` : `p${discontinuity}-k${protection.number}`;
}

/** The runs of one rendition by Period; discontinuities and keys are those of all renditions (RFC 8216, 6.2.4). */
function runsOf(rendition: DashRendition): Map<string, Run> {
  const { segments, discontinuitySequence } = rendition.playlist;
  const runs = new Map<string, Run>();
  let discontinuity = discontinuitySequence;
  segments.forEach((segment, index) => {
    if (index > 0 && segment.discontinuity) discontinuity += 1;
    const number = periodIdOf(discontinuity, segment);
    // A run goes on without holes: numbers count through, so what lies before a hole cannot be named (ISO/IEC 23009-1,
    // 5.3.9.4.4).
    if (segment.gap || !FILE.test(segment.uri)) {
      runs.delete(number);
      return;
    }
    const run = runs.get(number);
    if (run === undefined)
      runs.set(number, { rendition, segments: [segment], startMs: segment.programDateTimeMs ?? 0, discontinuity });
    else runs.set(number, { ...run, segments: [...run.segments, segment] });
  });
  return runs;
}

/** One Period a discontinuity and key. It begins where it is known to have begun, or with its earliest rendition. */
function periodsOf(renditions: readonly DashRendition[], starts: PeriodStarts = {}): Period[] {
  const periods = new Map<string, Period>();
  for (const rendition of renditions)
    for (const [id, run] of runsOf(rendition)) {
      const { startMs, discontinuity } = run;
      const known = periods.get(id);
      if (known === undefined) periods.set(id, { id, startMs, discontinuity, runs: [run] });
      else periods.set(id, { ...known, startMs: Math.min(known.startMs, startMs), runs: [...known.runs, run] });
    }
  const inOrder = [...periods.values()].sort((a, b) => a.discontinuity - b.discontinuity || a.startMs - b.startMs);
  return inOrder.map((period) => ({ ...period, startMs: starts[period.id] ?? period.startMs }));
}

/**
 * Equal durations in a row are one `S` with a repeat count; the first and one behind a hole name their time (ISO/IEC
 * 23009-1, 5.3.9.6).
 */
function timelineOf({ segments, startMs }: Run): string[] {
  const lines: { durationMs: number; repeat: number; fromMs: number | undefined }[] = [];
  let end = Number.NaN;
  for (const { durationMs, programDateTimeMs = end } of segments) {
    const last = lines.at(-1);
    const fromMs = programDateTimeMs === end || Number.isNaN(programDateTimeMs) ? undefined : programDateTimeMs;
    if (fromMs === undefined && last?.durationMs === durationMs) last.repeat += 1;
    else lines.push({ durationMs, repeat: 0, fromMs: last === undefined ? startMs : fromMs });
    end = programDateTimeMs + durationMs;
  }
  return lines.map(({ durationMs, repeat, fromMs }) => {
    const start = fromMs === undefined ? '' : ` t="${fromMs * TICKS_PER_MS}"`;
    return `<S${start} d="${durationMs * TICKS_PER_MS}"${repeat > 0 ? ` r="${repeat}"` : ''}/>`;
  });
}

function representationOf(run: Run, periodStartMs: number): string[] {
  const { id, attributes } = run.rendition;
  const { bandwidth, codecs, width, height, frameRate } = attributes;
  const [first] = run.segments;
  const [, folder = '', number = '0'] = FILE.exec(first?.uri ?? '') ?? [];
  const picture = [
    ...(width === undefined || height === undefined ? [] : [`width="${width}" height="${height}"`]),
    ...(frameRate === undefined ? [] : [`frameRate="${Math.round(frameRate * 1000)}/1000"`]),
  ];
  const template = [
    `timescale="${TIMESCALE}"`,
    `presentationTimeOffset="${periodStartMs * TICKS_PER_MS}"`,
    `startNumber="${number}"`,
    `initialization="${escaped(first?.map ?? '')}"`,
    `media="${escaped(folder)}$Number$.m4s"`,
  ];
  const representation = [
    `id="${escaped(id)}"`,
    `bandwidth="${bandwidth}"`,
    ...(codecs ? [`codecs="${escaped(codecs)}"`] : []),
    ...picture,
  ];
  const timeline = `<SegmentTimeline>${timelineOf(run).join('')}</SegmentTimeline>`;
  return [
    `<Representation ${representation.join(' ')}>`,
    `<SegmentTemplate ${template.join(' ')}>${timeline}</SegmentTemplate>`,
    '</Representation>',
  ];
}

/**
 * The scheme with the key's id (ISO/IEC 23001-7, 11.2), and the address of the license for ClearKey (DASH-IF: Content
 * Protection and Security).
 */
function protectionLines({ scheme, kid, licenseUrl }: Protection): string[] {
  const key = `value="${scheme}" cenc:default_KID="${kid}"`;
  const clearKey = 'schemeIdUri="urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e" value="ClearKey1.0"';
  return [
    `<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" ${key}/>`,
    `<ContentProtection ${clearKey}><dashif:Laurl>${escaped(licenseUrl)}</dashif:Laurl></ContentProtection>`,
  ];
}

function adaptationSets({ runs, startMs }: Period): string[] {
  return (['video', 'audio'] as const).flatMap((kind) => {
    const own = runs.filter(({ rendition, segments }) => rendition.kind === kind && segments.length > 0);
    if (own.length === 0) return [];
    const media = `contentType="${kind}" mimeType="${kind}/mp4"`;
    const head = `<AdaptationSet ${media} segmentAlignment="true" startWithSAP="1">`;
    const protection = protectionOf(own[0]?.segments[0]?.key);
    return [
      head,
      ...(protection === undefined ? [] : protectionLines(protection)),
      ...own.flatMap((run) => representationOf(run, startMs)),
      '</AdaptationSet>',
    ];
  });
}

const endMs = ({ segments, startMs }: Run): number =>
  segments.reduce((end, { durationMs, programDateTimeMs = end }) => programDateTimeMs + durationMs, startMs);
const longestMs = (periods: readonly Period[]): number =>
  Math.max(
    0,
    ...periods.flatMap(({ runs }) => runs.flatMap(({ segments }) => segments.map(({ durationMs }) => durationMs))),
  );
const PROFILE =
  'xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" minBufferTime="PT2S"';
const PROTECTION_SPACES = ' xmlns:cenc="urn:mpeg:cenc:2013" xmlns:dashif="https://dashif.org/CPS"';

function headOf(periods: readonly Period[]): string {
  const isProtected = periods.some(({ runs }) => runs.some(({ segments: [first] }) => protectionOf(first?.key)));
  return `${PROFILE}${isProtected ? PROTECTION_SPACES : ''}`;
}

/**
 * The MPD of a broadcast that goes on (ISO/IEC 23009-1, 5.3.1.2), or has just ended, from its live playlists. Times
 * count from the Unix epoch, so `availabilityStartTime` never moves. Pure: the same playlists give the same bytes.
 * `starts`: those of the version before. `undefined` while no rendition has a segment.
 */
export function formatLiveMpd(presentation: DashPresentation, starts: PeriodStarts = {}): MpdVersion | undefined {
  const { renditions, windowSeconds, timeUrl } = presentation;
  const periods = periodsOf(renditions, starts);
  const lastMs = Math.max(0, ...periods.flatMap(({ runs }) => runs.map(endMs)));
  if (periods.length === 0) return undefined;
  const target = Math.max(...renditions.map(({ playlist }) => playlist.targetDurationSeconds));
  const isOver = renditions.every(({ playlist }) => playlist.ended);
  const attributes = [
    'type="dynamic"',
    'availabilityStartTime="1970-01-01T00:00:00Z"',
    `publishTime="${new Date(lastMs).toISOString()}"`,
    ...(isOver ? [`mediaPresentationDuration="${seconds(lastMs)}"`] : [`minimumUpdatePeriod="PT${target}S"`]),
    `timeShiftBufferDepth="PT${windowSeconds}S"`,
    `suggestedPresentationDelay="PT${MAX_DELAY_TARGETS * target}S"`,
    `maxSegmentDuration="${seconds(longestMs(periods))}"`,
  ];
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<MPD ${headOf(periods)} ${attributes.join(' ')}>`,
    ...periods.flatMap((period) => [
      `<Period id="${period.id}" start="${seconds(period.startMs)}">`,
      ...adaptationSets(period),
      '</Period>',
    ]),
    `<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-head:2014" value="${escaped(timeUrl)}"/>`,
    '</MPD>',
    '',
  ];
  return { text: lines.join('\n'), periodStarts: Object.fromEntries(periods.map(({ id, startMs }) => [id, startMs])) };
}

/** The MPD of a recording: static, its Periods one after the other. `undefined` when there is no segment. */
export function formatRecordingMpd({ renditions }: Pick<DashPresentation, 'renditions'>): string | undefined {
  const periods = periodsOf(renditions);
  if (periods.length === 0) return undefined;
  const lengths = periods.map(({ runs, startMs }) => Math.max(...runs.map(endMs)) - startMs);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<MPD ${headOf(periods)} type="static" mediaPresentationDuration="${seconds(total)}">`,
    ...periods.flatMap((period, index) => [
      `<Period id="${period.id}" duration="${seconds(lengths[index] ?? 0)}">`,
      ...adaptationSets(period),
      '</Period>',
    ]),
    '</MPD>',
    '',
  ].join('\n');
}
