import { z } from 'zod';

/** The used part of each of the caller's quotas. */
export const QuotaList = z
  .object({
    quotas: z.array(
      z.object({
        of: z.enum(['streams', 'grants', 'apiKeys', 'webhooks']).meta({
          description:
            '`streams`, `grants`: of a publisher; the operator has no such quota. `apiKeys`: of the subject. ' +
            '`webhooks`: of the publisher, or of the operator.',
        }),
        used: z.int().nonnegative().meta({ description: 'Expired grants and revoked keys do not count.' }),
        allowed: z.int().nonnegative(),
      }),
    ),
  })
  .meta({ id: 'QuotaList' });
