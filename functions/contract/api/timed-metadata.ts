import { z } from 'zod';
import { StreamId } from '../ids';
import { TimedMetadataId, TimedMetadataText } from '../timed-metadata/schemas';
import { Time } from './shapes';

const MAX_DURATION_SECONDS = 86_400;

export const AddTimedMetadata = z
  .strictObject({
    id: TimedMetadataId.optional(),
    data: TimedMetadataText,
    durationSeconds: z.int().min(0).max(MAX_DURATION_SECONDS).optional().meta({
      description: 'The time for which the message holds, for players that show it for as long.',
    }),
  })
  .meta({ id: 'AddTimedMetadata' });
export type AddTimedMetadata = z.infer<typeof AddTimedMetadata>;

export const TimedMetadataAnswer = z
  .object({
    id: z.string().meta({ description: 'The id of the message, as players get it.' }),
    streamId: StreamId,
    acceptedAt: Time,
  })
  .meta({ id: 'TimedMetadata' });
export type TimedMetadataAnswer = z.infer<typeof TimedMetadataAnswer>;
