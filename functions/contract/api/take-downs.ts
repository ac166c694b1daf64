import { z } from 'zod';
import { StreamId } from '../ids';
import { Invalidation } from '../state';

const Time = z.iso.datetime();

/** How far a take-down is, as the API shows it. */
export const TakeDownAnswer = z
  .object({
    streamId: StreamId,
    state: z.enum(['none', 'removing', 'invalidating', 'done', 'putting_back']).meta({
      description:
        '`none`: the stream plays. `removing`: media is being moved or removed. `invalidating`: nothing is left, and the CDN was asked to forget it, or waits for its quota. `putting_back`: resumed, its recordings are on their way.',
    }),
    invalidations: z
      .array(
        z.object({
          path: z.string(),
          state: Invalidation.shape.state.meta({
            description: '`queued`: the quota of the CDN is used up, it is asked again every minute.',
          }),
          attempts: z.int().nonnegative(),
          requestedAt: Time,
          changedAt: Time,
          detail: z.string().optional().meta({ description: 'Why the last attempt came to nothing.' }),
        }),
      )
      .meta({ description: 'Of the newest take-down, path by path.' }),
  })
  .meta({ id: 'TakeDown' });
export type TakeDownAnswer = z.infer<typeof TakeDownAnswer>;
