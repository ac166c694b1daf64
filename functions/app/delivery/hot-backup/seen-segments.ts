import { SOURCE_RENDITION } from '../../../contract/ids';
import { livePlaylistName, type MediaRef } from '../../../contract/objects/layout';
import { LivePlaylistMetadata } from '../../../contract/objects/metadata';
import type { Session, Stream } from '../../../contract/state';
import { isUnseen } from '../../../core/delivery/unseen';
import type { DeliveryDeps } from '../source';

type IsUnseen = (ref: MediaRef) => boolean;

/**
 * Returns which segments of these sessions were never on air, as the live playlists that are still there tell. Without
 * a live playlist all of a broadcast counts as seen: nothing is lost for want of knowing. Streams without hot backup
 * cost no read.
 */
export async function unseenOf(
  { id: streamId, policy }: Pick<Stream, 'id' | 'policy'>,
  sessions: readonly Session[],
  { delivery }: Pick<DeliveryDeps, 'delivery'>,
): Promise<IsUnseen> {
  const broadcasts = new Set(sessions.flatMap(({ role, broadcastId }) => (role === undefined ? [] : [broadcastId])));
  const tests: IsUnseen[] = [];
  for (const broadcastId of broadcasts) {
    const name = livePlaylistName({ policy, streamId, broadcastId, rendition: SOURCE_RENDITION });
    const live = LivePlaylistMetadata.safeParse((await delivery(policy).stat(name))?.metadata);
    const theirs = sessions.filter((session) => session.broadcastId === broadcastId);
    if (!live.success) continue;
    const { onAir = [], session: shown } = live.data;
    // A node whose image is too old to stand by puts its session on air, and no list names it.
    const others = theirs.filter(({ id }) => id !== shown);
    tests.push((ref) => !('file' in ref) && isTheirs(ref, theirs) && isUnseen(ref, { sessions: others, onAir }));
  }
  return (ref) => tests.some((test) => test(ref));
}

const isTheirs = ({ sessionId }: MediaRef, sessions: readonly Session[]): boolean =>
  sessions.some(({ id }) => id === sessionId);
