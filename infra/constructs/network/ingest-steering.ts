import { ComputeHealthCheck } from '@cdktf/provider-google/lib/compute-health-check';
import { DnsRecordSet } from '@cdktf/provider-google/lib/dns-record-set';
import { Construct } from 'constructs';
import { NODE } from '../../../srs-image/render/node';
import type { Deployment } from '../../names';

export interface IngestSteeringProps extends Deployment {
  /** The host that encoders connect to. */
  readonly host: string;
  readonly dnsZone: string;
  /** The external address of each region's ingest. */
  readonly ingests: readonly { readonly region: string; readonly address: string }[];
}

/** The regions that Google probes from: exactly three, far from each other. */
const PROBES_FROM = ['us-central1', 'europe-west1', 'asia-southeast1'];
/** Cloud DNS probes no more often. https://cloud.google.com/dns/docs/routing-policies-overview#health-checks */
const PROBE_SECONDS = 30;
/** A resolver may keep the address of a lost region for this long. */
const TTL_SECONDS = 30;

/**
 * The name of the ingest over two regions: Cloud DNS answers with the address of the region that is nearer to the
 * encoder's resolver, and leaves out one whose port does not answer. It needs about a minute and a half to notice, so
 * an encoder that has to be back sooner takes the name of each region: the first as primary, the second as backup.
 */
export class IngestSteering extends Construct {
  constructor(scope: Construct, id: string, { names, projectId: project, ...props }: IngestSteeringProps) {
    super(scope, id);
    const health = new ComputeHealthCheck(this, 'health', {
      project,
      name: names.resource('ingest-name'),
      sourceRegions: [...PROBES_FROM],
      checkIntervalSec: PROBE_SECONDS,
      timeoutSec: 5,
      healthyThreshold: 1,
      unhealthyThreshold: 2,
      tcpHealthCheck: { port: NODE.rtmpPort },
    });
    new DnsRecordSet(this, 'host', {
      project,
      managedZone: props.dnsZone,
      name: `${props.host}.`,
      type: 'A',
      ttl: TTL_SECONDS,
      routingPolicy: {
        healthCheck: health.id,
        geo: props.ingests.map(({ region: location, address }) => ({
          location,
          healthCheckedTargets: { externalEndpoints: [address] },
        })),
      },
    });
  }
}
