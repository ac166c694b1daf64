import { z } from 'zod';
import { StreamId } from '../ids';
import { Invalidation } from '../state';

const Time = z.iso.datetime();

/** The progress of a take-down, as the API shows it. */
export const TakeDownAnswer = z
  .object({
    streamId: StreamId,
    state: z.enum(['none', 'removing', 'invalidating', 'done', 'putting_back']).meta({
      description:
        '`none`: the stream plays. `removing`: media is being moved or removed. `invalidating`: ' +
        'the media is removed, and the invalidation of the CDN cache is requested or waits for quota. ' +
        '`putting_back`: the stream was resumed, and its recordings are being restored.',
    }),
    invalidations: z
      .array(
        z.object({
          path: z.string(),
          state: Invalidation.shape.state.meta({
            description: '`queued`: the quota of the CDN is used up. The request is repeated every minute.',
          }),
          attempts: z.int().nonnegative(),
          requestedAt: Time,
          changedAt: Time,
          detail: z.string().optional().meta({ description: 'The reason why the last attempt failed.' }),
        }),
      )
      .meta({
        description:
          'The invalidations of the stream, one for each path: of its newest take-down, and of recordings that ' +
          'were deleted or have expired.',
      }),
  })
  .meta({ id: 'TakeDown' });
export type TakeDownAnswer = z.infer<typeof TakeDownAnswer>;
