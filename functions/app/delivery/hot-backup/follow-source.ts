import { type Advance, advance, type LiveState } from '../advance';
import { unlessBad } from '../read-source';
import type { DeliveryDeps, PlaylistSource } from '../source';
import { advanceBackup } from './advance-backup';

/** Reads the playlist of another session of the same stream and rendition. */
export type ReadSession = (sessionId: PlaylistSource['ref']['sessionId']) => Promise<PlaylistSource | undefined>;

/**
 * The next version of a live playlist, given what one session playlist says. For a backup, the session on air is read,
 * and what it still has to say comes first. One that is malformed counts as absent: it must not keep its backup from
 * going on. Throws as `advance`.
 */
export async function followSource(
  { log }: Pick<DeliveryDeps, 'log'>,
  { live, source, readSession }: { live: LiveState | undefined; source: PlaylistSource; readSession: ReadSession },
): Promise<Advance> {
  const { backupOf, ordinal } = source.metadata;
  const onAir = live?.metadata.session ?? backupOf;
  if (backupOf === undefined || onAir === undefined || onAir === source.ref.sessionId) return advance(live, source);
  if (live !== undefined && live.metadata.ordinal >= ordinal) return advance(live, source);
  const active = await readSession(onAir);
  const merged = active && unlessBad(log, { ...active.ref }, () => applied(live, advance(live, active)));
  if (merged === undefined) return advanceBackup(live, source, undefined);
  return advanceBackup(merged.live, source, active);
}

const applied = (live: LiveState | undefined, next: Advance): { live: LiveState | undefined } => ({
  live: next.kind === 'write' ? { text: next.text, metadata: next.metadata } : live,
});
