import { z } from 'zod';
import { Policy, StreamId } from '../ids';
import { Time } from './shapes';

/** What anybody with a stream's id may know of it: enough for a page to say why nothing plays. */
export const PublicStream = z
  .object({
    id: StreamId,
    title: z.string().optional().meta({ description: 'Of open streams only.' }),
    policy: Policy.meta({ description: '`gated`: nothing plays without a grant.' }),
    state: z.enum(['idle', 'live', 'reconnecting', 'ended', 'suspended']).meta({
      description: 'As `status` of a stream, and `suspended`. `ended` from the moment the broadcast is over.',
    }),
    reconnectUntil: Time.optional().meta({ description: 'While `reconnecting`: until then the publisher may come back.' }),
  })
  .meta({ id: 'PublicStream' });
export type PublicStream = z.infer<typeof PublicStream>;
