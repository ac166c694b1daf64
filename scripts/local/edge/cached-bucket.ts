import type { Clock } from '../../../functions/ports/stores';
import { StartError } from '../../emulators/server/start-error';
import type { CachePolicy } from '../blueprint/blueprint';
import type { AnswerCache, CachedAnswer } from './cache';
import { freshSeconds } from './cache-control';
import type { ObjectAnswer } from './object-fetch';

/** The values of `{cdn_cache_status}`. */
export type CacheStatus = 'HIT' | 'MISS' | 'REVALIDATED';

/** An answer and the part of the cache in it; `ageSeconds` only when the cache had it already. */
export interface BackendAnswer extends ObjectAnswer {
  readonly cacheStatus: CacheStatus;
  readonly ageSeconds?: number;
}

export interface CachedBucketOptions {
  readonly backend: CachePolicy;
  readonly cache: AnswerCache;
  readonly clock: Pick<Clock, 'now'>;
  /** True if these are answers to signed requests, which are kept apart, for the time that the backend names. */
  readonly signed: boolean;
  /** Reads an object of the backend's bucket; `path` begins with a slash. */
  fetch(path: string, headers: Readonly<Record<string, string>>): Promise<ObjectAnswer>;
}

type Filled = { readonly answer: BackendAnswer; readonly stored: boolean };

/**
 * Statuses that are kept for signed requests; 404 too, since the API says "all responses", which was never measured to
 * be otherwise.
 */
const KEPT_WHEN_SIGNED = [200, 404];

/**
 * One backend bucket of Cloud CDN. Keys are paths: query and host do not split the cache. Only whole 200s are kept, for
 * as long as their own headers say; 403 and 404 never. Answers to signed requests are kept by the backend's own
 * lifetime instead. A key has one fill at a time; requests that waited share its answer if it could be kept, otherwise
 * each makes its own. https://cloud.google.com/compute/docs/reference/rest/v1/backendBuckets (signedUrlCacheMaxAgeSec)
 */
export class CachedBucket {
  private readonly fills = new Map<string, Promise<Filled>>();

  constructor(private readonly options: CachedBucketOptions) {
    const { backend } = options;
    const refuse = (setting: string): never => {
      throw new StartError(`backend bucket ${backend.name}: the local edge does not imitate ${setting}`);
    };
    if (backend.cacheMode !== 'USE_ORIGIN_HEADERS') refuse(`cache mode ${backend.cacheMode}`);
    if (backend.negativeCaching) refuse('negative caching');
    if (backend.serveWhileStaleSeconds > 0) refuse('serve_while_stale');
  }

  async get(path: string): Promise<BackendAnswer> {
    const held = this.held(path);
    if (held !== undefined && this.isFresh(held)) return this.hit(held);
    const running = this.options.backend.requestCoalescing ? this.fills.get(path) : undefined;
    if (running === undefined) return (await this.fill(path, held)).answer;
    const { answer, stored } = await running;
    return stored ? { ...answer, cacheStatus: 'HIT' } : (await this.fill(path, this.held(path))).answer;
  }

  private held(path: string): CachedAnswer | undefined {
    return this.options.cache.get(this.key(path));
  }

  private key(path: string): string {
    return `${this.options.backend.name} ${this.options.signed ? 'signed ' : ''}${path}`;
  }

  private isFresh(held: CachedAnswer): boolean {
    return this.options.clock.now() - held.storedAtMs < held.freshMs;
  }

  private hit(held: CachedAnswer): BackendAnswer {
    const ageSeconds = Math.floor((this.options.clock.now() - held.storedAtMs) / 1000);
    return { status: held.status, headers: held.headers, body: held.body, cacheStatus: 'HIT', ageSeconds };
  }

  private fill(path: string, held: CachedAnswer | undefined): Promise<Filled> {
    const filling = this.load(path, held).finally(() => {
      if (this.fills.get(path) === filling) this.fills.delete(path);
    });
    this.fills.set(path, filling);
    return filling;
  }

  private async load(path: string, held: CachedAnswer | undefined): Promise<Filled> {
    const askedAtMs = this.options.clock.now();
    const etag = held?.headers.etag;
    const answer = await this.options.fetch(path, etag === undefined ? {} : { 'if-none-match': etag });
    if (answer.status === 304 && held !== undefined)
      return this.keep(path, askedAtMs, { ...held, headers: { ...held.headers, ...answer.headers } }, 'REVALIDATED');
    if (answer.status === 200 || (this.options.signed && KEPT_WHEN_SIGNED.includes(answer.status)))
      return this.keep(path, askedAtMs, answer, 'MISS');
    this.options.cache.delete(this.key(path));
    return { answer: { ...answer, cacheStatus: 'MISS' }, stored: false };
  }

  private keep(
    path: string,
    storedAtMs: number,
    { status, headers, body }: ObjectAnswer,
    cacheStatus: CacheStatus,
  ): Filled {
    const freshMs = this.freshSeconds(headers) * 1000;
    if (freshMs > 0) this.options.cache.set(this.key(path), { status, headers, body, storedAtMs, freshMs });
    return { answer: { status, headers, body, cacheStatus }, stored: freshMs > 0 };
  }

  private freshSeconds(headers: ObjectAnswer['headers']): number {
    const { signed, backend } = this.options;
    return signed ? backend.signedMaxAgeSeconds : freshSeconds(headers['cache-control']);
  }
}
