import type { Counters } from './counters';
import { pendingOf } from './session-state';
import type { Sessions } from './sessions';

const COUNTERS: readonly [name: string, kind: 'counter' | 'gauge', help: string, of: (counters: Counters) => number][] = [
  ['uploaded_segments_total', 'counter', 'Segments in the delivery buckets', (c) => c.uploadedSegments],
  ['uploaded_bytes_total', 'counter', 'Their bytes', (c) => c.uploadedBytes],
  ['playlist_writes_total', 'counter', 'Session playlists written', (c) => c.playlistWrites],
  ['storage_retries_total', 'counter', 'Uploads that failed and were tried again', (c) => c.storageRetries],
  ['hook_retries_total', 'counter', 'Hooks sent to the cloud again', (c) => c.hookRetries],
  ['refused_publishers_total', 'counter', 'Publishers refused', (c) => c.refusedPublishers],
  ['takeovers_total', 'counter', 'Publishers ended for a newer one', (c) => c.takeovers],
  ['kicks_total', 'counter', 'Publishers ended by order or because nobody admitted them', (c) => c.kicks],
  ['upload_lag_seconds', 'gauge', 'From the end of a segment to its upload, the last one', (c) => c.uploadLagMs / 1000],
];

/** Prometheus text, https://prometheus.io/docs/instrumenting/exposition_formats/: no stream in it, so no name leaks and it stays small. */
export function metricsText(counters: Counters, sessions: Sessions, outboxSize: number): string {
  const gauges: [string, string, number][] = [
    ['sessions', 'Sessions with a publisher', sessions.open().length],
    [
      'pending_segments',
      'Segments not uploaded yet',
      sessions.all().reduce((sum, { state }) => sum + pendingOf(state).length, 0),
    ],
    ['spool_bytes', 'Their bytes', sessions.pendingBytes],
    ['outbox_messages', 'Messages the cloud has not heard yet', outboxSize],
  ];
  const lines = (name: string, kind: string, help: string, value: number) => [
    `# HELP srs_agent_${name} ${help}`,
    `# TYPE srs_agent_${name} ${kind}`,
    `srs_agent_${name} ${value}`,
  ];
  return [
    ...COUNTERS.flatMap(([name, kind, help, of]) => lines(name, kind, help, of(counters))),
    ...gauges.flatMap(([name, help, value]) => lines(name, 'gauge', help, value)),
    '',
  ].join('\n');
}
