import { ComputeBackendService } from '@cdktf/provider-google/lib/compute-backend-service';
import { ComputeGlobalForwardingRule } from '@cdktf/provider-google/lib/compute-global-forwarding-rule';
import { ComputeHealthCheck } from '@cdktf/provider-google/lib/compute-health-check';
import { ComputeTargetSslProxy } from '@cdktf/provider-google/lib/compute-target-ssl-proxy';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Certificate } from './certificate';
import { globalAddresses } from './global-addresses';
import { AGENT_PROBE, DRAINING_SECONDS } from './ingest';
import type { TlsPolicy } from './tls-policy';

export interface SecureIngestProps extends Deployment {
  readonly certificate: Certificate;
  readonly tls: TlsPolicy;
  readonly dnsZone: string;
  /** The instance groups that take publishers, one a region, with a named port `rtmp-proxied`. */
  readonly instanceGroups: readonly string[];
  /** Publishers that a node takes before other nodes get the next ones. */
  readonly publishersPerNode: number;
  /** True if it answers on IPv6 too. */
  readonly ipv6: boolean;
}

/** RTMPS has this port by custom. */
const RTMPS_PORT = '443';

/** Seconds without data after which a connection is closed: longer than SRS's own limit. */
const IDLE_SECONDS = 600;

/**
 * RTMPS to any origin: name → address → forwarding rule → TLS proxy → backend service → instance group. TLS ends in the
 * proxy, so the gate gets plain RTMP behind a PROXY header that names the encoder's address.
 */
export class SecureIngest extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: SecureIngestProps,
  ) {
    super(scope, id);
    const { names, projectId: project, certificate, tls, dnsZone, ipv6 } = props;
    const name = names.resource('rtmps');
    const proxy = new ComputeTargetSslProxy(this, 'proxy', {
      project,
      name,
      backendService: this.backend(),
      certificateMap: certificate.certificateMap,
      sslPolicy: tls.id,
      proxyHeader: 'PROXY_V1',
    });
    const host = { ...props, thing: 'rtmps', component: 'ingest', host: certificate.host, dnsZone, ipv6 };
    for (const { id: ipAddress, suffix } of globalAddresses(this, host))
      new ComputeGlobalForwardingRule(this, `rtmps${suffix}`, {
        project,
        name: `${name}${suffix}`,
        loadBalancingScheme: 'EXTERNAL_MANAGED',
        ipProtocol: 'TCP',
        ipAddress,
        portRange: RTMPS_PORT,
        target: proxy.id,
        labels: { ...names.labels('ingest') },
      });
  }

  private backend(): string {
    const { names, projectId: project, instanceGroups, publishersPerNode } = this.props;
    const name = names.resource('rtmps');
    const health = new ComputeHealthCheck(this, 'health', {
      project,
      name,
      ...AGENT_PROBE,
    });
    return new ComputeBackendService(this, 'backend', {
      project,
      name,
      loadBalancingScheme: 'EXTERNAL_MANAGED',
      protocol: 'TCP',
      portName: 'rtmp-proxied',
      timeoutSec: IDLE_SECONDS,
      connectionDrainingTimeoutSec: DRAINING_SECONDS,
      healthChecks: [health.id],
      backend: instanceGroups.map((group) => ({
        group,
        balancingMode: 'CONNECTION',
        maxConnectionsPerInstance: publishersPerNode,
      })),
      logConfig: { enable: true, sampleRate: 1 },
    }).id;
  }
}
