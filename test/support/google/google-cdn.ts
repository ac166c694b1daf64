import { z } from 'zod';
import type { Answer, Route } from './google-stand-in';

const GLOBAL = 'compute\\.googleapis\\.com/compute/v1/projects/test-project/global';
const Body = z.strictObject({ path: z.string().startsWith('/') });

/** Both messages of Compute Engine about a used-up limit. */
const REFUSALS: readonly Answer[] = [
  { status: 403, body: { error: { message: 'Quota exceeded for quota metric: rateLimitExceeded' } } },
  { status: 429, body: { error: { message: 'RESOURCE_EXHAUSTED: rate limit' } } },
];

/** Cache invalidation of one URL map, as Compute Engine's API takes it and tells of it. */
export class GoogleCdn {
  readonly paths: string[] = [];
  quota = Number.POSITIVE_INFINITY;
  /** The states of operations. */
  status: 'PENDING' | 'RUNNING' | 'DONE' = 'DONE';
  private refused = 0;

  readonly routes: readonly Route[] = [
    {
      method: 'POST',
      path: new RegExp(`^${GLOBAL}/urlMaps/public/invalidateCache$`),
      answer: ({ body }) => this.take(Body.parse(body).path),
    },
    {
      method: 'GET',
      path: new RegExp(`^${GLOBAL}/operations/(?<name>operation-\\d+)$`),
      answer: ({ groups }) => ({ body: { kind: 'compute#operation', name: groups.name, status: this.status } }),
    },
  ];

  private take(path: string): Answer {
    if (this.quota <= 0) {
      this.refused += 1;
      return REFUSALS[this.refused % REFUSALS.length] ?? {};
    }
    this.quota -= 1;
    this.paths.push(path);
    return { body: { kind: 'compute#operation', name: `operation-${this.paths.length}`, status: 'PENDING' } };
  }
}
