import type { PubSub } from '@google-cloud/pubsub';
import { pubsubServer } from '../../../../scripts/emulators/pubsub';
import { pubsubClientSuite } from '../../../suites/pubsub-client';
import { pubsubClient } from '../../../support/google/pubsub-client';

const server = pubsubServer({ port: 0 });
let client: PubSub;

beforeAll(async () => {
  client = pubsubClient((await server.start()).host);
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

pubsubClientSuite('local server', () => client);
