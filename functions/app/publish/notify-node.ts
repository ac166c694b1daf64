import type { Cutoff } from '../../core/publish/cutoff';
import { addKick, planCutoff } from '../../core/publish/heartbeat';
import type { Kick } from '../../core/publish/publish';
import type { Clock, StreamStore } from '../../ports/stores';

export interface NotifyDeps {
  streamStore: Pick<StreamStore, 'changeNode'>;
  clock: Pick<Clock, 'now'>;
}

/**
 * The session's node ends its publisher at its next heartbeat; false if it was told before, or there is no such node.
 */
export function commandKick(kick: Kick, reason: string, { streamStore, clock }: NotifyDeps): Promise<boolean> {
  return streamStore.changeNode<boolean>(kick.nodeId, (current) => {
    const node = addKick(current, kick, { reason, at: clock.now() });
    return node === undefined ? { result: false } : { node, result: true };
  });
}

/** The session's node ends its publisher at the first heartbeat after the cutoff; without one, no longer at any. */
export function scheduleCutoff(
  session: Kick,
  cutoff: Cutoff | undefined,
  { streamStore, clock }: NotifyDeps,
): Promise<void> {
  return streamStore.changeNode<void>(session.nodeId, (current) => {
    const node = planCutoff(current, session, { ...(cutoff && { cutoff }), at: clock.now() });
    return node === undefined ? { result: undefined } : { node, result: undefined };
  });
}
