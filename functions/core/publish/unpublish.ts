import type { SessionId } from '../../contract/ids';
import type { Stream } from '../../contract/state';
import type { StreamChange } from '../../ports/stores';
import { isSameClient, type SrsClient } from './client';
import { endBackup } from './hot-backup';
import { endSession } from './publish';

/** `ignored`: the hook is of no session, of one a newer one followed, or doubled. */
export type UnpublishDecision =
  | { kind: 'ended'; sessionId: SessionId; change: StreamChange }
  | { kind: 'ignored'; why: 'unknown_stream' | 'not_the_newest' | 'ended_before' };

/**
 * Decides what an on_unpublish ends: the newest session, or the one that stands by, if it is that of this client. A
 * hint only: one that is lost, or overtakes its on_publish, leaves a session no heartbeat names, which is no longer
 * live after the grace time and then ended for good.
 */
export function decideUnpublish(
  stream: Stream | undefined,
  { at, ...client }: SrsClient & { at: number },
): UnpublishDecision {
  if (stream === undefined) return { kind: 'ignored', why: 'unknown_stream' };
  const { session, backup } = stream;
  if (backup !== undefined && isSameClient(backup, client))
    return { kind: 'ended', sessionId: backup.id, change: endBackup(stream, 'unpublished', at) };
  if (session === undefined || !isSameClient(session, client)) return { kind: 'ignored', why: 'not_the_newest' };
  if (session.endedAt !== undefined) return { kind: 'ignored', why: 'ended_before' };
  const ended = endSession(session, 'unpublished', at);
  return { kind: 'ended', sessionId: session.id, change: { stream: { ...stream, session: ended }, sessions: [ended] } };
}
