import type { PubSub } from '@google-cloud/pubsub';
import { pubsubClientSuite } from '../../../suites/pubsub-client';
import { onEmulator, PUBSUB_EMULATOR } from '../../../support/google/google-emulator';
import { pubsubClient } from '../../../support/google/pubsub-client';

onEmulator(PUBSUB_EMULATOR, (host) => {
  let client: PubSub;
  beforeAll(() => {
    client = pubsubClient(host());
  });
  afterAll(() => client?.close());

  pubsubClientSuite('Google emulator', () => client, {
    ignoresFilters: true,
    takesAnyAttempts: true,
    redeliversAlone: true,
  });
});
