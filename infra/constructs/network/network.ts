import { ComputeFirewall } from '@cdktf/provider-google/lib/compute-firewall';
import { ComputeNetwork } from '@cdktf/provider-google/lib/compute-network';
import { ComputeSubnetwork } from '@cdktf/provider-google/lib/compute-subnetwork';
import { VpcAccessConnector } from '@cdktf/provider-google/lib/vpc-access-connector';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

export interface NetworkProps extends Deployment {
  /** The same environment in its second region. @default none */
  readonly second?: Deployment | undefined;
  /** The VPC connector by which functions reach the nodes' own addresses. */
  readonly connector: { readonly machineType: string; readonly minInstances: number; readonly maxInstances: number };
}

export interface FirewallRule {
  /** Last part of the rule's name. */
  readonly thing: string;
  /** Ports; a range is `first-last`. */
  readonly tcp?: readonly (number | string)[];
  readonly udp?: readonly (number | string)[];
  readonly from: readonly string[];
  /** Network tag of the VMs it opens. */
  readonly to: string;
}

/** All addresses: for ports that encoders and browsers must reach. */
export const ANYWHERE = ['0.0.0.0/0'];

/**
 * Addresses that Google's health checks come from: of managed groups and proxies, and of passthrough load balancers.
 * https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges
 */
export const HEALTH_CHECKS = ['35.191.0.0/16', '130.211.0.0/22', '209.85.152.0/22', '209.85.204.0/22'];

/**
 * Addresses that Google's proxy load balancers connect from.
 * https://cloud.google.com/load-balancing/docs/firewall-rules
 */
export const PROXIES = ['35.191.0.0/16', '130.211.0.0/22'];

/**
 * Addresses of Google's Identity-Aware Proxy, which lets operators in by a role they hold.
 * https://cloud.google.com/iap/docs/using-tcp-forwarding
 */
export const IAP = ['35.235.240.0/20'];

/**
 * Room for 4092 VMs a region. A connector takes a /28 of its own.
 * https://cloud.google.com/vpc/docs/serverless-vpc-access
 */
const RANGES = { nodes: '10.10.0.0/20', connector: '10.10.16.0/28' };
const SECOND_RANGES: typeof RANGES = { nodes: '10.10.32.0/20', connector: '10.10.48.0/28' };

/** The range of the nodes of a region, the home region first, in the form that a TURN server takes. */
const NODE_ADDRESSES = ['10.10.0.0-10.10.15.255', '10.10.32.0-10.10.47.255'];

/** The part of the network in one region. */
export interface RegionalNetwork {
  readonly subnetworkId: string;
  /** The connector of functions that call a node. */
  readonly connectorId: string;
}

/**
 * The network of the VMs. It is closed except for the ports that `open` opens; Google's services are reached inside it.
 */
export class Network extends Construct {
  readonly networkId: string;
  readonly home: RegionalNetwork;
  readonly second: RegionalNetwork | undefined;
  /** The ranges from which functions call nodes: one a region. */
  readonly connectorRanges: readonly string[];
  /** Ranges of the nodes, which pass viewers on to each other: one a region. */
  readonly nodeRanges: readonly string[];
  /** The same ranges, in the form that a TURN server takes. */
  readonly nodeAddresses: readonly string[];
  private readonly place: Deployment;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { names, projectId: project, second } = props;
    this.place = props;
    const ranges = second === undefined ? [RANGES] : [RANGES, SECOND_RANGES];
    this.connectorRanges = ranges.map(({ connector }) => connector);
    this.nodeRanges = ranges.map(({ nodes }) => nodes);
    this.nodeAddresses = NODE_ADDRESSES.slice(0, ranges.length);
    this.networkId = new ComputeNetwork(this, 'network', {
      project,
      name: names.resource('network'),
      autoCreateSubnetworks: false,
      routingMode: 'REGIONAL',
    }).id;
    this.home = this.reach(props, RANGES, '', props.connector);
    this.second = second && this.reach(second, SECOND_RANGES, '-b', props.connector);
  }

  /** Makes the subnetworks of a region, and the connector in one of them. */
  private reach(
    place: Deployment,
    ranges: typeof RANGES,
    suffix: string,
    connector: NetworkProps['connector'],
  ): RegionalNetwork {
    const { names, projectId: project, region } = place;
    const subnetworkId = this.subnetwork('nodes', place, ranges, suffix).id;
    const connectorId = new VpcAccessConnector(this, `vpc-access${suffix}`, {
      project,
      region,
      name: names.connector(),
      subnet: { name: this.subnetwork('connector', place, ranges, suffix).name, projectId: project },
      ...connector,
    }).id;
    return { subnetworkId, connectorId };
  }

  /** Limits UDP from VMs with this tag to these ports of nodes. Replies to incoming packets always pass. */
  confineUdp({ tag, ports }: { tag: string; ports: readonly (number | string)[] }): void {
    const { names, projectId: project } = this.place;
    const rule = { project, network: this.networkId, direction: 'EGRESS', targetTags: [tag] };
    new ComputeFirewall(this, `reach-${tag}`, {
      ...rule,
      name: names.resource(`${tag}-to-nodes`),
      priority: 900,
      allow: [{ protocol: 'udp', ports: ports.map(String) }],
      destinationRanges: [...this.nodeRanges],
    });
    new ComputeFirewall(this, `confine-${tag}`, {
      ...rule,
      name: names.resource(`${tag}-to-nobody`),
      priority: 1000,
      deny: [{ protocol: 'udp' }],
      destinationRanges: ANYWHERE,
    });
  }

  open({ thing, tcp = [], udp = [], from, to }: FirewallRule): void {
    const { names, projectId: project } = this.place;
    new ComputeFirewall(this, `open-${thing}`, {
      project,
      name: names.resource(thing),
      network: this.networkId,
      direction: 'INGRESS',
      allow: Object.entries({ tcp, udp })
        .filter(([, ports]) => ports.length > 0)
        .map(([protocol, ports]) => ({ protocol, ports: ports.map(String) })),
      sourceRanges: [...from],
      targetTags: [to],
    });
  }

  private subnetwork(
    thing: keyof typeof RANGES,
    { names, projectId: project, region }: Deployment,
    ranges: typeof RANGES,
    suffix: string,
  ): ComputeSubnetwork {
    return new ComputeSubnetwork(this, `${thing}${suffix}`, {
      project,
      region,
      name: names.resource(thing),
      network: this.networkId,
      ipCidrRange: ranges[thing],
      // Logs one flow in a hundred, which shows the use of a relay that is open to the world.
      ...(thing === 'nodes' && {
        logConfig: { aggregationInterval: 'INTERVAL_10_MIN', flowSampling: 0.01, metadata: 'EXCLUDE_ALL_METADATA' },
      }),
      privateIpGoogleAccess: true,
    });
  }
}
