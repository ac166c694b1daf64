import { SOURCE_RENDITION } from '../../../contract/ids';
import { livePlaylistName } from '../../../contract/objects/layout';
import { LivePlaylistMetadata } from '../../../contract/objects/metadata';
import type { Session, Stream } from '../../../contract/state';
import { endSession } from '../../../core/publish/publish';
import type { StreamStore } from '../../../ports/stores';
import { commandKick } from '../../publish/notify-node';
import { type DeliveryDeps, parseMetadata } from '../source';

/**
 * Makes the change of delivery to a backup durable: hls-publisher, which decided it, knows no database. The session
 * before ends as `failed_over`, its node ends the publisher, and the encoder comes again as the next backup.
 */
export async function noteChangeOver(
  { id, policy, backup }: Pick<Stream, 'id' | 'policy' | 'backup'>,
  {
    delivery,
    streamStore,
    clock,
    log,
  }: Pick<DeliveryDeps, 'delivery' | 'clock' | 'log'> & {
    streamStore: Pick<StreamStore, 'changeStream' | 'changeNode'>;
  },
): Promise<void> {
  if (backup === undefined) return;
  const { broadcastId } = backup;
  const name = livePlaylistName({ policy, streamId: id, broadcastId, rendition: SOURCE_RENDITION });
  const live = await delivery(policy).stat(name);
  if (live === undefined || parseMetadata(LivePlaylistMetadata, live).session !== backup.id) return;
  const from = await streamStore.changeStream<Session | undefined>(id, (stream) => {
    const { session } = stream ?? {};
    if (stream?.backup?.id !== backup.id || session === undefined) return { result: undefined };
    const ended = endSession(session, 'failed_over', clock.now());
    return { change: { stream: { ...stream, session: ended }, sessions: [ended] }, result: session };
  });
  if (from === undefined) return;
  log.warn('failed_over', { streamId: id, sessionId: backup.id, fromSessionId: from.id });
  await commandKick({ nodeId: from.nodeId, streamId: id, sessionId: from.id }, 'failed_over', { streamStore, clock });
}
