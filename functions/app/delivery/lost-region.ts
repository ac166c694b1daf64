import type { BroadcastId, Policy } from '../../contract/ids';
import { livePlaylistName } from '../../contract/objects/layout';
import { LivePlaylistMetadata } from '../../contract/objects/metadata';
import { formatMediaPlaylist, parseMediaPlaylist } from '../../core/playlist/media-playlist';
import type { StoredObject } from '../../ports/stores';
import { inParallel } from '../in-parallel';
import type { LiveState } from './advance';
import { type DeliveryDeps, parseMetadata, type SourceRef } from './source';

/** The live playlist of a broadcast. */
interface LiveRef extends Omit<SourceRef, 'sessionId'> {
  policy: Policy;
  broadcastId: BroadcastId;
}

type Deps = Pick<DeliveryDeps, 'delivery' | 'log' | 'bothRegions'>;

/** The newest segments of a window that are tried: four minutes of 2 s. Older ones were copied, or are not played. */
const TRIED = 120;
const AT_ONCE = 20;

/**
 * Marks the segments of the session before a newcomer that cannot be read as gaps (EXT-X-GAP, rfc8216bis 4.4.4.7),
 * which players pass over; they stop at a segment that is not there. Numbers and names stay as they were.
 */
export async function withGaps(live: LiveState, { bothRegions, log }: Deps, ref: LiveRef): Promise<LiveState> {
  if (bothRegions === undefined) return live;
  const playlist = parseMediaPlaylist(live.text);
  const gone = new Set<string>();
  await inParallel(playlist.segments.slice(-TRIED), AT_ONCE, async ({ uri }) => {
    if (!(await bothRegions.isReadable(ref.policy, uri.replace(/^\//, '')))) gone.add(uri);
  });
  if (gone.size === 0) return live;
  log.warn('segments_unreadable', { streamId: ref.streamId, broadcastId: ref.broadcastId, count: gone.size });
  const segments = playlist.segments.map((segment) =>
    gone.has(segment.uri) ? { ...segment, gap: true as const } : segment,
  );
  return { ...live, text: formatMediaPlaylist({ ...playlist, segments }) };
}

/** The numbers of a live playlist by which another can follow it without its text. */
export function followedBy(text: string): NonNullable<LivePlaylistMetadata['after']> {
  const { targetDurationSeconds, mediaSequence, discontinuitySequence, segments } = parseMediaPlaylist(text);
  return {
    targetDurationSeconds,
    mediaSequence: mediaSequence + segments.length,
    discontinuitySequence: discontinuitySequence + segments.filter(({ discontinuity }) => discontinuity).length,
  };
}

/**
 * The live playlist that could not be read, as one without segments in which the numbers go on: a new session begins
 * its window there. Throws `error` where there is one region, where nothing says how it goes on, and for the session
 * that it shows: its own region is not lost.
 */
export async function unreadableLive(
  error: unknown,
  { delivery, log, bothRegions }: Deps,
  { live, session }: { live: LiveRef; session: SourceRef },
): Promise<{ current: StoredObject; live: LiveState }> {
  const current = bothRegions && (await delivery(live.policy).stat(livePlaylistName(live)));
  if (current === undefined) throw error;
  const metadata = parseMetadata(LivePlaylistMetadata, current);
  if (metadata.after === undefined || metadata.session === session.sessionId) throw error;
  log.warn('live_playlist_unreadable', { streamId: live.streamId, broadcastId: live.broadcastId, error });
  return { current, live: { metadata, text: formatMediaPlaylist({ ...metadata.after, ended: false, segments: [] }) } };
}
