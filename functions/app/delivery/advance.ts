import type { SessionId } from '../../contract/ids';
import { initName, segmentName, urlPathOf } from '../../contract/objects/layout';
import type { DateRange, LivePlaylistMetadata } from '../../contract/objects/metadata';
import { DomainError } from '../../core/errors';
import { beginsIn, shownRanges } from '../../core/playlist/date-ranges';
import {
  formatMediaPlaylist,
  type MediaPlaylist,
  type MediaSegment,
  parseMediaPlaylist,
} from '../../core/playlist/media-playlist';
import { GAP, readRenditionParts } from '../../core/playlist/packaged-segments';
import type { PlaylistSource } from './source';

/** A live playlist and what its object's metadata says it contains. */
export interface LiveState {
  text: string;
  metadata: LivePlaylistMetadata;
}

/**
 * The effect of a session playlist on the live playlist: `write` this; `contained`: it is in there already;
 * `superseded`: it will never be (ended, or a newer session goes on); `wait`: there is not yet enough to begin with;
 * `standby`: it is the backup of a session that goes on.
 * `targetDurationRaised`, in seconds: a segment was longer than what the first two promised
 * (docs/ARCHITECTURE.md#invariants, 8: the one named exception).
 */
export type Advance =
  | ({
      kind: 'write';
      targetDurationRaised?: { from: number; to: number };
      /** The session that was on air, when a backup goes on in its place. */
      changedFrom?: SessionId;
    } & LiveState)
  | { kind: 'contained' }
  | { kind: 'superseded'; reason: 'ended' | 'newer_session' }
  | { kind: 'wait' }
  | { kind: 'standby' };

export interface ParsedLive {
  playlist: MediaPlaylist;
  metadata: LivePlaylistMetadata;
}
export type Numbered = MediaSegment & { number: number };

/** Nine digits: what a segment's name may hold. */
const MAX_NUMBER = 999_999_999;

/** The session's segments with the numbers and the paths they have in the delivery bucket. */
export function segmentsOf({ ref, metadata, text }: PlaylistSource): Numbered[] {
  const { mediaSequence, segments } = parseMediaPlaylist(text);
  const parts = readRenditionParts(text);
  return segments.map((segment, index) => {
    const number = mediaSequence + index;
    const init = parts[index]?.[ref.rendition];
    const file = init === undefined || init === GAP ? `${number}.ts` : `${number}.m4s`;
    if (segment.uri !== file || number > MAX_NUMBER) {
      throw new DomainError(
        'bad_playlist',
        `session playlist, segment ${number}: got '${segment.uri}', must be '${file}'`,
      );
    }
    const { policy } = metadata;
    if (init === undefined || init === GAP)
      return { ...segment, number, uri: urlPathOf(segmentName({ ...ref, policy, number })) };
    const uri = urlPathOf(segmentName({ ...ref, policy, number, container: 'm4s' }));
    return { ...segment, number, uri, map: urlPathOf(initName({ ...ref, policy, file: init })) };
  });
}

/**
 * Returns the segments that the live playlist does not have yet. The first is marked as a discontinuity if it does not
 * continue the playlist.
 */
function freshSegments(live: ParsedLive | undefined, source: PlaylistSource): Numbered[] {
  const all = segmentsOf(source);
  if (live === undefined) return all;
  const { session, lastNumber } = live.metadata;
  const continues = session === source.ref.sessionId;
  const [first, ...rest] = continues ? all.filter(({ number }) => number > lastNumber) : all;
  if (first === undefined) return [];
  return [{ ...first, discontinuity: first.discontinuity || !continues || first.number !== lastNumber + 1 }, ...rest];
}

/**
 * SRS cuts no whole segment shorter: a stream that begins with stubs, as one whose clock is wrong does, need not raise
 * it.
 */
const LEAST_TARGET_SECONDS = 2;

/** EXT-X-TARGETDURATION must be at least every EXTINF rounded to the nearest integer. RFC 8216, 4.3.3.1. */
const targetOf = (segments: readonly MediaSegment[]): number =>
  segments.reduce((target, { durationMs }) => Math.max(target, Math.round(durationMs / 1000)), LEAST_TARGET_SECONDS);

/**
 * Drops from the head what the window does not need. Never to less than three target durations (RFC 8216, 6.2.2); both
 * sequence numbers go on by what was dropped.
 */
function slide(playlist: MediaPlaylist, windowSeconds: number): MediaPlaylist {
  const keepMs = 1000 * Math.max(windowSeconds, 3 * playlist.targetDurationSeconds);
  let restMs = playlist.segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const kept = playlist.segments.findIndex(({ durationMs }) => {
    restMs -= durationMs;
    return restMs < keepMs;
  });
  const dropped = playlist.segments.slice(0, Math.max(kept, 0));
  return {
    ...playlist,
    mediaSequence: playlist.mediaSequence + dropped.length,
    discontinuitySequence: playlist.discontinuitySequence + dropped.filter(({ discontinuity }) => discontinuity).length,
    segments: playlist.segments.slice(dropped.length),
  };
}

const toMediaSegment = ({ number: _, ...segment }: Numbered): MediaSegment => segment;

/** Most streams have none, and are not read twice. */
const rangesOf = (text: string): readonly DateRange[] =>
  text.includes('#EXT-X-DATERANGE:') ? (parseMediaPlaylist(text).dateRanges ?? []) : [];

/** Timed metadata of both, as far as it begins in what the playlist shows. Once said it does not change. */
function withDateRanges(playlist: MediaPlaylist, ranges: readonly DateRange[]): MediaPlaylist {
  const dateRanges = shownRanges(ranges, beginsIn(playlist.segments));
  const { dateRanges: _, ...rest } = playlist;
  return dateRanges.length === 0 ? rest : { ...rest, dateRanges };
}

/** The version with `fresh`, segments of `source`, at its end. */
export function append(
  live: ParsedLive | undefined,
  source: PlaylistSource,
  fresh: readonly Numbered[],
): Extract<Advance, { kind: 'write' }> {
  const promised = live?.playlist.targetDurationSeconds ?? targetOf(fresh.slice(0, 2));
  const target = Math.max(promised, targetOf(fresh));
  const joined = {
    mediaSequence: 0,
    discontinuitySequence: 0,
    ...live?.playlist,
    ended: source.metadata.ended && source.metadata.final === true,
    targetDurationSeconds: target,
    segments: [...(live?.playlist.segments ?? []), ...fresh.map(toMediaSegment)],
  };
  const { metadata, generation, ref } = source;
  const ranges = [...(live?.playlist.dateRanges ?? []), ...rangesOf(source.text)];
  const lastNumber = fresh.at(-1)?.number ?? live?.metadata.lastNumber ?? -1;
  const onAir = live?.metadata.onAir;
  return {
    kind: 'write',
    text: formatMediaPlaylist(withDateRanges(slide(joined, metadata.window), ranges)),
    metadata: { session: ref.sessionId, ordinal: metadata.ordinal, generation, lastNumber, ...(onAir && { onAir }) },
    ...(target > promised ? { targetDurationRaised: { from: promised, to: target } } : {}),
  };
}

export const parsedLive = (live: LiveState | undefined): ParsedLive | undefined =>
  live && { playlist: parseMediaPlaylist(live.text), metadata: live.metadata };

/** Returns what can be said without looking at the session's segments; `undefined`: they must be looked at. */
export function settled(
  { playlist, metadata: contained }: ParsedLive,
  { ref, metadata, generation }: PlaylistSource,
): Advance | undefined {
  if (playlist.ended) return { kind: 'superseded', reason: 'ended' };
  if (contained.session === ref.sessionId) {
    return BigInt(generation) <= BigInt(contained.generation) ? { kind: 'contained' } : undefined;
  }
  return metadata.ordinal <= contained.ordinal ? { kind: 'superseded', reason: 'newer_session' } : undefined;
}

/**
 * The next version of a broadcast's live playlist, given what one session playlist says. Pure: the same in, the same
 * out.
 *
 * A newer generation of the session that brings no segment is written all the same: only the object's metadata changes,
 * and only then can everybody see that nothing was lost. It happens once a session, when `ended` turns true. A session
 * that is `final` ends the playlist with its last segment. Segments keep the numbers they would have had, had each been
 * taken in alone: a first version that already slid begins above 0. Throws DomainError `bad_playlist` for a session
 * playlist that is not one, naming what is wrong; `live` stays as it is.
 */
export function advance(live: LiveState | undefined, source: PlaylistSource): Advance {
  const current = parsedLive(live);
  const known = current && settled(current, source);
  if (known !== undefined) return known;
  const fresh = freshSegments(current, source);
  const continues = current?.metadata.session === source.ref.sessionId;
  // Rungs of segments that are there already: news for their own playlists, none for the source's.
  if (fresh.length === 0 && continues && source.metadata.renditions !== undefined && !source.metadata.ended)
    return { kind: 'contained' };
  const enough = current !== undefined || source.metadata.ended ? 1 : 2;
  return fresh.length < enough && !continues ? { kind: 'wait' } : append(current, source, fresh);
}
