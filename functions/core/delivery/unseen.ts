import { ordinalOf, type SegmentRef } from '../../contract/objects/layout';
import type { OnAir } from '../../contract/objects/metadata';
import type { Session } from '../../contract/state';

/** More than an hour of an encoder that fails every half minute; Cloud Storage keeps 8 KiB of metadata. */
const MAX_ON_AIR = 100;

/** The newest changes to a backup, as many as are kept beside a live playlist. */
export const newestOnAir = (onAir: readonly OnAir[]): OnAir[] => onAir.slice(-MAX_ON_AIR);

/**
 * Returns whether a segment was never on air: another session was. `onAir`: what the live playlist says of changes to
 * a backup. A session it does not name was on air whole, unless it was a backup: then nobody saw it, except where the
 * list is full, because an older change may have been dropped from it.
 */
export function isUnseen(
  { sessionId, number }: Pick<SegmentRef, 'sessionId' | 'number'>,
  { sessions, onAir }: { sessions: readonly Pick<Session, 'id' | 'role'>[]; onAir: readonly OnAir[] },
): boolean {
  const aired = onAir.find(({ session }) => session === sessionId);
  if (aired === undefined)
    return sessions.some(({ id, role }) => id === sessionId && role === 'backup') && !isBeforeList(sessionId, onAir);
  const { from = 0, to = Number.POSITIVE_INFINITY } = aired;
  return number < from || number > to;
}

function isBeforeList(sessionId: Session['id'], onAir: readonly OnAir[]): boolean {
  const [oldest] = onAir;
  return oldest !== undefined && onAir.length >= MAX_ON_AIR && ordinalOf(sessionId) < ordinalOf(oldest.session);
}
