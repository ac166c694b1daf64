/** The agent's configuration as a VM of `dev` has it, before it is parsed. */
export const AGENT_ENV = {
  role: 'origin',
  hooksUrl: 'https://hooks.example',
  srsApiUrl: 'http://127.0.0.1:1985',
  hlsRoot: '/media/hls',
  spoolRoot: '/media/spool',
  ingestBucket: 'ingest',
  openBucket: 'open',
  gatedBucket: 'gated',
  hooksPort: 8085,
  publicPort: 8086,
  heartbeatSeconds: 5,
  sessionWindowSeconds: 600,
  spoolLimitBytes: 1 << 30,
};
