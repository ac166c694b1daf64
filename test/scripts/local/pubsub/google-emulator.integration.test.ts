import type { PubSub } from '@google-cloud/pubsub';
import { pubsubClientSuite } from '../../../suites/pubsub-client';
import { findEmulator, PUBSUB_EMULATOR, type RunningEmulator, startEmulator } from '../../../support/google-emulator';
import { pubsubClient } from '../../../support/pubsub-client';
import { realPart } from '../../../support/real-part';

const jar = findEmulator(PUBSUB_EMULATOR);
const missing = jar === undefined ? 'skipped: gcloud without pubsub-emulator, or no java' : undefined;
realPart('Google Pub/Sub emulator', missing, () => {
  let emulator: RunningEmulator;
  let client: PubSub;

  beforeAll(async () => {
    emulator = await startEmulator(PUBSUB_EMULATOR, jar ?? '');
    client = pubsubClient(emulator.host);
  }, 60_000);
  afterAll(async () => {
    await client?.close();
    await emulator?.stop();
  });

  pubsubClientSuite('Google emulator', () => client, { ignoresFilters: true, takesAnyAttempts: true, redeliversAlone: true });
});
