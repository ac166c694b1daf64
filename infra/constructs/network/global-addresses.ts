import { ComputeGlobalAddress } from '@cdktf/provider-google/lib/compute-global-address';
import { DnsRecordSet } from '@cdktf/provider-google/lib/dns-record-set';
import type { Construct } from 'constructs';
import type { Deployment } from '../../names';

export interface GlobalAddressesProps extends Deployment {
  /** Last part of the names. */
  readonly thing: string;
  /** The component of the product. */
  readonly component: string;
  readonly host: string;
  readonly dnsZone: string;
  readonly ipv6: boolean;
}

/**
 * The addresses of a global load balancer, with their DNS records: IPv4, and IPv6 where it is wanted. `suffix` tells
 * them apart.
 */
export function globalAddresses(scope: Construct, props: GlobalAddressesProps): { id: string; suffix: '' | '-ipv6' }[] {
  const { names, projectId: project, thing, component, host, dnsZone: managedZone } = props;
  const make = (suffix: '' | '-ipv6', type: 'A' | 'AAAA') => {
    const { id, address } = new ComputeGlobalAddress(scope, `address${suffix}`, {
      project,
      name: names.resource(`${thing}${suffix}`),
      ...(type === 'AAAA' && { ipVersion: 'IPV6' }),
      labels: { ...names.labels(component) },
    });
    new DnsRecordSet(scope, `host${suffix}`, {
      project,
      managedZone,
      name: `${host}.`,
      type,
      ttl: 300,
      rrdatas: [address],
    });
    return { id, suffix };
  };
  return [make('', 'A'), ...(props.ipv6 ? [make('-ipv6', 'AAAA')] : [])];
}
