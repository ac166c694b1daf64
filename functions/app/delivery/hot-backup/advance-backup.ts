import type { OnAir } from '../../../contract/objects/metadata';
import { changesOver, clockDifference, endOf, firstAfter, type SessionView } from '../../../core/delivery/change-over';
import { newestOnAir } from '../../../core/delivery/unseen';
import { parseMediaPlaylist } from '../../../core/playlist/media-playlist';
import {
  type Advance,
  advance,
  append,
  type LiveState,
  type Numbered,
  type ParsedLive,
  parsedLive,
  segmentsOf,
  settled,
} from '../advance';
import type { PlaylistSource } from '../source';

const viewOf = ({ text, metadata, updatedAt }: PlaylistSource): SessionView => ({
  playlist: parseMediaPlaylist(text),
  ended: metadata.ended,
  updatedAt,
  writtenAt: metadata.writtenAt,
});

/**
 * `advance` for the session of a backup. While the session on air goes on it is `standby`. Once that falls silent or
 * has ended (`changesOver`) the live playlist goes on with the backup's segments after its end: one discontinuity,
 * nothing twice, nothing left out beyond half a segment. It never goes back, because the backup's ordinal is higher.
 * `active`: the playlist of the session on air, whose own news are in `live` already; absent if it has none. Throws as
 * `advance`.
 */
export function advanceBackup(
  live: LiveState | undefined,
  source: PlaylistSource,
  active: PlaylistSource | undefined,
): Advance {
  if (live?.metadata.session === source.ref.sessionId) return advance(live, source);
  const current = parsedLive(live);
  const known = current && settled(current, source);
  if (known !== undefined) return known;
  const onAir = active && viewOf(active);
  const backup = viewOf(source);
  if (!changesOver(onAir, backup)) return { kind: 'standby' };
  const fresh = afterEnd(current, source, clockDifference(onAir, backup));
  const [first] = fresh;
  if (first === undefined || (current === undefined && fresh.length < 2 && !backup.ended)) return { kind: 'standby' };
  const next = append(current, source, fresh);
  return {
    ...next,
    metadata: { ...next.metadata, onAir: changedOnAir(current, first, source) },
    ...(current && { changedFrom: current.metadata.session }),
  };
}

function afterEnd(current: ParsedLive | undefined, source: PlaylistSource, differenceMs: number): Numbered[] {
  const all = segmentsOf(source);
  const end = current && endOf(current.playlist);
  if (current === undefined || end === undefined) return all;
  const [first, ...rest] = all.slice(firstAfter(end, all, differenceMs));
  return first === undefined ? [] : [{ ...first, discontinuity: true }, ...rest];
}

function changedOnAir(current: ParsedLive | undefined, first: Numbered, { ref, metadata }: PlaylistSource): OnAir[] {
  const began = { session: ref.sessionId, from: first.number };
  if (current === undefined) return [...(metadata.backupOf ? [{ session: metadata.backupOf, to: -1 }] : []), began];
  const { session, lastNumber, onAir = [] } = current.metadata;
  const ended = { ...onAir.find((each) => each.session === session), session, to: lastNumber };
  return newestOnAir([...onAir.filter((each) => each.session !== session), ended, began]);
}
