import { Firestore } from '@google-cloud/firestore';

export interface FirestoreClientOptions {
  projectId: string;
  /** A named database, e.g. `srs-live-dev`. */
  databaseId: string;
  /**
   * `host:port` of a stand-in on this machine; no credentials then. @default Google's, or what FIRESTORE_EMULATOR_HOST
   * says
   */
  host?: string | undefined;
}

/**
 * One request; the client's own limits are 1 to 5 minutes, and 10 with its retries. Longer than the deadline of a call,
 * which counts only time in which this process could run: gRPC's timer would end a wait for an answer that came while
 * it stood still.
 */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * The client of Cloud Firestore, set so that an outage is over in seconds on both ends, as seen in
 * `@google-cloud/firestore` 8.7.1:
 * - `clientConfig` bounds each request; `grpc.*` tries a broken connection again at least every second (grpc-js: up to
 *   two minutes);
 * - without `gaxServerStreamingRetries` google-gax 5 repeats every read that failed for 7 s, one that can never succeed
 *   too.
 */
export function firestoreClient({ projectId, databaseId, host }: FirestoreClientOptions): Firestore {
  return new Firestore({
    projectId,
    databaseId,
    ignoreUndefinedProperties: true,
    ...(host === undefined ? {} : standIn(host)),
    gaxServerStreamingRetries: true,
    'grpc.max_reconnect_backoff_ms': 1_000,
    clientConfig: { interfaces: { 'google.firestore.v1.Firestore': QUICK } },
  });
}

/**
 * The universe is given because google-auth-library would look for credentials, then for a metadata server, to learn
 * it.
 */
const standIn = (host: string) => ({ host, ssl: false, clientOptions: { universeDomain: 'googleapis.com' } });

const quickly = { timeout_millis: REQUEST_TIMEOUT_MS, retry_params_name: 'quick' };

const QUICK = {
  retry_params: {
    quick: {
      initial_retry_delay_millis: 100,
      retry_delay_multiplier: 1.3,
      max_retry_delay_millis: 1_000,
      initial_rpc_timeout_millis: REQUEST_TIMEOUT_MS,
      rpc_timeout_multiplier: 1,
      max_rpc_timeout_millis: REQUEST_TIMEOUT_MS,
      total_timeout_millis: REQUEST_TIMEOUT_MS,
    },
  },
  methods: { BatchGetDocuments: quickly, RunQuery: quickly, Commit: quickly, Rollback: quickly },
};
