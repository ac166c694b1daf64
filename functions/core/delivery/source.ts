import type { z } from 'zod';
import { SessionPlaylistMetadata } from '../../contract/metadata';
import { ordinalOf, parseSessionPlaylistName, sessionPlaylistName } from '../../contract/object-layout';
import type { Policy, Rendition, SessionId, StreamId } from '../../contract/words';
import { DomainError } from '../errors';
import type { Clock, Generation, Log, ObjectStore, StoredObject } from '../ports';

/** What delivery acts through. `delivery` gives the bucket of a policy. */
export interface DeliveryDeps {
  ingest: ObjectStore;
  delivery: (policy: Policy) => ObjectStore;
  clock: Clock;
  log: Log;
}

/** Which session playlist: one session and rendition. */
export interface SourceRef {
  streamId: StreamId;
  sessionId: SessionId;
  rendition: Rendition;
}

/** A session playlist as one read gave it: text, metadata and the generation both belong to. */
export interface Source {
  ref: SourceRef;
  text: string;
  metadata: SessionPlaylistMetadata;
  generation: Generation;
}

/** An object's custom metadata by its schema. Throws DomainError `bad_playlist`, naming the object and every wrong key. */
export function parseMetadata<Schema extends z.ZodType>(schema: Schema, object: StoredObject): z.output<Schema> {
  const parsed = schema.safeParse(object.metadata);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new DomainError('bad_playlist', `metadata of '${object.name}': ${problems.join('; ')}`);
}

/** The metadata of a session playlist; the ordinal must be that of the session its name says. Throws as `parseMetadata`. */
export function sourceMetadata(ref: SourceRef, object: StoredObject): SessionPlaylistMetadata {
  const metadata = parseMetadata(SessionPlaylistMetadata, object);
  if (metadata.ordinal === ordinalOf(ref.sessionId)) return metadata;
  throw new DomainError(
    'bad_playlist',
    `metadata of '${object.name}': ordinal: got ${metadata.ordinal}, must be ${ordinalOf(ref.sessionId)}`,
  );
}

/** The session playlist as it is now; `undefined` when there is none. Throws as `parseMetadata`. */
export async function readSource({ ingest }: Pick<DeliveryDeps, 'ingest'>, ref: SourceRef): Promise<Source | undefined> {
  const object = await ingest.read(sessionPlaylistName(ref));
  return object && { ref, text: object.text, metadata: sourceMetadata(ref, object), generation: object.generation };
}

/** A session playlist without its text, as a list shows it. */
export type ListedSource = Omit<Source, 'text'>;

/** The session's playlists, one a rendition. One whose metadata is malformed is logged and left out, so that it stops no other. */
export async function listSources(
  { ingest, log }: Pick<DeliveryDeps, 'ingest' | 'log'>,
  session: Omit<SourceRef, 'rendition'>,
): Promise<ListedSource[]> {
  const objects = await ingest.list(`${session.streamId}/${session.sessionId}/`);
  return objects.flatMap((object) => {
    const ref = parseSessionPlaylistName(object.name);
    const found = ref && unlessBad(log, { ref, name: object.name }, () => sourceMetadata(ref, object));
    return ref && found ? [{ ref, metadata: found, generation: object.generation }] : [];
  });
}

/** What `read` gives; `undefined`, and a line in the log, where it says `bad_playlist`. For work that one bad source must not stop. */
export function unlessBad<T>(log: Log, fields: Readonly<Record<string, unknown>>, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'bad_playlist') throw error;
    log.error('session_playlist_skipped', { ...fields, detail: error.message });
    return undefined;
  }
}
