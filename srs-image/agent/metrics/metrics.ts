import type { Counters } from './counters';

const COUNTERS: readonly [name: string, help: string, of: (counters: Counters) => number][] = [
  ['uploaded_segments_total', 'Segments in the delivery buckets', (c) => c.uploadedSegments],
  ['uploaded_bytes_total', 'Their bytes', (c) => c.uploadedBytes],
  ['lost_segments_total', 'Segments that were never uploaded', (c) => c.lostSegments],
  ['rung_fragments_total', 'Fragments of rungs in the delivery buckets', (c) => c.rungFragments],
  ['shed_rung_segments_total', 'Segments whose rungs were given up', (c) => c.shedRungSegments],
  ['packaging_failures_total', 'Packaging jobs that failed or hung', (c) => c.packagingFailures],
  ['playlist_writes_total', 'Session playlists written', (c) => c.playlistWrites],
  ['storage_retries_total', 'Uploads that failed and were tried again', (c) => c.storageRetries],
  ['hook_retries_total', 'Hooks sent to the cloud again', (c) => c.hookRetries],
  ['refused_publishers_total', 'Publishers refused', (c) => c.refusedPublishers],
  ['takeovers_total', 'Publishers ended for a newer one', (c) => c.takeovers],
  ['reports_left_out_total', 'Reports of sessions that a heartbeat left out', (c) => c.reportsLeftOut],
  ['kicks_total', 'Publishers ended by order or because nobody admitted them', (c) => c.kicks],
];

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface Observed {
  counters: Counters;
  /** Sessions with a publisher. */
  openSessions: number;
  /** Segments that wait for upload, and their bytes. */
  pending: { segments: number; bytes: number };
  outboxSize: number;
  srsUp: boolean;
  draining: boolean;
}

const PREFIX = 'srs_agent_';
const head = (name: string, kind: 'counter' | 'gauge' | 'histogram', help: string): string[] => [
  `# HELP ${PREFIX}${name} ${help}`,
  `# TYPE ${PREFIX}${name} ${kind}`,
];

/**
 * Prometheus text, https://prometheus.io/docs/instrumenting/exposition_formats/: no stream in it, so no name leaks and
 * it stays small.
 */
export function metricsText({ counters, openSessions, pending, outboxSize, srsUp, draining }: Observed): string {
  const gauges: [string, string, number][] = [
    ['srs_up', 'SRS answers', Number(srsUp)],
    ['draining', 'No new publisher is taken', Number(draining)],
    ['sessions', 'Sessions with a publisher', openSessions],
    ['pending_segments', 'Segments not uploaded yet', pending.segments],
    ['spool_bytes', 'Their bytes', pending.bytes],
    ['outbox_messages', 'Messages the cloud has not heard yet', outboxSize],
  ];
  return [
    ...COUNTERS.flatMap(([name, help, of]) => [...head(name, 'counter', help), `${PREFIX}${name} ${of(counters)}`]),
    ...gauges.flatMap(([name, help, value]) => [...head(name, 'gauge', help), `${PREFIX}${name} ${value}`]),
    ...head('upload_lag_seconds', 'histogram', 'From the end of a segment to its upload'),
    ...counters.uploadLag.lines(`${PREFIX}upload_lag_seconds`),
    ...head('hook_seconds', 'histogram', 'From a hook of SRS to its answer'),
    ...counters.hookDurations().flatMap(([action, each]) => each.lines(`${PREFIX}hook_seconds`, `action="${action}"`)),
    '',
  ].join('\n');
}
