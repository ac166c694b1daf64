import { z } from 'zod';
import { Policy, StreamId } from '../ids';
import { Time } from './shapes';

/** The public facts about a stream, for anyone with its id: enough for a page to say why nothing plays. */
export const PublicStream = z
  .object({
    id: StreamId,
    title: z.string().optional().meta({ description: 'Present for open streams only.' }),
    policy: Policy.meta({ description: '`gated`: nothing plays without a grant.' }),
    state: z.enum(['idle', 'live', 'reconnecting', 'ended', 'suspended']).meta({
      description: 'The `status` of the stream, or `suspended`. The state is `ended` as soon as the broadcast is over.',
    }),
    latency: z.literal('low').optional().meta({
      description: 'Present for streams that offer low-latency HLS: `getPlayback` says whether it is open now.',
    }),
    chat: z.literal(true).optional().meta({ description: 'Present for streams that have a chat now.' }),
    reconnectUntil: Time.optional().meta({
      description: 'The end of the reconnect window. Present while the state is `reconnecting`.',
    }),
  })
  .meta({ id: 'PublicStream' });
export type PublicStream = z.infer<typeof PublicStream>;
