import { parseSessionPlaylistName, sessionPlaylistName } from '../../contract/objects/layout';
import { DomainError } from '../../core/errors';
import type { Log, StoredObject } from '../../ports/stores';
import { type DeliveryDeps, type ListedSource, type PlaylistSource, type SourceRef, sourceMetadata } from './source';

/** The session playlist as it is now; `undefined` when there is none. Throws as `parseMetadata`. */
export async function readSource(
  { ingest }: Pick<DeliveryDeps, 'ingest'>,
  ref: SourceRef,
): Promise<PlaylistSource | undefined> {
  const object = await ingest.read(sessionPlaylistName(ref));
  return object && sourceFrom(ref, object);
}

function sourceFrom(ref: SourceRef, object: StoredObject & { text: string }): PlaylistSource {
  const { text, generation, updatedAt } = object;
  return { ref, text, metadata: sourceMetadata(ref, object), generation, updatedAt };
}

/** The same; `undefined`, and a line in the log, also for one that is malformed. */
export async function readUnlessBad(
  { ingest, log }: Pick<DeliveryDeps, 'ingest' | 'log'>,
  ref: SourceRef,
): Promise<PlaylistSource | undefined> {
  const object = await ingest.read(sessionPlaylistName(ref));
  return object && unlessBad(log, { ...ref }, () => sourceFrom(ref, object));
}

/**
 * The session's playlists, one a rendition. One whose metadata is malformed is logged and left out, so that it stops no
 * other.
 */
export async function listSources(
  { ingest, log }: Pick<DeliveryDeps, 'ingest' | 'log'>,
  session: Omit<SourceRef, 'rendition'>,
): Promise<ListedSource[]> {
  const objects = await ingest.list(`${session.streamId}/${session.sessionId}/`);
  return objects.flatMap((object) => {
    const ref = parseSessionPlaylistName(object.name);
    const found = ref && unlessBad(log, { ref, name: object.name }, () => sourceMetadata(ref, object));
    return ref && found ? [{ ref, metadata: found, generation: object.generation, updatedAt: object.updatedAt }] : [];
  });
}

/**
 * The result of `read`; `undefined`, and a line in the log, where it says `bad_playlist`. For work that one bad source
 * must not stop.
 */
export function unlessBad<T>(log: Log, fields: Readonly<Record<string, unknown>>, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    return skipped(log, fields, error);
  }
}

/** Notes in the log that a `bad_playlist` is passed over; throws any other error again. */
export function skipped(log: Log, fields: Readonly<Record<string, unknown>>, error: unknown): undefined {
  if (!(error instanceof DomainError) || error.code !== 'bad_playlist') throw error;
  log.error('session_playlist_skipped', { ...fields, detail: error.message });
  return undefined;
}
