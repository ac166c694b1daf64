import { z } from 'zod';

/** CDNs: what an operator sees of them, and orders. */
const CdnAnswer = z.object({
  name: z.string().meta({ description: '`main` is the CDN of the public host.', example: 'main' }),
  host: z.string().meta({ example: 'live.example.com' }),
  weight: z.int().min(0).max(100).meta({
    description: 'The percentage of open streams whose viewers begin on this CDN, while no priority is set.',
  }),
});

export const CdnList = z
  .object({
    cdns: z.array(CdnAnswer),
    priority: z
      .array(z.string())
      .optional()
      .meta({ description: 'The order that an operator set. If absent, the weights hold.', example: ['main'] }),
    ttlSeconds: z.int().positive().meta({
      description: 'The time in seconds after which players read a new order. Caches add up to 10 s.',
    }),
  })
  .meta({ id: 'CdnList' });
export type CdnList = z.infer<typeof CdnList>;

export const SetCdnPriority = z
  .strictObject({
    priority: z
      .array(z.string().min(1).max(20))
      .min(1)
      .max(4)
      .meta({
        description: 'The names of all CDNs. Viewers play from the first one, and from the next one when it fails.',
        example: ['main'],
      }),
  })
  .meta({ id: 'SetCdnPriority' });
