import { z } from 'zod';
import { NodeSeconds } from './limits';

/**
 * The instance group of the origins, and when the control plane takes a node out of it. The group's autoscaler has its
 * name.
 */
export const NodeGroupPolicy = z.strictObject({
  name: z.string().regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, 'use the name of an instance group'),
  region: z.string().regex(/^[a-z]+-[a-z]+[0-9]{1,2}$/, 'use a region, such as europe-west1'),
  /** The autoscaler's own minimum. */
  minNodes: z.int().min(1),
  /** Publishers a node above which the autoscaler adds another one. */
  publishersPerNode: z.int().min(1),
  /** How long a node has nothing to do before it may be drained. */
  idleSeconds: NodeSeconds,
  /** How long a node may drain; then it goes with whatever it still has. */
  drainSeconds: NodeSeconds,
});
export type NodeGroupPolicy = z.infer<typeof NodeGroupPolicy>;
