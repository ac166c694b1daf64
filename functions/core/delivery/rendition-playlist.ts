import type { Policy, Rendition, SessionId, StreamId } from '../../contract/ids';
import { initName, parseSegmentName, segmentName, urlPathOf } from '../../contract/objects/layout';
import type { MediaPlaylist, MediaSegment } from '../playlist/media-playlist';
import { GAP, type RenditionParts } from '../playlist/packaged-segments';

/** A session, and what each rendition has of each of its segments, by number. */
export interface SessionParts {
  policy: Policy;
  streamId: StreamId;
  sessionId: SessionId;
  parts: ReadonlyMap<number, RenditionParts>;
}

type ExpectedSegment = MediaSegment | 'to come';

/**
 * The live playlist of a rendition beside the source's: the same numbers, dates, durations and discontinuities, because
 * it is the source's live playlist with other URIs. What the rendition never had is a gap (EXT-X-GAP, rfc8216bis
 * 4.4.4.7); it ends before the first segment that is still to come. `before`: the version before, for what earlier
 * sessions had. `undefined` while it has nothing.
 */
export function renditionPlaylist(
  live: MediaPlaylist,
  session: SessionParts,
  { rendition, before }: { rendition: Rendition; before: MediaPlaylist | undefined },
): MediaPlaylist | undefined {
  const segments: MediaSegment[] = [];
  for (const [index, source] of live.segments.entries()) {
    const entry = entryOf(source, { session, rendition, old: oldEntry(before, live.mediaSequence + index) });
    if (entry === 'to come') break;
    segments.push(entry);
  }
  const isThere = before !== undefined || segments.some(({ gap }) => gap !== true);
  return isThere && segments.length > 0 ? { ...live, segments } : undefined;
}

const oldEntry = (before: MediaPlaylist | undefined, number: number): MediaSegment | undefined =>
  before?.segments[number - before.mediaSequence];

function entryOf(
  source: MediaSegment,
  { session, rendition, old }: { session: SessionParts; rendition: Rendition; old: MediaSegment | undefined },
): ExpectedSegment {
  const { map: _, gap: __, ...shared } = source;
  const ref = parseSegmentName(source.uri.slice(1));
  const part = ref?.sessionId === session.sessionId ? session.parts.get(ref.number)?.[rendition] : undefined;
  const isOwn = ref?.sessionId === session.sessionId && session.parts.has(ref.number);
  if (ref === undefined || (!isOwn && old === undefined)) return { ...shared, gap: true };
  if (!isOwn && old !== undefined)
    return { ...shared, uri: old.uri, ...(old.map && { map: old.map }), ...(old.gap && { gap: true }) };
  if (part === undefined) return 'to come';
  const uri = urlPathOf(segmentName({ ...ref, rendition, container: 'm4s' }));
  if (part === GAP) return { ...shared, uri, ...(old?.map && { map: old.map }), gap: true };
  return { ...shared, uri, map: urlPathOf(initName({ ...ref, rendition, file: part })) };
}

/**
 * As many target durations a rendition may be without a segment, or behind the source, before it is no longer offered.
 */
const MAX_ABSENT_TARGETS = 3;

/** Returns whether a rendition goes on: its last segment ends less than three target durations before the source's. */
export function goesOn(playlist: MediaPlaylist, live: MediaPlaylist): boolean {
  const lastMade = playlist.segments.findLastIndex(({ gap }) => gap !== true);
  if (lastMade < 0) return false;
  const end = playlist.mediaSequence + lastMade + 1 - live.mediaSequence;
  const missing = live.segments.slice(Math.max(0, end)).reduce((sum, { durationMs }) => sum + durationMs, 0);
  return missing < MAX_ABSENT_TARGETS * live.targetDurationSeconds * 1000;
}

/**
 * Viewers of an MPD play three target durations behind the source. One more keeps every viewer away from the end of a
 * gap.
 */
const MIN_STEADY_TARGETS = 4;

/**
 * Returns whether an MPD may name a live rendition. It names what lies behind the last hole only, and its players
 * change to a rendition without looking for holes: so it has none, or the last one ended four target durations ago.
 */
export function isSteady(playlist: MediaPlaylist, live: MediaPlaylist): boolean {
  const lastGap = playlist.segments.findLastIndex(({ gap }) => gap === true);
  if (lastGap < 0) return true;
  const behind = live.segments.slice(Math.max(0, playlist.mediaSequence + lastGap + 1 - live.mediaSequence));
  const steadyMs = behind.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return steadyMs >= MIN_STEADY_TARGETS * live.targetDurationSeconds * 1000;
}
