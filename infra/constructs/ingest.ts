import { ComputeAddress } from '@cdktf/provider-google/lib/compute-address';
import { ComputeForwardingRule } from '@cdktf/provider-google/lib/compute-forwarding-rule';
import { ComputeRegionBackendService } from '@cdktf/provider-google/lib/compute-region-backend-service';
import { ComputeRegionHealthCheck } from '@cdktf/provider-google/lib/compute-region-health-check';
import { Construct } from 'constructs';
import { ROUTES } from '../../functions/contract/routes';
import { NODE } from '../../srs-image/render/node';
import type { Place } from '../names';

export interface IngestProps extends Place {
  /** The instance group that takes publishers. */
  readonly instanceGroup: string;
  /** The address encoders know; reserved apart from this, so that nothing here can lose it. */
  readonly address: ComputeAddress;
}

/** Existing publishers stay this long on a node that leaves. Google allows 0 to 3600 s. */
export const DRAINING_SECONDS = 300;

/** A publisher's address: it outlives every load balancer behind it. */
export function ingestAddress(scope: Construct, { names, projectId: project, region }: Place): ComputeAddress {
  return new ComputeAddress(scope, 'ingest-address', {
    project,
    region,
    name: names.resource('ingest'),
    addressType: 'EXTERNAL',
    networkTier: 'PREMIUM',
    labels: { ...names.labels('ingest') },
  });
}

/**
 * RTMP to any origin: address → forwarding rule → backend service → instance group. Packets pass through unchanged. Health is
 * asked of the agent, which knows whether the node takes publishers: one that drains says no, and keeps its connections.
 */
export class Ingest extends Construct {
  constructor(scope: Construct, id: string, { names, projectId: project, region, instanceGroup, address }: IngestProps) {
    super(scope, id);
    const name = names.resource('ingest');
    const health = new ComputeRegionHealthCheck(this, 'health', {
      project,
      region,
      name,
      checkIntervalSec: 5,
      timeoutSec: 3,
      healthyThreshold: 1,
      unhealthyThreshold: 3,
      httpHealthCheck: { port: NODE.publicPort, requestPath: ROUTES.agent.healthz },
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
