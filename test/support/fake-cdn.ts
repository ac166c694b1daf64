import { memoryInvalidationStore } from '../../functions/adapters/memory/invalidation-store';
import type { CdnInvalidator } from '../../functions/ports/stores';

/**
 * A CDN that notes what it is to forget. It takes `quota` requests, then no more; what it took is done when `done` says
 * so.
 */
export class FakeCdn implements CdnInvalidator {
  readonly forgotten: string[] = [];
  quota = Number.POSITIVE_INFINITY;
  done = true;

  async request(path: string) {
    if (this.quota <= 0) return { kind: 'quota' as const, detail: '403: rateLimitExceeded' };
    this.quota -= 1;
    this.forgotten.push(path);
    return { kind: 'accepted' as const, operation: `op-${this.forgotten.length}` };
  }

  async isDone(): Promise<boolean> {
    return this.done;
  }
}

/** For a reconciler of which nothing is taken down. */
export const noTakeDown = () => ({
  move: () => Promise.reject(new Error('nothing is to be moved')),
  invalidations: memoryInvalidationStore(),
  cdn: new FakeCdn(),
});
