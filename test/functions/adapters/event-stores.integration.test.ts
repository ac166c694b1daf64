import { firestoreAudienceStore } from '../../../functions/adapters/gcp/firestore/audience-store';
import { firestoreBudgetStore } from '../../../functions/adapters/gcp/firestore/budget-store';
import { firestoreChatRooms } from '../../../functions/adapters/gcp/firestore/chat-rooms';
import { firestoreClient } from '../../../functions/adapters/gcp/firestore/firestore-client';
import { firestoreWebhookStore } from '../../../functions/adapters/gcp/firestore/webhook-store';
import { streamLive } from '../../../functions/core/events/events';
import { newDelivery } from '../../../functions/core/webhooks/delivery';
import { firestoreServer } from '../../../scripts/emulators/firestore';
import { audienceStoreSuite } from '../../suites/audience-store';
import { budgetStoreSuite } from '../../suites/budget-store';
import { chatRoomsSuite } from '../../suites/chat-rooms';
import { webhookStoreSuite } from '../../suites/webhook-store';
import { databasesOf, localDatabases } from '../../support/google/firestore-databases';
import { FIRESTORE_EMULATOR, onEmulator } from '../../support/google/google-emulator';
import { sessionOf } from '../../support/streams';

describe('event stores on this machine', () => {
  const open = localDatabases();

  webhookStoreSuite('local Firestore', () => firestoreWebhookStore(open()));
  budgetStoreSuite('local Firestore', () => firestoreBudgetStore(open()));
  audienceStoreSuite('local Firestore', () => firestoreAudienceStore(open()));
  chatRoomsSuite('local Firestore', () => firestoreChatRooms(open()));

  it('drops the log of a delivery after a month', async () => {
    const sweeping = firestoreServer({ port: 0, ttl: [{ collectionGroup: 'deliveries', field: 'expireAt' }] });
    const client = firestoreClient({ projectId: 'test', databaseId: 'ttl', host: (await sweeping.start()).host });
    const delivery = newDelivery(`wh_${'a'.repeat(16)}`, streamLive(sessionOf(1)), Date.now() - 31 * 86_400_000);
    const store = firestoreWebhookStore(client);
    await store.createDelivery(delivery);
    const read = () => store.getDelivery(delivery.webhookId, delivery.event.id);
    for (let looks = 0; looks < 60 && (await read()) !== undefined; looks++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await read()).toBeUndefined();
    await client.terminate();
    await sweeping.stop();
  });
});

onEmulator(FIRESTORE_EMULATOR, (host) => {
  const open = databasesOf(host);
  webhookStoreSuite('Google emulator', () => firestoreWebhookStore(open(), { deadlineMs: 25_000 }));
  budgetStoreSuite('Google emulator', () => firestoreBudgetStore(open(), { deadlineMs: 25_000 }));
  audienceStoreSuite('Google emulator', () => firestoreAudienceStore(open(), { deadlineMs: 25_000 }));
  chatRoomsSuite('Google emulator', () => firestoreChatRooms(open(), { deadlineMs: 25_000 }));
});
