import { DomainError, type QuotaUse } from '../../core/errors';

/** A thing that counts against a quota. */
export interface Counted {
  of: QuotaUse['of'];
  /** The owner of the counted things: `the publisher`. */
  whose: string;
  allowed: number;
  /** Those there are now. */
  count: () => Promise<number>;
  /** Takes back what was just made. */
  takeBack: () => Promise<unknown>;
}

const KINDS = {
  streams: { code: 'stream_limit', name: 'streams' },
  apiKeys: { code: 'api_key_limit', name: 'API keys' },
  webhooks: { code: 'webhook_limit', name: 'webhooks' },
  grants: { code: 'grant_limit', name: 'unexpired grants' },
} as const;

/**
 * Makes a thing within a quota, or throws its `…_limit`; false, and nothing is taken back, if `make` found its name
 * taken. It costs no lock: what is made is counted with all others afterwards, and taken back if they are too many. The
 * one written last sees all others, so never too many stay; near the limit, several that are made at once may all be
 * refused.
 */
export async function withinQuota(
  { of, whose, allowed, count, takeBack }: Counted,
  make: () => Promise<boolean>,
): Promise<boolean> {
  const refusal = (used: number) => {
    const { code, name } = KINDS[of];
    const reason =
      allowed === 0
        ? `${whose} may have no ${name}: the limit is 0`
        : `${whose} has ${used} ${name} of the ${allowed} there may be: remove one first`;
    return new DomainError(code, reason, { quota: { of, used, allowed } });
  };
  const before = await count();
  if (before >= allowed) throw refusal(before);
  if (!(await make())) return false;
  const after = await count();
  if (after <= allowed) return true;
  await takeBack();
  throw refusal(after - 1);
}
