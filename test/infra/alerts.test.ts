import { EnvironmentConfig } from '../../infra/config/schema';
import { AlertPolicy } from '../support/monitoring/alert-policy';
import { type Incident, incidentsOf, type Objective, type Series } from '../support/monitoring/incidents';
import type { Labels } from '../support/monitoring/metric-filter';
import { at, ENVIRONMENTS, resourcesOf, synthEnvironment } from '../support/synth';

const json = synthEnvironment(ENVIRONMENTS.prod);
const { origin, playback, observability } = EnvironmentConfig.parse(ENVIRONMENTS.prod);
const all = (type: string) => resourcesOf(json, new RegExp(`^${type}$`));
const policies = new Map(
  all('google_monitoring_alert_policy').map(({ path, attributes }) => [
    path.split('/').at(-1) ?? '',
    AlertPolicy.parse(attributes),
  ]),
);
const checks = all('google_monitoring_uptime_check_config').map(({ address }) => `\${${address}.uptime_check_id}`);
const slo = all('google_monitoring_slo')[0]?.attributes;
const objective: Objective = {
  goal: Number(slo?.goal),
  total: String(at(slo, 'request_based_sli.good_total_ratio.total_service_filter')),
  bad: String(at(slo, 'request_based_sli.good_total_ratio.bad_service_filter')),
};

/** Hours that are watched, and the minutes of the fault in them. */
const HOURS = 16;
const MINUTE = 60;
const FROM = 60;

/** Value of a series in a minute; `undefined`: nothing is written. */
type Values = (minute: number) => number | undefined;

function series(labels: Labels, values: Values): Series {
  const minutes = Array.from({ length: HOURS * 60 }, (_, index) => index + 1);
  const points = minutes.flatMap((minute): [number, number][] => {
    const value = values(minute);
    return value === undefined ? [] : [[minute * MINUTE, value]];
  });
  return { labels, points: new Map(points) };
}

const host = { 'resource.type': 'https_lb_rule', 'resource.labels.url_map_name': 'srs-live-prod-web' };
const requests = (cache: string, status: string): Labels => ({
  ...host,
  'metric.type': 'loadbalancing.googleapis.com/https/request_count',
  'metric.labels.cache_result': cache,
  'metric.labels.response_code_class': status,
});
const bytes = { ...host, 'metric.type': 'loadbalancing.googleapis.com/https/response_bytes_count' };
const uptime = (metric: string, check: string, place: string): Labels => ({
  'resource.type': 'uptime_url',
  'resource.labels.host': 'live.example.com',
  'metric.type': `monitoring.googleapis.com/uptime_check/${metric}`,
  'metric.labels.check_id': check,
  'metric.labels.checker_location': place,
});
const subscription = (metric: string, id: string): Labels => ({
  'resource.type': 'pubsub_subscription',
  'resource.labels.subscription_id': id,
  'metric.type': `pubsub.googleapis.com/subscription/${metric}`,
});
const storageEvents = 'eventarc-europe-west1-srs-live-prod-hls-publisher-123456-sub-789';
const invocations = {
  'resource.type': 'cloud_run_revision',
  'resource.labels.service_name': 'srs-live-prod-hls-publisher',
  'metric.type': 'run.googleapis.com/request_count',
};
const groupSize = {
  'resource.type': 'instance_group',
  'resource.labels.instance_group_name': 'srs-live-prod-origin',
  'metric.type': 'compute.googleapis.com/instance_group/size',
};
const lines = (metric: string, from: 'functions' | 'nodes' = 'functions'): Labels => ({
  'metric.type': `logging.googleapis.com/user/srs-live-prod-${metric}`,
  'resource.type': from === 'nodes' ? 'gce_instance' : 'cloud_run_revision',
});

const CHECKERS = ['eur-belgium', 'apac-singapore', 'sa-brazil-sao_paulo', 'usa-iowa', 'usa-oregon', 'usa-virginia'];
const eventsPerSecond = (origin.maxNodes * origin.targetPublishers) / playback.segmentSeconds;
const bytesPerMinute = (observability.egressMegabitsPerSecond * 1e6 * MINUTE) / 8;

/** An environment in order: every series that is written all the time. A fault replaces the series of its labels. */
const HEALTHY: readonly [Labels, number][] = [
  [requests('HIT', '200'), 50_000],
  [requests('MISS', '200'), 5_000],
  [requests('MISS', '500'), 0],
  [bytes, bytesPerMinute * 0.9],
  ...checks.flatMap((check): [Labels, number][] => [
    ...CHECKERS.map((place): [Labels, number] => [uptime('check_passed', check, place), 1]),
    [uptime('time_until_ssl_cert_expires', check, 'eur-belgium'), 60],
  ]),
  [subscription('oldest_unacked_message_age', storageEvents), 1],
  [subscription('num_undelivered_messages', 'srs-live-prod-stream-events-dead'), 0],
  [invocations, eventsPerSecond * MINUTE],
  [groupSize, origin.minNodes],
  [lines('reconciled'), 1],
];

interface Fault {
  readonly alert: string;
  /** Series while the fault lasts, with their values a minute; `undefined`: they are not written. */
  readonly bad: readonly (readonly [Labels, number | undefined])[];
  /** Series that are near the limit and on its right side. @default nothing is near */
  readonly near?: readonly (readonly [Labels, number | undefined])[];
  /** Length of the fault in minutes. @default 1: one burst of lines */
  readonly minutes?: number;
  /** Minutes until the alert has to fire. */
  readonly within: number;
  /** Minutes after the end of the fault until it has to be resolved. */
  readonly over: number;
  /** Other alerts that the same fault fires. */
  readonly beside?: readonly string[];
}

/** An alert on lines of the logs: more than `limit` of them in one minute. */
const counted = (alert: string, metric: Labels, limit = 0, window = 5): Fault => ({
  alert,
  bad: [[metric, limit + 1]],
  within: 2,
  over: window + 1,
  ...(limit > 0 && { near: [[metric, limit]] }),
});

const failing = (share: number): Fault['bad'] => [
  [requests('MISS', '500'), Math.ceil(55_000 * share)],
  [requests('HIT', '200'), 50_000 - Math.ceil(55_000 * share)],
];

const FAULTS: readonly Fault[] = [
  {
    alert: 'availability-burns-fast',
    bad: failing(0.05),
    near: failing(0.01),
    minutes: 60,
    within: 30,
    over: 10,
    beside: ['availability-burns-slowly'],
  },
  {
    alert: 'availability-burns-slowly',
    bad: failing(0.008),
    near: failing(0.003),
    minutes: 480,
    within: 300,
    over: 30,
  },
  {
    alert: 'host-unreachable',
    minutes: 20,
    within: 6,
    over: 6,
    bad: CHECKERS.slice(0, 2).map((place) => [uptime('check_passed', checks[0] ?? '', place), 0] as const),
    near: [[uptime('check_passed', checks[0] ?? '', CHECKERS[0] ?? ''), 0]],
  },
  {
    alert: 'certificate-expires',
    minutes: 120,
    within: 12,
    over: 2,
    bad: [[uptime('time_until_ssl_cert_expires', checks[0] ?? '', 'eur-belgium'), 13]],
    near: [[uptime('time_until_ssl_cert_expires', checks[0] ?? '', 'eur-belgium'), 15]],
  },
  {
    alert: 'cache-misses',
    minutes: 60,
    within: 36,
    over: 6,
    bad: [[requests('MISS', '200'), 75_000]],
    near: [[requests('MISS', '200'), 45_000]],
  },
  {
    alert: 'egress-runs-away',
    minutes: 30,
    within: 12,
    over: 2,
    bad: [[bytes, bytesPerMinute * 1.1]],
    near: [[bytes, bytesPerMinute * 0.99]],
  },
  counted('segments-lost', lines('segments-lost', 'nodes')),
  counted('uploads-failing', lines('uploads-failing', 'nodes'), 5),
  {
    alert: 'playlists-late',
    minutes: 10,
    within: 4,
    over: 2,
    bad: [[subscription('oldest_unacked_message_age', storageEvents), 45]],
    near: [[subscription('oldest_unacked_message_age', storageEvents), 30]],
  },
  counted('playlists-skipped', lines('playlists-skipped')),
  {
    alert: 'events-run-away',
    minutes: 30,
    within: 12,
    over: 2,
    bad: [[invocations, eventsPerSecond * MINUTE * 2.1]],
    near: [[invocations, eventsPerSecond * MINUTE * 1.9]],
  },
  counted('target-duration-raised', lines('target-duration-raised')),
  counted('takeover-limit', lines('takeover-limit')),
  counted('publishers-refused', lines('publishers-refused'), 100),
  counted('keys-guessed', lines('keys-guessed')),
  counted('media-server-down', lines('media-server-down', 'nodes')),
  counted('agent-failed', lines('agent-failed', 'nodes')),
  { alert: 'nodes-missing', bad: [[groupSize, origin.minNodes - 1]], minutes: 30, within: 12, over: 2 },
  {
    alert: 'nodes-at-their-limit',
    minutes: 30,
    within: 17,
    over: 2,
    bad: [[groupSize, origin.maxNodes]],
    near: [[groupSize, origin.maxNodes - 1]],
  },
  counted('requests-failed', lines('requests-failed'), 10),
  counted('health-failed', lines('health-failed'), 2),
  { alert: 'reconciler-silent', bad: [[lines('reconciled'), undefined]], minutes: 30, within: 12, over: 2 },
  counted('reconcile-failed', lines('reconcile-failed'), 3, 10),
  counted('stream-ran-away', lines('runaway-triggers')),
  counted('budget-stage', lines('budget-stages')),
  counted('webhooks-dead', lines('webhooks-dead')),
  {
    alert: 'events-undelivered',
    minutes: 30,
    within: 7,
    over: 2,
    bad: [[subscription('num_undelivered_messages', 'srs-live-prod-stream-events-dead'), 1]],
  },
];

/** Every alert's incidents while `changed` series have other values from `FROM` for `minutes`. */
function incidents(changed: Fault['bad'], minutes: number): Record<string, Incident[]> {
  const key = (labels: Labels) => JSON.stringify(Object.entries(labels).sort());
  const faulty = new Map(changed.map(([labels, value]) => [key(labels), value]));
  const during = (minute: number) => minute > FROM && minute <= FROM + minutes;
  const steady = HEALTHY.map(([labels, value]) =>
    series(labels, (minute) => (during(minute) && faulty.has(key(labels)) ? faulty.get(key(labels)) : value)),
  );
  const known = new Set(HEALTHY.map(([labels]) => key(labels)));
  const bursts = changed
    .filter(([labels]) => !known.has(key(labels)))
    .map(([labels, value]) => series(labels, (minute) => (during(minute) ? value : undefined)));
  const found = [...policies].map(([id, policy]) => {
    return [id, incidentsOf(policy, [...steady, ...bursts], HOURS * 3600, objective)] as const;
  });
  return Object.fromEntries(found.filter(([, opened]) => opened.length > 0));
}

describe('the alerts of an environment', () => {
  it('each have a fault here that fires them', () => {
    expect(FAULTS.map(({ alert }) => alert).sort()).toEqual([...policies.keys()].sort());
  });

  it('are silent while everything is in order', () => {
    expect(incidents([], 0)).toEqual({});
  });

  it.each(FAULTS)('$alert fires once, without the others, and is resolved when its fault is over', (fault) => {
    const { alert, bad, minutes = 1, within, over, beside = [] } = fault;
    const found = incidents(bad, minutes);
    expect(Object.keys(found).sort()).toEqual([alert, ...beside].sort());
    expect(found[alert]).toHaveLength(1);
    const { opened = Number.NaN, closed = Number.POSITIVE_INFINITY } = found[alert]?.[0] ?? {};
    expect(opened / MINUTE - FROM).toBeLessThanOrEqual(within);
    expect(closed / MINUTE - (FROM + minutes)).toBeLessThanOrEqual(over);
  });

  it.each(FAULTS.filter(({ near }) => near !== undefined))('$alert does not fire near its limit', (fault) => {
    expect(incidents(fault.near ?? [], fault.minutes ?? 1)).toEqual({});
  });
});
