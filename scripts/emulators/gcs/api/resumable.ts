import { randomUUID } from 'node:crypto';
import { invalid, StorageError } from './storage-error';

/** `bytes 0-9/20`, `bytes 0-9/*`, and the same with `*` for what is not known, which is undefined here. */
interface ContentRange {
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly total: number | undefined;
}

export type ResumableProgress<T> =
  | { readonly kind: 'incomplete'; readonly received: number }
  | { readonly kind: 'complete'; readonly session: T; readonly bytes: Buffer };

interface UploadSession<T> {
  readonly what: T;
  chunks: Buffer[];
  received: number;
}

/** Abandoned uploads must not fill the memory: the oldest is dropped. In the cloud they live for a week. */
const MAX_SESSIONS = 500;

/** Resumable uploads that are under way. https://cloud.google.com/storage/docs/performing-resumable-uploads */
export class ResumableSessions<T> {
  readonly #sessions = new Map<string, UploadSession<T>>();

  open(what: T): string {
    const id = randomUUID();
    this.#sessions.set(id, { what, chunks: [], received: 0 });
    const oldest = this.#sessions.keys().next().value;
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    return id;
  }

  /** The session stays until `close`, so that a refused object can be tried again. */
  add(id: string, contentRange: string | undefined, bytes: Buffer): ResumableProgress<T> {
    const session = this.#session(id);
    const range = parseContentRange(contentRange);
    const gap = (range.start ?? session.received) - session.received;
    if (gap <= 0) this.#append(session, bytes.subarray(-gap));
    return isWhole(range, contentRange, session.received)
      ? { kind: 'complete', session: session.what, bytes: Buffer.concat(session.chunks) }
      : { kind: 'incomplete', received: session.received };
  }

  what(id: string): T {
    return this.#session(id).what;
  }

  close(id: string): void {
    this.#sessions.delete(id);
  }

  #append(session: UploadSession<T>, bytes: Buffer): void {
    if (bytes.length === 0) return;
    session.chunks.push(bytes);
    session.received += bytes.length;
  }

  #session(id: string): UploadSession<T> {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new StorageError(404, 'notFound', 'No such upload session.');
    return session;
  }
}

function parseContentRange(text: string | undefined): ContentRange {
  if (text === undefined) return { start: undefined, end: undefined, total: undefined };
  const [, start, end, total] = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(text) ?? [];
  if (total === undefined) throw invalid(`Invalid Content-Range: '${text}'.`, 'Content-Range');
  const number = (value: string | undefined) => (value === undefined || value === '*' ? undefined : Number(value));
  return { start: number(start), end: number(end), total: number(total) };
}

/**
 * Tells whether the upload is complete: all of a stated total is there, or the request had no total (its end is the
 * object's).
 */
function isWhole(range: ContentRange, header: string | undefined, received: number): boolean {
  if (header === undefined) return true;
  if (range.total !== undefined) return received >= range.total;
  return range.start !== undefined && range.end === undefined;
}
