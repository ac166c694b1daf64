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
  /** The time that a node must be idle before it may be drained. */
  idleSeconds: NodeSeconds,
  /** The time that a node may drain. After it the node is removed with everything it still has. */
  drainSeconds: NodeSeconds,
});
export type NodeGroupPolicy = z.infer<typeof NodeGroupPolicy>;
