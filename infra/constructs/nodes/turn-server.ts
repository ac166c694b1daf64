import { ComputeAddress } from '@cdktf/provider-google/lib/compute-address';
import { ComputeInstanceFromTemplate } from '@cdktf/provider-google/lib/compute-instance-from-template';
import { DnsRecordSet } from '@cdktf/provider-google/lib/dns-record-set';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { RegionalNetwork } from '../network/network';
import type { VmTemplate } from './vm-template';

export interface TurnServerProps extends Deployment {
  /** Last part of its names, and first label of its host. */
  readonly thing: string;
  readonly host: string;
  readonly dnsZone: string;
  readonly zone: string;
  readonly network: RegionalNetwork;
  readonly template: VmTemplate;
}

/**
 * One TURN server with an address and a name that stay: browsers hold its name in credentials. A changed template
 * leaves a running server alone, because a restart ends all its relays: servers are replaced by name, one at a time.
 */
export class TurnServer extends Construct {
  constructor(scope: Construct, id: string, { names, projectId: project, region, ...props }: TurnServerProps) {
    super(scope, id);
    const name = names.resource(props.thing);
    const labels = { ...names.labels('turn') };
    const address = new ComputeAddress(this, 'address', {
      project,
      region,
      name,
      addressType: 'EXTERNAL',
      networkTier: 'PREMIUM',
      labels,
    });
    new DnsRecordSet(this, 'host', {
      project,
      managedZone: props.dnsZone,
      name: `${props.host}.`,
      type: 'A',
      ttl: 300,
      rrdatas: [address.address],
    });
    new ComputeInstanceFromTemplate(this, 'vm', {
      project,
      zone: props.zone,
      name,
      sourceInstanceTemplate: props.template.selfLink,
      networkInterface: [
        {
          subnetwork: props.network.subnetworkId,
          accessConfig: [{ natIp: address.address, networkTier: 'PREMIUM' }],
        },
      ],
      deletionProtection: false,
      labels,
      lifecycle: { ignoreChanges: ['source_instance_template'] },
    });
  }
}
