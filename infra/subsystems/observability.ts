import { Construct } from 'constructs';
import { ROUTES } from '../../functions/contract/routes';
import { pairingOf } from '../config/regions';
import type { EnvironmentConfig, PlatformConfig } from '../config/schema';
import { Alerts, RUNBOOK } from '../constructs/observability/alerts';
import { alertRules } from '../constructs/observability/alerts-rules';
import { Dashboard } from '../constructs/observability/dashboard';
import { logFilters } from '../constructs/observability/log-metrics';
import { LogSink } from '../constructs/observability/log-sink';
import { DeliverySlo } from '../constructs/observability/slo';
import { Uptime } from '../constructs/observability/uptime';
import type { Deployment } from '../names';

export interface LiveObservabilityProps extends Deployment {
  readonly config: EnvironmentConfig;
  readonly platform: PlatformConfig;
  /** The same environment in its second region. */
  readonly second: Deployment | undefined;
  /** Names of the notification channels. */
  readonly channels: readonly string[];
}

/** Alerts, metrics and logs of an environment. It looks at the other parts by their names, and changes none of them. */
export class LiveObservability extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: LiveObservabilityProps,
  ) {
    super(scope, id);
    const { config, names, projectId, region, second } = props;
    const place = { names, projectId, region };
    const { availabilityGoal, alerts, sample, keepDays } = config.observability;
    const requests = this.loadBalancing('request_count');
    const responseBytes = this.loadBalancing('response_bytes_count');
    const publisher = names.resource('hls-publisher');
    const nodeGroups = [names, ...(second ? [second.names] : [])].map((one) => one.resource('origin'));
    const logs = logFilters(place);
    const { checkIds } = new Uptime(this, 'uptime', { ...place, host: config.domain, paths: this.paths() });
    const { sloName } = new DeliverySlo(this, 'slo', { ...place, goal: availabilityGoal, requests });
    const rules = alertRules({
      logs,
      sloName,
      checkIds,
      requests,
      responseBytes,
      publisher,
      nodeGroups,
      triggerLocation: pairingOf(config.regions)?.bucket ?? region,
      ...this.limits(),
      deadLetters: names.resource('stream-events-dead'),
    });
    const asked = rules.filter(
      ({ severity }) => alerts === 'all' || (alerts === 'critical' && severity === 'CRITICAL'),
    );
    new Alerts(this, 'alerts', { ...place, rules: asked, channels: props.channels, ...this.runbookUrl() });
    const functions = Object.keys(config.functions).map((name) => names.resource(name));
    const latencies = this.loadBalancing('total_latencies');
    new Dashboard(this, 'overview', {
      ...place,
      logs,
      requests,
      responseBytes,
      latencies,
      functions,
      nodeGroups,
      publisher,
    });
    new LogSink(this, 'reports', {
      ...place,
      urlMap: this.urlMap(),
      destroyable: config.destroyable,
      sample,
      keepDays,
    });
  }

  private urlMap(): string {
    return this.props.names.resource('web');
  }

  private loadBalancing(metric: string): string {
    return (
      `metric.type="loadbalancing.googleapis.com/https/${metric}" AND resource.type="https_lb_rule" AND ` +
      `resource.labels.url_map_name="${this.urlMap()}"`
    );
  }

  /** The pages are restricted to some countries, and Google's checks come from all over the world. */
  private paths(): Record<string, string> {
    const { onlyCountries, deniedCountries } = this.props.config.playback;
    const everywhere = onlyCountries.length === 0 && deniedCountries.length === 0;
    return { api: ROUTES.api.health, ...(everywhere && { pages: '/' }) };
  }

  private limits() {
    const { origin, playback, observability } = this.props.config;
    return {
      minNodes: origin.minNodes,
      maxNodes: origin.maxNodes,
      eventsPerSecond: (origin.maxNodes * origin.targetPublishers) / playback.segmentSeconds,
      egressMegabitsPerSecond: observability.egressMegabitsPerSecond,
    };
  }

  private runbookUrl(): { runbookUrl?: string } {
    const { repository } = this.props.platform;
    if (repository === undefined) return {};
    const revision = repository.ref.replace(/^refs\/(heads|tags)\//, '');
    return { runbookUrl: `${repository.uri.replace(/(\.git)?\/?$/, '')}/blob/${revision}/${RUNBOOK}` };
  }
}
