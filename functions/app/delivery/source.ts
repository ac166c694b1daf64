import type { z } from 'zod';
import type { Policy, Rendition, SessionId, StreamId } from '../../contract/ids';
import type { Cdns } from '../../contract/objects/cdns';
import { ordinalOf } from '../../contract/objects/layout';
import { SessionPlaylistMetadata } from '../../contract/objects/metadata';
import { DomainError } from '../../core/errors';

import type { Clock, Generation, Log, ObjectStore, StoredObject } from '../../ports/stores';

/**
 * The media of two regions. A bucket of both copies objects to the second region some time after they were written:
 * when a region is lost, the newest are known by name and metadata, and have no bytes until it is back.
 */
export interface BothRegions {
  /** Resolves to false for an object whose bytes cannot be had. Never rejects. */
  isReadable(policy: Policy, name: string): Promise<boolean>;
}

/** The ports that delivery uses. `delivery` gives the bucket of a policy. */
export interface DeliveryDeps {
  ingest: ObjectStore;
  delivery: (policy: Policy) => ObjectStore;
  /** The CDNs beside the public host's. @default none */
  cdns?: Cdns;
  clock: Clock;
  log: Log;
  /** The media of an environment with two regions. @default there is one */
  bothRegions?: BothRegions;
}

/** A session playlist: one session and rendition. */
export interface SourceRef {
  streamId: StreamId;
  sessionId: SessionId;
  rendition: Rendition;
}

/** A session playlist as one read gave it: text, metadata and the generation both belong to. */
export interface PlaylistSource {
  ref: SourceRef;
  text: string;
  metadata: SessionPlaylistMetadata;
  generation: Generation;
  /** The time of that generation, by the store's clock, in milliseconds. */
  updatedAt: number;
}

/**
 * An object's custom metadata by its schema. Throws DomainError `bad_playlist`, naming the object and every wrong key.
 */
export function parseMetadata<Schema extends z.ZodType>(schema: Schema, object: StoredObject): z.output<Schema> {
  const parsed = schema.safeParse(object.metadata);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new DomainError('bad_playlist', `metadata of '${object.name}': ${problems.join('; ')}`);
}

/**
 * The metadata of a session playlist; the ordinal must be that of the session its name says. Throws as `parseMetadata`.
 */
export function sourceMetadata(ref: SourceRef, object: StoredObject): SessionPlaylistMetadata {
  const metadata = parseMetadata(SessionPlaylistMetadata, object);
  if (metadata.ordinal === ordinalOf(ref.sessionId)) return metadata;
  throw new DomainError(
    'bad_playlist',
    `metadata of '${object.name}': ordinal: got ${metadata.ordinal}, must be ${ordinalOf(ref.sessionId)}`,
  );
}

/** A session playlist without its text, as a list shows it. */
export type ListedSource = Omit<PlaylistSource, 'text'>;
