import { ComputeRegionAutoscaler } from '@cdktf/provider-google/lib/compute-region-autoscaler';
import { Construct } from 'constructs';
import { VIEWERS_METRIC } from '../../../functions/contract/env/agent';
import type { Deployment } from '../../names';
import { BOOT_SECONDS } from './node-scaling';

export interface EdgeScalingProps extends Deployment {
  /** The group manager's id. */
  readonly group: string;
  readonly minNodes: number;
  readonly maxNodes: number;
  /** Viewers' connections of a node above which a node is added. */
  readonly targetViewers: number;
  /** Mbit/s that a node sends, above which a node is added. */
  readonly targetEgressMegabits: number;
}

/** Google's own metric of a VM. https://cloud.google.com/monitoring/api/metrics_gcp_c#gcp-compute */
const SENT_BYTES = 'compute.googleapis.com/instance/network/sent_bytes_count';
const MEGABIT_BYTES = 125_000;
/** The time in seconds in which at most one edge is removed: its viewers have moved by then. */
const SCALE_IN_SECONDS = 600;

/**
 * Adds edges, and removes them one at a time: the viewers of one that goes ask the API again, and are elsewhere within
 * seconds. Nothing is lost, because an edge has only copies.
 */
export class EdgeScaling extends Construct {
  constructor(scope: Construct, id: string, props: EdgeScalingProps) {
    super(scope, id);
    const { names, projectId: project, region, targetViewers, targetEgressMegabits } = props;
    new ComputeRegionAutoscaler(this, 'autoscaler', {
      project,
      region,
      name: names.resource('edge'),
      target: props.group,
      autoscalingPolicy: {
        mode: 'ON',
        minReplicas: props.minNodes,
        maxReplicas: props.maxNodes,
        cooldownPeriod: BOOT_SECONDS,
        scaleInControl: { maxScaledInReplicas: { fixed: 1 }, timeWindowSec: SCALE_IN_SECONDS },
        metric: [
          { name: VIEWERS_METRIC, type: 'GAUGE', target: targetViewers },
          { name: SENT_BYTES, type: 'DELTA_PER_SECOND', target: targetEgressMegabits * MEGABIT_BYTES },
        ],
      },
    });
  }
}
