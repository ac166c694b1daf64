import { z } from 'zod';
import { NodeId } from '../ids';
import { Time } from './shapes';

/** Nodes and health: what an operator looks at. */
export const NodeAnswer = z
  .object({
    id: NodeId,
    role: z.enum(['origin', 'edge']),
    state: z.enum(['up', 'draining', 'lost']).meta({ description: '`lost`: the node has sent no heartbeat for 20 s.' }),
    heartbeatAt: Time,
    publishing: z.int().nonnegative().meta({ description: 'The number of sessions that receive media.' }),
    pendingSegments: z.int().nonnegative().meta({ description: 'The number of segments that are not uploaded yet.' }),
    spoolBytes: z.int().nonnegative(),
  })
  .meta({ id: 'Node' });
export type NodeAnswer = z.infer<typeof NodeAnswer>;
export const NodeList = z.object({ nodes: z.array(NodeAnswer) }).meta({ id: 'NodeList' });

const Check = z.object({
  state: z
    .enum(['ok', 'down', 'idle'])
    .meta({ description: '`idle`: there is nothing to check, for example because no stream is live.' }),
  latencyMs: z.int().nonnegative(),
});
export type HealthCheck = z.infer<typeof Check>;

export const HealthAnswer = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']).meta({
      description: '`down`: Firestore or storage does not answer. `degraded`: nodes, RTMP or HLS do not work.',
    }),
    checks: z.object({
      firestore: Check,
      storage: Check,
      nodes: Check.extend({ up: z.int().nonnegative() }).meta({ description: 'The origins with a recent heartbeat.' }),
      rtmp: Check.meta({ description: 'A handshake with the RTMP server.' }),
      hls: Check.meta({
        description: 'A request through the CDN for the playlist of the newest live stream with the policy `open`.',
      }),
    }),
  })
  .meta({ id: 'Health' });
export type HealthAnswer = z.infer<typeof HealthAnswer>;
