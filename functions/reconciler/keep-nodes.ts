import { forgetNodes, type TakeAwayDeps, takeStep } from '../app/nodes/take-away';
import type { NodeGroupPolicy } from '../contract/node-group';
import type { Node } from '../contract/state';
import { nodeSteps } from '../core/nodes/scale-in';
import type { NodeGroup } from '../ports/node-group';

/** The instance group that nodes are taken out of, and by which rules. */
export interface KeptGroup {
  group: NodeGroup;
  policy: NodeGroupPolicy;
}

/** Counts of what a pass did about nodes: told to drain, taken away or replaced, forgotten. */
export interface NodeCounts {
  drained: number;
  takenAway: number;
  forgotten: number;
}

export type KeepNodesDeps = Omit<TakeAwayDeps, keyof KeptGroup> & {
  /** @default none: nodes come and go by themselves */
  nodeGroup?: KeptGroup;
};

/**
 * Takes nodes away that nobody needs, and forgets those that are gone. Its own failures are the caller's; the next pass
 * goes on.
 */
export async function keepNodes(nodes: readonly Node[], { nodeGroup, ...deps }: KeepNodesDeps): Promise<NodeCounts> {
  const counts = { drained: 0, takenAway: 0, forgotten: await forgetNodes(nodes, deps) };
  if (nodeGroup === undefined) return counts;
  const { group, policy } = nodeGroup;
  const steps = nodeSteps(nodes, await group.read(), policy, deps.clock.now());
  for (const step of steps) {
    if (!(await takeStep(step, { ...deps, ...nodeGroup }))) continue;
    if (step.kind === 'drain') counts.drained += 1;
    else counts.takenAway += 1;
  }
  return counts;
}
