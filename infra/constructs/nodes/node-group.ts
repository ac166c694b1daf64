import { ComputeRegionHealthCheck } from '@cdktf/provider-google/lib/compute-region-health-check';
import { ComputeRegionInstanceGroupManager } from '@cdktf/provider-google/lib/compute-region-instance-group-manager';
import { Construct } from 'constructs';
import { ROUTES } from '../../../functions/contract/routes';
import { cloudInit } from '../../../srs-image/render/cloud-init';
import { NODE } from '../../../srs-image/render/node';
import type { Deployment } from '../../names';
import type { Identity } from '../functions/identity';
import { ANYWHERE, HEALTH_CHECKS, IAP, type Network, PROXIES, type RegionalNetwork } from '../network/network';
import { Telemetry } from '../observability/telemetry';
import { VmTemplate } from './vm-template';

export interface NodeGroupProps extends Deployment {
  readonly role: 'origin' | 'edge';
  readonly identity: Identity;
  /** The network that the home region's group opens for the groups of all regions; absent in the second region. */
  readonly opens?: Network;
  readonly network: RegionalNetwork;
  readonly zones: readonly string[];
  readonly machineType: string;
  readonly osImage: string;
  /** The number of nodes; absent where an autoscaler decides on it. */
  readonly nodes?: number;
  /** Nodes above that number while some are replaced. */
  readonly surge: number;
  readonly image: string;
  readonly mediaMebibytes: number;
  readonly segmentSeconds: number;
  readonly diskGigabytes: number;
  /** The JSON of `AgentEnv`. */
  readonly agentEnv: string;
  /** The JSON of `GateEnv`. */
  readonly gateEnv: string;
  /** Origins push streams to these nodes, which make no HLS. */
  readonly takesPushes: boolean;
  /** Networks that reach SRT; none: SRS does not take it. */
  readonly srtSources: readonly string[];
}

/** The ports of a node's own external address that everybody can reach, by its role. SRS's API and SSH stay closed. */
const MEDIA_PORTS = {
  origin: { tcp: [NODE.rtmpPort], udp: [NODE.rtcPort] },
  edge: { udp: [NODE.rtcPort] },
};

/** Name of the agent's public port in a group, for backend services. */
export const AGENT_PORT = 'agent';

/** Shorter than the 120 s between a soft and a hard power off. */
const DRAIN_SECONDS = 90;

/** Boot and image pull take about a minute; a younger node is not checked. */
const BOOT_SECONDS = 180;

/** SRS VMs of one role: SRS and agent on Container-Optimized OS, in a regional group that replaces broken ones. */
export class SrsNodeGroup extends Construct {
  readonly instanceGroup: string;
  /** Id of the group manager. */
  readonly groupId: string;
  private readonly tag: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: NodeGroupProps,
  ) {
    super(scope, id);
    const { names, projectId: project, region, role, zones, nodes } = props;
    this.tag = `srs-${role}`;
    if (props.opens !== undefined) {
      this.open(props.opens);
      new Telemetry(this, 'telemetry', project, props.identity);
    }
    const group = new ComputeRegionInstanceGroupManager(this, 'group', {
      project,
      region,
      name: names.resource(role),
      baseInstanceName: names.resource(role),
      version: [{ name: 'current', instanceTemplate: this.template() }],
      ...(nodes !== undefined && { targetSize: nodes }),
      distributionPolicyZones: [...zones],
      // A repaired VM is made from the present template: the one it was made from may be deleted.
      instanceLifecyclePolicy: { forceUpdateOnRepair: 'YES' },
      namedPort: [
        { name: 'rtmp-proxied', port: NODE.proxyPort },
        { name: AGENT_PORT, port: NODE.publicPort },
      ],
      autoHealingPolicies: { healthCheck: this.agentHealth(), initialDelaySec: BOOT_SECONDS },
      // A new template waits until nodes are drained: a rolling replacement would cut every publisher.
      updatePolicy: {
        type: 'OPPORTUNISTIC',
        minimalAction: 'REPLACE',
        replacementMethod: 'SUBSTITUTE',
        instanceRedistributionType: 'NONE',
        maxSurgeFixed: props.surge,
        // Without a surge, a node goes before its replacement comes.
        maxUnavailableFixed: props.surge === 0 ? zones.length : 0,
      },
    });
    this.instanceGroup = group.instanceGroup;
    this.groupId = group.id;
  }

  /**
   * Opens the ports beside media: health checks and viewers, who come by the same proxies of Google, the API's calls to
   * the agent, and those of other nodes.
   */
  private open(network: Network): void {
    const { role, srtSources, takesPushes } = this.props;
    const to = this.tag;
    network.open({ thing: `${role}-media`, ...MEDIA_PORTS[role], from: ANYWHERE, to });
    if (srtSources.length > 0) network.open({ thing: `${role}-srt`, udp: [NODE.srtPort], from: srtSources, to });
    // The health checkers are also the proxies of RTMPS: only they may send the address of a client.
    if (role === 'origin') network.open({ thing: `${role}-rtmps`, tcp: [NODE.proxyPort], from: PROXIES, to });
    if (takesPushes) network.open({ thing: `${role}-push`, tcp: [NODE.rtmpPort], from: network.nodeRanges, to });
    network.open({ thing: `${role}-health`, tcp: [NODE.publicPort], from: HEALTH_CHECKS, to });
    network.open({ thing: `${role}-ssh`, tcp: [22], from: IAP, to });
    network.open({
      thing: `${role}-agent`,
      tcp: [NODE.publicPort],
      from: [...network.connectorRanges, ...network.nodeRanges],
      to,
    });
  }

  private template(): string {
    const { role, image, mediaMebibytes, segmentSeconds, agentEnv, gateEnv, srtSources, takesPushes, ...rest } =
      this.props;
    return new VmTemplate(this, 'vm', {
      ...rest,
      thing: role,
      tag: this.tag,
      userData: cloudInit({
        image,
        mediaMebibytes,
        segmentSeconds,
        srtSources,
        drainSeconds: DRAIN_SECONDS,
        makesHls: !takesPushes,
      }),
      metadata: { 'agent-env': agentEnv, 'gate-env': gateEnv },
    }).selfLink;
  }

  /**
   * Makes the check of a node's life. It fails slowly, and a draining node passes it: a node that fails is replaced,
   * and its publishers are disconnected.
   */
  private agentHealth(): string {
    const { names, projectId: project, region, role } = this.props;
    return new ComputeRegionHealthCheck(this, 'agent-health', {
      project,
      region,
      name: names.resource(`${role}-agent`),
      checkIntervalSec: 10,
      timeoutSec: 5,
      healthyThreshold: 1,
      unhealthyThreshold: 6,
      httpHealthCheck: { port: NODE.publicPort, requestPath: ROUTES.agent.livez },
    }).id;
  }
}
