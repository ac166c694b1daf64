import { TOPICS } from '../../../functions/contract/events';
import { firestoreServer } from '../../emulators/firestore';
import { objectStoreServer } from '../../emulators/gcs';
import { pubsubServer } from '../../emulators/pubsub';
import { FUNCTION_ENV } from './function-env';

/**
 * Runs emulators of Google's services in a process of their own, so that they and the load do not wait for each other.
 * Ends with stdin.
 */
async function main(): Promise<void> {
  const buckets = ['ingest', 'open', 'gated'].map((name) => ({ name }));
  const topics = Object.values(TOPICS).map((name) => `projects/${FUNCTION_ENV.PROJECT_ID}/topics/${name}`);
  const storage = objectStoreServer({ port: 0, buckets });
  const firestore = firestoreServer({ port: 0 });
  const pubsub = pubsubServer({ port: 0, topics });
  const env = {
    STORAGE_API_ENDPOINT: (await storage.start()).origin,
    FIRESTORE_EMULATOR_HOST: (await firestore.start()).host,
    PUBSUB_API_ENDPOINT: (await pubsub.start()).origin,
  };
  process.stdout.write(`${JSON.stringify(env)}\n`);
  process.stdin.resume().once('end', () => process.exit(0));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
