import { type BroadcastRef, marksPrefix, takenDownMark } from '../../contract/objects/layout';
import type { Stream } from '../../contract/state';
import { removeAll } from './remove-objects';
import type { DeliveryDeps } from './source';

type MarkDeps = Pick<DeliveryDeps, 'delivery'>;

/** Returns whether the broadcast was taken down while it went on. Asked only before a live playlist is made. */
export const isTakenDown = async ({ delivery }: MarkDeps, ref: BroadcastRef): Promise<boolean> =>
  (await delivery('gated').stat(takenDownMark(ref))) !== undefined;

/**
 * After this, no live playlist of the stream is created again. One that is written at this moment is removed with the
 * others.
 */
export async function markTakenDown({ delivery }: MarkDeps, ref: BroadcastRef): Promise<void> {
  const options = { contentType: 'text/plain', cacheControl: 'no-store', metadata: {}, ifGenerationMatch: '0' };
  await delivery('gated').write(takenDownMark(ref), '', options);
}

/** Once nothing of the stream comes any more. */
export const removeMarks = ({ delivery }: MarkDeps, { id, policy }: Pick<Stream, 'id' | 'policy'>): Promise<void> =>
  removeAll(delivery('gated'), marksPrefix(policy, id));
