import { ComputeBackendService } from '@cdktf/provider-google/lib/compute-backend-service';
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
  /** Share of requests that is logged. */
  readonly logSample: number;
}

/** An answer without an end: Google takes up to 2^31 s, and a day is longer than any event. */
const ENDLESS_SECONDS = 86_400;
/** Above it new viewers go to other nodes; they are passed on to the node that has the stream. */
const MAX_UTILIZATION = 0.8;

/**
 * Nodes as an origin of the public host: any node answers for any stream. Health is asked of the agent; a draining node
 * passes, because those who watch there stay.
 */
export class LiveBackends extends Construct {
  /** For answers without an end, which nothing caches. */
  readonly endless: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LiveBackendsProps,
  ) {
    super(scope, id);
    this.endless = this.backend('live', this.health(), { timeoutSec: ENDLESS_SECONDS });
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

  private backend(thing: string, health: string, more: { readonly timeoutSec: number }): string {
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
