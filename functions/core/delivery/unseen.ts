import type { SegmentRef } from '../../contract/objects/layout';
import type { OnAir } from '../../contract/objects/metadata';
import type { Session } from '../../contract/state';

/**
 * Returns whether a segment was never on air: another session was. `onAir`: what the live playlist says of changes to
 * a backup. A session it does not name was on air whole, unless it was a backup.
 */
export function isUnseen(
  { sessionId, number }: Pick<SegmentRef, 'sessionId' | 'number'>,
  { sessions, onAir }: { sessions: readonly Pick<Session, 'id' | 'role'>[]; onAir: readonly OnAir[] },
): boolean {
  const aired = onAir.find(({ session }) => session === sessionId);
  if (aired === undefined) return sessions.some(({ id, role }) => id === sessionId && role === 'backup');
  const { from = 0, to = Number.POSITIVE_INFINITY } = aired;
  return number < from || number > to;
}
