import { OBJECT_KINDS, type ObjectKind } from '../../contract/objects/cache';
import { encodeMetadata } from '../../contract/objects/metadata';
import { DomainError } from '../../core/errors';
import type { Clock, Generation, ObjectStore, StoredObject } from '../../ports/stores';

/** A write over the object that was read: `current` is `undefined` if there was none. */
export interface IntendedWrite {
  store: ObjectStore;
  name: string;
  current: StoredObject | undefined;
  kind: ObjectKind;
  text: string;
  metadata?: Parameters<typeof encodeMetadata>[0];
}

/** The decision of one attempt: the result, and what must be written for it to be true, if anything. */
export interface WriteStep<T> {
  write?: IntendedWrite;
  result: T;
}

/** Cloud Storage takes one write a second to one name. https://cloud.google.com/storage/quotas#objects */
const WRITE_INTERVAL_MS = 1000;
/**
 * At a second each: well inside the nine minutes an event's handler may take, and more than a burst of writers needs.
 */
const MAX_ATTEMPTS = 20;

const write = ({ store, name, current, kind, text, metadata = {} }: IntendedWrite) =>
  store.write(name, text, {
    ...OBJECT_KINDS[kind],
    metadata: encodeMetadata(metadata),
    ifGenerationMatch: current?.generation ?? '0',
  });

/**
 * Returns the rest of the second since the object was last written. A store's clock may be ahead of ours: never more
 * than a second.
 */
const restOfSecond = (now: number, { updatedAt }: StoredObject): number =>
  Math.min(Math.max(updatedAt + WRITE_INTERVAL_MS - now, 0), WRITE_INTERVAL_MS);

/**
 * Read, decide, write over what was read: `look` does the first two and runs again whenever the object was written by
 * somebody else, or had to be waited for because it was written less than a second ago. So at most one write a second
 * goes to a name, and it is made of the newest there was. Throws DomainError `unavailable` when 20 attempts were not
 * enough.
 */
export async function pacedWrite<T>(clock: Clock, look: () => Promise<WriteStep<T>>): Promise<T> {
  let waitedFor: Generation | undefined;
  let name = '';
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { write: intended, result } = await look();
    if (intended === undefined) return result;
    const { current } = intended;
    name = intended.name;
    const restMs = current === undefined || current.generation === waitedFor ? 0 : restOfSecond(clock.now(), current);
    if (restMs > 0) {
      waitedFor = current?.generation;
      await clock.sleep(restMs);
      continue;
    }
    const outcome = await write(intended);
    if (outcome.kind === 'written') return result;
    if (outcome.kind === 'rate_limited') await clock.sleep(WRITE_INTERVAL_MS);
  }
  throw new DomainError(
    'unavailable',
    `'${name}' was changed by other writers ${MAX_ATTEMPTS} times in a row: try again`,
  );
}
