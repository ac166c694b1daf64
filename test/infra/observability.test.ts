import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { PUBLISHERS_METRIC } from '../../functions/contract/env/agent';
import { NODE_METRICS } from '../../functions/contract/env/node-metrics';
import type { EnvironmentInput } from '../../infra/config/schema';
import { LOG_METRICS } from '../../infra/constructs/observability/log-metrics';
import { REQUESTS_SCHEMA, VIEWS } from '../../infra/constructs/observability/log-sink-views';
import { type Attributes, at, ENVIRONMENTS, resourcesOf, synthBootstrap, synthEnvironment } from '../support/synth';

const { dev, prod } = ENVIRONMENTS;
const json = synthEnvironment(prod);
const all = (type: string, from = json) => resourcesOf(from, new RegExp(`^${type}$`));
const only = (type: string, from = json): Attributes => all(type, from)[0]?.attributes ?? {};
const policies = all('google_monitoring_alert_policy');
const prods = all('google_logging_metric', synthBootstrap()).filter(({ path }) => path.startsWith('prod/'));

/** Every text in a part of the JSON. */
const filtersOf = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/"(?:denominator_)?filter":"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    JSON.parse(`"${text}"`),
  );

const sources = execFileSync(
  'git',
  ['ls-files', '-co', '--exclude-standard', 'functions/*.ts', 'srs-image/agent/*.ts'],
  {
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((file) => existsSync(file))
  .map((file) => readFileSync(file, 'utf8'));

describe('the subject of the log metrics', () => {
  const counted: readonly string[] = Object.values(LOG_METRICS).flatMap(({ events }): readonly string[] => events);

  it.each([...counted])('%s is an event that the product logs', (event) => {
    expect(sources.some((text) => text.includes(`'${event}'`))).toBe(true);
  });

  it('is every error: none is logged that nobody is told of', () => {
    const errors = new Set(
      sources.flatMap((text) => [...text.matchAll(/\.error\(\s*'([a-z_]+)'/g)].map(([, event = '']) => event)),
    );
    expect(errors.size).toBeGreaterThan(20);
    expect([...errors].filter((event) => !counted.includes(event))).toEqual([]);
  });

  it('is found whether a line was parsed or is still text', () => {
    const filters = prods.map(({ attributes }) => String(attributes.filter));
    expect(filters).toHaveLength(Object.keys(LOG_METRICS).length);
    const srsDown = filters.find((filter) => filter.includes('srs_down'));
    expect(srsDown).toBe(
      'resource.type="gce_instance" AND (jsonPayload.event="srs_down" OR jsonPayload.message=~"^\\\\{\\"event\\":\\"srs_down\\"")',
    );
  });
});

describe('every alert', () => {
  it.each(policies)('$path has somebody to tell, a severity, and a condition', ({ attributes }) => {
    expect(attributes.notification_channels).toHaveLength(prod.budget.emails.length);
    expect(['CRITICAL', 'ERROR', 'WARNING']).toContain(attributes.severity);
    expect(z.array(z.unknown()).min(1).parse(attributes.conditions)).toBeDefined();
    expect(at(attributes, 'documentation.content')).toMatch(/infra\/RUNBOOK\.md#[a-z0-9-]+/);
  });

  it('looks at things that are there, by their names', () => {
    const names = new Set(
      [...resourcesOf(json), ...prods].flatMap(({ attributes }) => [attributes.name, attributes.topic].map(String)),
    );
    const asked = policies
      .flatMap(({ attributes }) => filtersOf(attributes.conditions))
      .concat(filtersOf(only('google_monitoring_slo')));
    const mentioned = new Set(
      asked.flatMap((filter) => [...filter.matchAll(/"(srs-live-prod-[a-z0-9-]+)"/g)].map(([, name = '']) => name)),
    );
    const others = [...mentioned].filter((name) => !prods.some(({ attributes }) => attributes.name === name));
    expect(others.sort()).toEqual([
      'srs-live-prod-hls-publisher',
      'srs-live-prod-origin',
      'srs-live-prod-stream-events-dead',
      'srs-live-prod-web',
    ]);
    expect([...mentioned].filter((name) => !names.has(name))).toEqual([]);
    const publisher = asked.find((filter) => filter.includes('oldest_unacked'));
    expect(publisher).toContain('full_match("eventarc-europe-west1-srs-live-prod-hls-publisher-.*")');
  });

  it('that counts log lines names a metric that bootstrap made: Google refuses one that is seconds old', () => {
    const asked = policies
      .flatMap(({ attributes }) => filtersOf(attributes.conditions))
      .filter((filter) => filter.includes('/user/'));
    expect(asked.length).toBeGreaterThan(10);
    const known = prods.map(({ attributes }) => String(attributes.name));
    for (const filter of asked) expect(known).toContain(/user\/([\w-]+)"/.exec(filter)?.[1]);
  });

  it('links the runbook where the repository is known', () => {
    const links = (input: string | undefined) => {
      const repository = input === undefined ? {} : { repository: { uri: input, ref: 'refs/heads/main' } };
      const linked = synthEnvironment(dev, undefined, repository);
      return all('google_monitoring_alert_policy', linked).map(({ attributes }) =>
        at(attributes, 'documentation.links.0.url'),
      );
    };
    expect(new Set(links(undefined))).toEqual(new Set([undefined]));
    expect(links('https://git.example.com/live/srs.git')).toContain(
      'https://git.example.com/live/srs/blob/main/infra/RUNBOOK.md#segments-are-lost',
    );
  });
});

describe('the objective', () => {
  it('is what the environment promises, over four weeks, of all requests to the public host', () => {
    expect(only('google_monitoring_slo')).toMatchObject({ goal: 0.999, rolling_period_days: 28 });
    const { bad_service_filter: bad, total_service_filter: total } = z
      .object({ bad_service_filter: z.string(), total_service_filter: z.string() })
      .parse(at(only('google_monitoring_slo'), 'request_based_sli.good_total_ratio'));
    expect(bad).toBe(`${total} AND metric.labels.response_code_class=500`);
  });

  it.each([
    ['observability/alerts/availability-burns-fast', 13.44, ['"3600s"', '"300s"']],
    ['observability/alerts/availability-burns-slowly', 5.6, ['"21600s"', '"1800s"']],
  ])('%s: in a long and a short window at once', (path, times, windows) => {
    const policy = policies.find((one) => one.path === path)?.attributes ?? {};
    expect(policy.combiner).toBe('AND');
    expect(filtersOf(policy.conditions).map((filter) => /"\d+s"/.exec(filter)?.[0])).toEqual(windows);
    expect([0, 1].map((index) => at(policy, `conditions.${index}.condition_threshold.threshold_value`))).toEqual([
      times,
      times,
    ]);
  });
});

describe('uptime checks', () => {
  const pathsOf = (playback: Partial<EnvironmentInput['playback']>) =>
    all(
      'google_monitoring_uptime_check_config',
      synthEnvironment({ ...prod, playback: { ...prod.playback, ...playback } }),
    ).map(({ attributes }) => at(attributes, 'http_check.path'));

  it('ask the API and the pages over TLS', () => {
    expect(pathsOf({}).sort()).toEqual(['/', '/api/v1/health']);
    expect(only('google_monitoring_uptime_check_config')).toMatchObject({
      period: '60s',
      http_check: { use_ssl: true, validate_ssl: true },
    });
  });

  it('leave out the pages where Google may not see them from everywhere', () => {
    expect(pathsOf({ onlyCountries: ['DE'] })).toEqual(['/api/v1/health']);
  });
});

describe('the dashboard', () => {
  const Tile = z.object({
    xPos: z.int(),
    yPos: z.int(),
    width: z.int(),
    height: z.int(),
    widget: z.object({ title: z.string() }),
  });
  const Dashboard = z.object({ mosaicLayout: z.object({ columns: z.int(), tiles: z.array(Tile) }) });
  const dashboard = Dashboard.parse(JSON.parse(String(only('google_monitoring_dashboard').dashboard_json)));

  it('has its tiles side by side, none over another', () => {
    const { columns, tiles } = dashboard.mosaicLayout;
    const cells = tiles.map(({ xPos, yPos }) => `${xPos} ${yPos}`);
    expect(new Set(cells).size).toBe(tiles.length);
    for (const { xPos, width } of tiles) expect(xPos + width).toBeLessThanOrEqual(columns);
    expect(new Set(tiles.map(({ widget }) => widget.title)).size).toBe(tiles.length);
  });

  it('shows the number of publishers, and all that agents write of their gates', () => {
    const asked = filtersOf(JSON.parse(String(only('google_monitoring_dashboard').dashboard_json)));
    const types = asked.flatMap((filter) => /^metric\.type="(custom[^"]*)"/.exec(filter)?.[1] ?? []);
    const written = [PUBLISHERS_METRIC, ...Object.values(NODE_METRICS).map(({ type }) => type)];
    expect(types.sort()).toEqual(written.sort());
  });

  it('asks for metrics of Google, of the product, and of its logs', () => {
    const asked = filtersOf(JSON.parse(String(only('google_monitoring_dashboard').dashboard_json)));
    for (const filter of asked)
      expect(filter).toMatch(/^metric\.type="(loadbalancing|run|pubsub|compute|custom|logging)\.googleapis\.com\//);
  });
});

describe('reports', () => {
  const columns = REQUESTS_SCHEMA.flatMap(({ name, fields = [] }) => [
    name,
    ...fields.map((field) => `${name}.${field.name}`),
  ]);

  it.each(VIEWS)('$id reads only columns that the table is made with', ({ query }) => {
    const read = query({ table: '`p.d.requests`', sample: 1 }).match(/httpRequest\.\w+/g) ?? [];
    expect(read.filter((column) => !columns.includes(column))).toEqual([]);
    expect(read.length).toBeGreaterThan(3);
  });

  it('count up from the sample, and say nothing of it where all is kept', () => {
    const bandwidth = VIEWS.find(({ id }) => id === 'bandwidth');
    expect(bandwidth?.query({ table: 't', sample: 0.1 })).toContain('SUM(bytes) / 0.1 AS bytes');
    expect(bandwidth?.query({ table: 't', sample: 1 })).toContain('SUM(bytes) AS bytes');
    expect(String(only('google_logging_project_sink').filter)).toContain(
      `sample(insertId, ${prod.observability.sample})`,
    );
    expect(String(only('google_logging_project_sink', synthEnvironment(dev)).filter)).not.toContain('sample(');
  });

  it('name streams as the paths of the CDN have them', () => {
    const pattern = /r'(\^https[^']+)'/.exec(VIEWS[0]?.query({ table: 't', sample: 1 }) ?? '')?.[1] ?? '';
    const stream = (url: string) => new RegExp(pattern).exec(url)?.[1];
    expect(stream('https://live.example.com/open/s/abcdefgh01234567/1-aaaaaaaa/source/0.ts')).toBe('abcdefgh01234567');
    expect(stream('https://live.example.com/gated/p/abcdefgh01234567/index.m3u8?Expires=1')).toBe('abcdefgh01234567');
    expect(stream('https://live.example.com/api/v1/streams')).toBeUndefined();
  });

  it('keep no URL and no address for longer than said', () => {
    const keepMs = prod.observability.keepDays * 86_400_000;
    expect(only('google_bigquery_dataset').default_partition_expiration_ms).toBe(keepMs);
    const table = all('google_bigquery_table').find(({ attributes }) => attributes.table_id === 'requests');
    expect(at(table?.attributes, 'time_partitioning')).toEqual({
      type: 'DAY',
      field: 'timestamp',
      expiration_ms: keepMs,
    });
  });

  it('are four: viewers, bandwidth, hit ratio, cost', () => {
    expect(VIEWS.map(({ id }) => id)).toEqual(['viewers', 'bandwidth', 'hit_ratio', 'cost']);
  });
});
