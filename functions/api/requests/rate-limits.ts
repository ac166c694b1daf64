import { DomainError } from '../../core/errors';
import type { Principal } from '../../core/identity/principal';
import { type Allowance, TokenBuckets } from '../../core/limits/token-bucket';
import type { ApiDeps } from '../api-deps';

/** Lets a caller's request through, or refuses it as `rate_limited`; `tell` hears what is left, before. */
export type RateLimit = (principal: Principal, tell: (left: Allowance) => void) => void;

/**
 * Requests of one API key or token, and of one publisher by all keys and tokens together. A request that is refused
 * takes nothing. The operator's own key has no limit: it is needed to mend what went wrong.
 */
export function rateLimit({ rates, clock }: Pick<ApiDeps, 'rates' | 'clock'>): RateLimit {
  const byKey = new TokenBuckets(rates.perKey, clock);
  const byPublisher = new TokenBuckets(rates.perPublisher, clock);
  return ({ kind, credential, subject, reach }, tell) => {
    if (kind === 'admin_key') return;
    const asked = [
      { buckets: byKey, key: credential, whose: 'this key' },
      ...(reach.kind === 'owner' ? [{ buckets: byPublisher, key: subject, whose: 'this publisher' }] : []),
    ].map((each) => ({ ...each, left: each.buckets.look(each.key) }));
    const [longest] = asked.toSorted((a, b) => b.left.waitSeconds - a.left.waitSeconds);
    const refused = longest !== undefined && longest.left.waitSeconds > 0 ? longest : undefined;
    if (refused === undefined) for (const { buckets, key } of asked) buckets.take(key);
    const told = refused?.left ?? { ...leastOf(asked.map(({ buckets, key }) => buckets.look(key))), waitSeconds: 0 };
    tell(told);
    if (refused === undefined) return;
    const { limit, waitSeconds } = told;
    throw new DomainError(
      'rate_limited',
      `${refused.whose} has sent too many requests, the burst limit is ${limit}: try again in ${waitSeconds} s`,
    );
  };
}

const leastOf = (allowances: readonly Allowance[]): Allowance =>
  allowances.reduce((least, each) => (each.remaining < least.remaining ? each : least));

/** https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-07 */
export function tellRate(headers: Headers, { limit, remaining, resetSeconds, waitSeconds }: Allowance): void {
  headers.set('RateLimit-Limit', `${limit}`);
  headers.set('RateLimit-Remaining', `${remaining}`);
  headers.set('RateLimit-Reset', `${resetSeconds}`);
  if (waitSeconds > 0) headers.set('Retry-After', `${waitSeconds}`);
}
