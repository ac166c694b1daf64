import { ComputeAddress } from '@cdktf/provider-google/lib/compute-address';
import { ComputeForwardingRule } from '@cdktf/provider-google/lib/compute-forwarding-rule';
import { ComputeRegionBackendService } from '@cdktf/provider-google/lib/compute-region-backend-service';
import { ComputeRegionHealthCheck } from '@cdktf/provider-google/lib/compute-region-health-check';
import { DnsRecordSet } from '@cdktf/provider-google/lib/dns-record-set';
import { Construct } from 'constructs';
import { ROUTES } from '../../../functions/contract/routes';
import { NODE } from '../../../srs-image/render/node';
import type { Deployment } from '../../names';

export interface IngestProps extends Deployment {
  /** The instance group that takes publishers. */
  readonly instanceGroup: string;
  /** The host that encoders connect to. */
  readonly host: string;
  readonly dnsZone: string;
}

/** Seconds for which publishers may stay on a node that is removed. Google allows 0 to 3600 s. */
export const DRAINING_SECONDS = 300;

/** The health check by which a load balancer asks a node's agent whether it takes publishers. */
export const AGENT_PROBE = {
  checkIntervalSec: 5,
  timeoutSec: 3,
  healthyThreshold: 1,
  unhealthyThreshold: 3,
  httpHealthCheck: { port: NODE.publicPort, requestPath: ROUTES.agent.healthz },
};

/**
 * RTMP to any origin: name → address → forwarding rule → backend service → instance group. Packets pass through
 * unchanged. The health check asks the agent: a draining node takes no new publisher, and keeps its connections.
 */
export class Ingest extends Construct {
  /** Its external address. */
  readonly address: string;

  constructor(
    scope: Construct,
    id: string,
    { names, projectId: project, region, instanceGroup, ...props }: IngestProps,
  ) {
    super(scope, id);
    const name = names.resource('ingest');
    const address = new ComputeAddress(this, 'address', {
      project,
      region,
      name,
      addressType: 'EXTERNAL',
      networkTier: 'PREMIUM',
      labels: { ...names.labels('ingest') },
    });
    this.address = address.address;
    new DnsRecordSet(this, 'host', {
      project,
      managedZone: props.dnsZone,
      name: `${props.host}.`,
      type: 'A',
      ttl: 300,
      rrdatas: [address.address],
    });
    const health = new ComputeRegionHealthCheck(this, 'health', {
      project,
      region,
      name,
      ...AGENT_PROBE,
    });
    const backend = new ComputeRegionBackendService(this, 'backend', {
      project,
      region,
      name,
      protocol: 'TCP',
      loadBalancingScheme: 'EXTERNAL',
      sessionAffinity: 'NONE',
      connectionDrainingTimeoutSec: DRAINING_SECONDS,
      healthChecks: [health.id],
      backend: [{ group: instanceGroup, balancingMode: 'CONNECTION' }],
    });
    new ComputeForwardingRule(this, 'rtmp', {
      project,
      region,
      name: names.resource('rtmp'),
      ipAddress: address.id,
      ipProtocol: 'TCP',
      ports: [String(NODE.rtmpPort)],
      loadBalancingScheme: 'EXTERNAL',
      networkTier: 'PREMIUM',
      backendService: backend.id,
      labels: { ...names.labels('ingest') },
    });
  }
}
