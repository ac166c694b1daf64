import type { Metadata } from '../../../functions/adapters/gcp/google/metadata-server';
import type { ConfigSource } from './config-watch';

/** The server answers after so long, changed or not; the connection is given up some time after. */
const WAIT_SECONDS = 300;
const TIMEOUT_MS = (WAIT_SECONDS + 30) * 1000;

/**
 * The agent's configuration where infra puts it: instance metadata `agent-env`.
 * https://cloud.google.com/compute/docs/metadata/querying-metadata#waitforchange
 */
export function metadataConfig(metadata: Metadata): ConfigSource {
  const path = 'instance/attributes/agent-env';
  return (known, signal) => {
    if (known === undefined) return metadata(path, { signal });
    const query = { wait_for_change: 'true', last_etag: known, timeout_sec: String(WAIT_SECONDS) };
    return metadata(path, { query, timeoutMs: TIMEOUT_MS, signal });
  };
}
