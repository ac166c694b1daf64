import { parseSegmentName, segmentPrefix } from '../../../contract/objects/layout';
import type { OnAir } from '../../../contract/objects/metadata';
import { isUnseen } from '../../../core/delivery/unseen';
import { inParallel } from '../../in-parallel';
import type { DeliveryDeps, ListedSource } from '../source';
import type { BroadcastToFinish } from '../write-recording';

const PARALLEL_REMOVALS = 32;

/**
 * Removes what two publishers of a stream with hot backup uploaded and nobody saw, so that it is neither recorded twice
 * nor kept. `sources`: a session counts as a backup if its own playlist says so, by which hls-publisher went too; a
 * node whose image is too old for that put it on air. A broadcast without a role in its sessions is not looked at.
 * Idempotent.
 */
export async function removeUnseen(
  deps: DeliveryDeps,
  { stream, sessions }: BroadcastToFinish,
  { sources, onAir = [] }: { sources: readonly ListedSource[]; onAir?: readonly OnAir[] | undefined },
): Promise<void> {
  const said = sources.map(({ ref, metadata }) => ({ id: ref.sessionId, role: metadata.role }));
  const store = deps.delivery(stream.policy);
  for (const { id, role } of sessions) {
    if (role === undefined) continue;
    const objects = await store.list(segmentPrefix({ policy: stream.policy, streamId: stream.id, sessionId: id }));
    const unseen = objects.filter(({ name }) => {
      const ref = parseSegmentName(name);
      return ref !== undefined && isUnseen(ref, { sessions: said, onAir });
    });
    await inParallel(unseen, PARALLEL_REMOVALS, async ({ name }) => void (await store.remove(name)));
    if (unseen.length > 0)
      deps.log.info('backup_segments_removed', { streamId: stream.id, sessionId: id, segments: unseen.length });
  }
}
