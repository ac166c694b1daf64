import { ComputeRegionAutoscaler } from '@cdktf/provider-google/lib/compute-region-autoscaler';
import { Construct } from 'constructs';
import { PUBLISHERS_METRIC } from '../../../functions/contract/env/agent';
import type { Deployment } from '../../names';

export interface NodeScalingProps extends Deployment {
  /** The group manager's id. */
  readonly group: string;
  readonly minNodes: number;
  readonly maxNodes: number;
  /** Share of the CPU above which a node is added. */
  readonly targetCpu: number;
  /** Publishers a node above which a node is added. */
  readonly targetPublishers: number;
}

/** Boot and image pull take about a minute; figures of a younger node do not count. */
export const BOOT_SECONDS = 120;

/**
 * Adds nodes, and never removes one: the autoscaler would choose nodes with publishers on them. Drained nodes are
 * deleted by name.
 */
export class NodeScaling extends Construct {
  constructor(scope: Construct, id: string, props: NodeScalingProps) {
    super(scope, id);
    const { names, projectId: project, region } = props;
    new ComputeRegionAutoscaler(this, 'autoscaler', {
      project,
      region,
      name: names.resource('origin'),
      target: props.group,
      autoscalingPolicy: {
        mode: 'ONLY_SCALE_OUT',
        minReplicas: props.minNodes,
        maxReplicas: props.maxNodes,
        cooldownPeriod: BOOT_SECONDS,
        cpuUtilization: { target: props.targetCpu, predictiveMethod: 'NONE' },
        metric: [{ name: PUBLISHERS_METRIC, type: 'GAUGE', target: props.targetPublishers }],
      },
    });
  }
}
