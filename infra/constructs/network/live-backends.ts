import {
  ComputeBackendService,
  type ComputeBackendServiceConfig,
} from '@cdktf/provider-google/lib/compute-backend-service';
import { ComputeHealthCheck } from '@cdktf/provider-google/lib/compute-health-check';
import { Construct } from 'constructs';
import { ROUTES } from '../../../functions/contract/routes';
import { NODE } from '../../../srs-image/render/node';
import type { Deployment } from '../../names';
import { AGENT_PORT } from '../nodes/node-group';
import { DRAINING_SECONDS } from './ingest';

export interface LiveBackendsProps extends Deployment {
  /** Instance groups whose nodes answer viewers, with a named port `AGENT_PORT`. */
  readonly groups: readonly string[];
  /** Id of the backend policy that decides who may watch, and how often one address may ask. */
  readonly policy: string;
  /** Id of the edge policy for what is cached; `undefined` without a restriction of viewers. */
  readonly edgePolicy: string | undefined;
  /** Share of requests that is logged. */
  readonly logSample: number;
}

/** Seconds for an answer without an end: Google takes up to 2^31 s, and a day is longer than any event. */
const ENDLESS_SECONDS = 86_400;
/** Longer than a request is held: 6 s, and again 6 s where another node passes it on. */
const HELD_SECONDS = 15;
/** The utilisation above which new viewers go to other nodes, which pass them on to the node of the stream. */
const MAX_UTILIZATION = 0.8;

/**
 * Nodes as a backend of the public host: any node answers for any stream. The health check asks the agent; a draining
 * node passes it, so that its viewers stay.
 */
export class LiveBackends extends Construct {
  /** The backend of answers without an end, which are never cached. */
  readonly endless: string;
  /** The backend of low-latency HLS: parts, and playlists that are held until they change. */
  readonly lowLatency: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LiveBackendsProps,
  ) {
    super(scope, id);
    const health = this.health();
    this.endless = this.backend('live', health, { timeoutSec: ENDLESS_SECONDS });
    // The provider sends 0 or false for a field that is left out of the CDN's policy, and not the API's default.
    this.lowLatency = this.backend('low-latency', health, {
      timeoutSec: HELD_SECONDS,
      enableCdn: true,
      ...(props.edgePolicy !== undefined && { edgeSecurityPolicy: props.edgePolicy }),
      cdnPolicy: {
        cacheMode: 'USE_ORIGIN_HEADERS',
        serveWhileStale: 0,
        negativeCaching: false,
        requestCoalescing: true,
        cacheKeyPolicy: {
          includeHost: false,
          includeProtocol: false,
          includeQueryString: true,
          queryStringWhitelist: ['_HLS_msn', '_HLS_part', '_HLS_skip'],
        },
      },
    });
  }

  private health(): string {
    const { names, projectId: project } = this.props;
    return new ComputeHealthCheck(this, 'health', {
      project,
      name: names.resource('live'),
      checkIntervalSec: 5,
      timeoutSec: 3,
      healthyThreshold: 1,
      unhealthyThreshold: 3,
      httpHealthCheck: { port: NODE.publicPort, requestPath: ROUTES.agent.livez },
    }).id;
  }

  private backend(thing: string, health: string, more: Partial<ComputeBackendServiceConfig>): string {
    const { names, projectId: project, groups, policy: securityPolicy, logSample } = this.props;
    return new ComputeBackendService(this, thing, {
      project,
      name: names.resource(thing),
      loadBalancingScheme: 'EXTERNAL_MANAGED',
      protocol: 'HTTP',
      portName: AGENT_PORT,
      connectionDrainingTimeoutSec: DRAINING_SECONDS,
      healthChecks: [health],
      backend: groups.map((group) => ({
        group,
        balancingMode: 'UTILIZATION',
        maxUtilization: MAX_UTILIZATION,
        capacityScaler: 1,
      })),
      securityPolicy,
      logConfig: { enable: logSample > 0, sampleRate: logSample },
      ...more,
    }).id;
  }
}
