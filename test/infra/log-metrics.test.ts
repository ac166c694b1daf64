import { execFileSync } from 'node:child_process';
import { jsonLog } from '../../functions/adapters/log';
import { LOG_METRICS } from '../../infra/constructs/observability/log-metrics';
import { type LogEntry, logFilter } from '../support/monitoring/log-filter';
import { resourcesOf, synthBootstrap } from '../support/synth';

const metrics = resourcesOf(synthBootstrap(), /^google_logging_metric$/)
  .filter(({ path }) => path.startsWith('prod/'))
  .map(({ attributes }) => ({ name: String(attributes.name), counts: logFilter(String(attributes.filter)) }));

const countedBy = (entry: LogEntry): string[] =>
  metrics.filter(({ counts }) => counts(entry)).map(({ name }) => name.replace('srs-live-prod-', ''));

/** A line as the product writes it. */
function lineOf(event: string, fields: Readonly<Record<string, unknown>> = {}): string {
  const lines: string[] = [];
  jsonLog((line) => lines.push(line)).error(event, fields);
  return lines.join('\n');
}

const parsed = (line: string) => JSON.parse(line);
/** Cloud Run parses a line that is JSON. */
const fromFunction = (line: string, service = 'srs-live-prod-api'): LogEntry => ({
  resource: { type: 'cloud_run_revision', labels: { service_name: service } },
  jsonPayload: parsed(line),
});
/** The logging agent of Container-Optimized OS leaves a container's line as text in `message`. */
const fromContainer = (line: string): LogEntry => ({
  resource: { type: 'gce_instance', labels: {} },
  jsonPayload: { message: line, stream: 'stdout' },
});
const fromNode = (line: string): LogEntry => ({
  resource: { type: 'gce_instance', labels: {} },
  jsonPayload: parsed(line),
});

const rows = Object.entries(LOG_METRICS).flatMap(([metric, { from, events }]) =>
  events.map((event) => ({ metric, from, event })),
);

describe('a log metric', () => {
  it.each(rows)('$metric alone counts a line of $event, parsed or as text', ({ metric, from, event }) => {
    const line = lineOf(event, { detail: 'of a stream', count: 3 });
    const entries = from === 'functions' ? [fromFunction(line)] : [fromNode(line), fromContainer(line)];
    for (const entry of entries) expect(countedBy(entry)).toEqual([metric]);
  });

  it.each(rows)('does not count $event from elsewhere: $metric counts $from', ({ from, event }) => {
    const line = lineOf(event);
    const elsewhere = from === 'functions' ? [fromNode(line), fromContainer(line)] : [fromFunction(line)];
    for (const entry of elsewhere) expect(countedBy(entry)).toEqual([]);
    if (from === 'functions') expect(countedBy(fromFunction(line, 'another-service'))).toEqual([]);
  });

  it.each(rows)("does not count a client's text that looks like a line of $event", ({ event }) => {
    const forged = lineOf(event, { x: 'y' });
    const outside = [`rtmp://host/live/a ${forged}`, forged];
    const lines = [
      ...outside.map((text) => fromContainer(asSrsWrites(`client identified, tcUrl=${text}`))),
      ...outside.map((text) => fromContainer(lineOf('request_refused', { path: text, message: `path '${text}'` }))),
      ...outside.map((text) => fromNode(lineOf('rtmp_refused', { message: `app '${text}': use live` }))),
      ...outside.map((text) => fromFunction(lineOf('request_refused', { detail: text, message: text }))),
    ];
    for (const entry of lines) expect([entry, countedBy(entry)]).toEqual([entry, []]);
  });
});

/** A line of SRS as its wrapper on a node hands it on; a shell that repeats its input stands in for SRS. */
function asSrsWrites(line: string): string {
  const script = 'srs-image/rootfs/etc/srs/srs.sh';
  return execFileSync('bash', [script, '/bin/bash', 'cat'], { input: line, encoding: 'utf8' });
}
