import { Construct } from 'constructs';
import { agentEnv } from '../../srs-image/render/agent-env';
import { gateEnv } from '../../srs-image/render/gate-env';
import { mediaMebibytes } from '../../srs-image/render/media-size';
import { zonesIn } from '../config/regions';
import type { EnvironmentConfig } from '../config/schema';
import type { Identity } from '../constructs/functions/identity';
import type { Network } from '../constructs/network/network';
import { EdgeScaling } from '../constructs/nodes/edge-scaling';
import { SrsNodeGroup } from '../constructs/nodes/node-group';
import { NodeScaling } from '../constructs/nodes/node-scaling';
import type { Deployment } from '../names';
import type { LiveMedia } from './media';

export interface LiveNodesProps extends Deployment {
  readonly config: EnvironmentConfig;
  readonly media: LiveMedia;
  /** The accounts of origins and of edge nodes: only the first may write media. */
  readonly node: Identity;
  readonly edge: Identity;
  readonly network: Network;
  /** True: these are the nodes of the second region, for which those of the first have opened ports. */
  readonly isSecond?: boolean;
  /** The node image, by a tag that never moves. */
  readonly image: string;
  /** The function agents relay hooks to. */
  readonly hooks: { readonly uri: string };
  /** The function that asks agents for WebRTC and FLV. */
  readonly api: { readonly email: string };
}

/** Half of the tmpfs is the spool's, half is SRS's own window of segments. */
const SPOOL_SHARE = 0.5;

/** Returns the part of the network that nodes of a region are in; those of the home region open it. */
function reachOf(network: Network, isSecond: boolean) {
  if (!isSecond) return { network: network.home, opens: network };
  if (network.second === undefined) throw new Error('the network has no second region');
  return { network: network.second };
}

/** The SRS VMs, with their configuration: origins take publishers and grow with them, edge nodes serve viewers. */
export class LiveNodes extends Construct {
  /** The origins' group, for load balancers. */
  readonly instanceGroup: string;
  /** Every group whose nodes answer viewers on the public host. */
  readonly viewerGroups: readonly string[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LiveNodesProps,
  ) {
    super(scope, id);
    const { names, projectId, region, config, node, edge } = props;
    const { minNodes, maxNodes, targetCpu, targetPublishers } = config.origin;
    const origins = new SrsNodeGroup(this, 'group', this.shared('origin', node));
    new NodeScaling(this, 'scaling', {
      names,
      projectId,
      region,
      group: origins.groupId,
      minNodes,
      maxNodes,
      targetCpu,
      targetPublishers,
    });
    const edges = this.edges(edge);
    this.instanceGroup = origins.instanceGroup;
    this.viewerGroups = [origins.instanceGroup, edges.instanceGroup];
  }

  /** Without edges there is a group of none, so that load balancers stay as they are when edges come. */
  private edges(identity: Identity): SrsNodeGroup {
    const { names, projectId, region, config } = this.props;
    const { minNodes, maxNodes, targetViewers, targetEgressMegabits } = config.edge;
    const scales = maxNodes > 0;
    const group = new SrsNodeGroup(this, 'edge', { ...this.shared('edge', identity), ...(!scales && { nodes: 0 }) });
    if (scales)
      new EdgeScaling(this, 'edge-scaling', {
        names,
        projectId,
        region,
        group: group.groupId,
        minNodes,
        maxNodes,
        targetViewers,
        targetEgressMegabits,
      });
    return group;
  }

  private shared(role: 'origin' | 'edge', identity: Identity) {
    const { names, projectId, region, config, network, image, isSecond = false } = this.props;
    const { surge, osImage, diskGigabytes } = config.origin;
    const { machineType } = config[role];
    return {
      names,
      projectId,
      region,
      role,
      identity,
      ...reachOf(network, isSecond),
      image,
      machineType,
      surge,
      osImage,
      diskGigabytes,
      mediaMebibytes: mediaMebibytes(machineType),
      zones: zonesIn(region, config),
      segmentSeconds: config.playback.segmentSeconds,
      takesPushes: role === 'edge' && config.edge.maxNodes > 0,
      agentEnv: this.agentEnv(role),
      gateEnv: gateEnv(),
      srtSources: role === 'origin' ? config.origin.srtSources : [],
    };
  }

  private agentEnv(role: 'origin' | 'edge'): string {
    const { region, config, media, hooks, api, node, edge } = this.props;
    return agentEnv({
      role,
      region,
      takesPushes: role === 'edge' && config.edge.maxNodes > 0,
      takesSrt: role === 'origin' && config.origin.srtSources.length > 0,
      hooksUrl: hooks.uri,
      callers: [api.email],
      peers: [node.email, edge.email],
      flvViewers: config.playback.flvViewers,
      playerOrigins: [...config.playerOrigins],
      ingestBucket: media.ingest.bucketName,
      openBucket: media.open.bucketName,
      gatedBucket: media.gated.bucketName,
      heartbeatSeconds: config.heartbeatSeconds,
      segmentSeconds: config.playback.segmentSeconds,
      sessionWindowSeconds: config.sessionWindowSeconds,
      evacuateAfterSeconds: config.origin.scaleIn.evacuateAfterSeconds,
      spoolLimitBytes: mediaMebibytes(config[role].machineType) * (1 << 20) * SPOOL_SHARE,
    });
  }
}
