import { ComputeFirewall } from '@cdktf/provider-google/lib/compute-firewall';
import { ComputeNetwork } from '@cdktf/provider-google/lib/compute-network';
import { ComputeSubnetwork } from '@cdktf/provider-google/lib/compute-subnetwork';
import { Construct } from 'constructs';
import type { Place } from '../names';

export interface FirewallRule {
  /** Last part of the rule's name. */
  readonly thing: string;
  readonly protocol: 'tcp' | 'udp';
  readonly ports: readonly number[];
  readonly from: readonly string[];
  /** Network tag of the VMs it opens. */
  readonly to: string;
}

/** Everywhere: for ports that encoders and browsers must reach. */
export const ANYWHERE = ['0.0.0.0/0'];

/**
 * Where Google's health checks come from: of managed groups and proxies, and of passthrough load balancers.
 * https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges
 */
export const HEALTH_CHECKS = ['35.191.0.0/16', '130.211.0.0/22', '209.85.152.0/22', '209.85.204.0/22'];

const RANGE = '10.64.0.0/20';

/** The network of the VMs. Closed but for what `open` opens; Google's services are reached without leaving it. */
export class Network extends Construct {
  readonly networkId: string;
  readonly subnetworkId: string;
  private readonly place: Place;

  constructor(scope: Construct, id: string, props: Place) {
    super(scope, id);
    const { names, projectId: project, region } = props;
    this.place = props;
    this.networkId = new ComputeNetwork(this, 'network', {
      project,
      name: names.resource('network'),
      autoCreateSubnetworks: false,
      routingMode: 'REGIONAL',
    }).id;
    this.subnetworkId = new ComputeSubnetwork(this, 'nodes', {
      project,
      region,
      name: names.resource('nodes'),
      network: this.networkId,
      ipCidrRange: RANGE,
      privateIpGoogleAccess: true,
    }).id;
  }

  open({ thing, protocol, ports, from, to }: FirewallRule): void {
    const { names, projectId: project } = this.place;
    new ComputeFirewall(this, `open-${thing}`, {
      project,
      name: names.resource(thing),
      network: this.networkId,
      direction: 'INGRESS',
      allow: [{ protocol, ports: ports.map(String) }],
      sourceRanges: [...from],
      targetTags: [to],
    });
  }
}
