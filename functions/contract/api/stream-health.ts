import { z } from 'zod';
import { HEALTH_MINUTES, HealthMinute, SessionHealth } from '../hooks/session-health';
import { MediaWarning } from '../media-report';
import { Time } from './shapes';

export const StreamHealthAnswer = z
  .object({
    now: SessionHealth.omit({ problems: true }).optional().meta({
      description: 'The values of the last seconds. Present while the stream is live, after its first segments.',
    }),
    warnings: z.array(MediaWarning).meta({ description: 'Problems to fix. Empty while the stream is not live.' }),
    lastHour: z
      .array(HealthMinute.extend({ at: Time }))
      .max(HEALTH_MINUTES)
      .optional()
      .meta({
        description:
          'The means of each minute with a publisher, of the upload lag the longest, oldest first. The nodes hold ' +
          'them in memory: they are gone with a node, and after a restart of its agent. Absent if a node does not ' +
          'answer.',
      }),
  })
  .meta({ id: 'StreamHealth' });
export type StreamHealthAnswer = z.infer<typeof StreamHealthAnswer>;
