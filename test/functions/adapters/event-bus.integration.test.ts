import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { PubSub } from '@google-cloud/pubsub';
import { pubsubDeliveryQueue } from '../../../functions/adapters/gcp/pubsub/delivery-queue';
import { pubsubEventBus } from '../../../functions/adapters/gcp/pubsub/event-bus';
import { pubsubPublish } from '../../../functions/adapters/gcp/pubsub/pubsub-publish';
import { PlatformEvent } from '../../../functions/contract/events';
import { streamLive } from '../../../functions/core/events/events';
import { newDelivery } from '../../../functions/core/webhooks/delivery';
import { pubsubServer } from '../../../scripts/emulators/pubsub';
import { close, listen } from '../../../scripts/emulators/server/listen';
import { eventBusSuite, type OpenedBus } from '../../suites/event-bus';
import { onEmulator, PUBSUB_EMULATOR } from '../../support/google/google-emulator';
import { pubsubClient } from '../../support/google/pubsub-client';
import { STREAM_ID, sessionOf } from '../../support/streams';

const EVENT = streamLive(sessionOf(1));

const noToken = () => Promise.reject(new Error('nobody asks for a token'));
const clock = { sleep: async () => undefined };
const publishAt = (apiEndpoint: string) =>
  pubsubPublish({ projectId: 'test-project', apiEndpoint, accessToken: noToken, clock });

/** The bus by REST, what it says read by the real client. */
function busAt(host: () => string, client: () => PubSub): () => Promise<OpenedBus> {
  let opened = 0;
  return async () => {
    opened += 1;
    const [topic] = await client().createTopic(`events-${opened}`);
    const [subscription] = await topic.createSubscription(`events-${opened}`, { enableMessageOrdering: true });
    const publish = publishAt(`http://${host()}`);
    return {
      bus: pubsubEventBus(publish, `events-${opened}`),
      async received(count) {
        const events: PlatformEvent[] = [];
        await new Promise<void>((resolve) =>
          subscription.on('message', (message) => {
            events.push(PlatformEvent.parse(JSON.parse(String(message.data))));
            message.ack();
            if (events.length === count) resolve();
          }),
        );
        await subscription.close();
        return events;
      },
    };
  };
}

describe('an event bus on this machine', () => {
  const server = pubsubServer({ port: 0 });
  let client: PubSub;
  let host = '';
  beforeAll(async () => {
    host = (await server.start()).host;
    client = pubsubClient(host);
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  eventBusSuite(
    'local Pub/Sub',
    busAt(
      () => host,
      () => client,
    ),
  );

  it('says beside an event what filters ask for, and its order', async () => {
    const [topic] = await client.createTopic('attributes');
    const [subscription] = await topic.createSubscription('attributes', { filter: 'attributes.type = "stream.live"' });
    await pubsubEventBus(publishAt(`http://${host}`), 'attributes').publish(EVENT);
    const message = await new Promise((resolve) => subscription.once('message', resolve));
    await subscription.close();
    expect(message).toMatchObject({
      orderingKey: STREAM_ID,
      attributes: { type: 'stream.live', eventId: EVENT.id, version: '1', streamId: STREAM_ID },
    });
  });

  it('orders deliveries on one topic and gives them up on another', async () => {
    const names = ['orders', 'graves'];
    const subscriptions = await Promise.all(
      names.map(async (name) => (await (await client.createTopic(name))[0].createSubscription(name))[0]),
    );
    const publish = publishAt(`http://${host}`);
    const queue = pubsubDeliveryQueue(publish, { deliveries: 'orders', dead: 'graves' });
    const webhookId = `wh_${'a'.repeat(16)}`;
    await queue.order({ webhookId, eventId: EVENT.id }, 'key');
    await queue.giveUp(newDelivery(webhookId, EVENT, 0));
    const [order, grave] = await Promise.all(
      subscriptions.map((one) => new Promise<{ data: Buffer }>((resolve) => one.once('message', resolve))),
    );
    await Promise.all(subscriptions.map((one) => one.close()));
    expect(JSON.parse(String(order?.data))).toEqual({ webhookId, eventId: EVENT.id });
    expect(grave).toMatchObject({ attributes: { reason: 'webhook_gave_up', webhookId, eventId: EVENT.id } });
    expect(JSON.parse(String(grave?.data))).toMatchObject({ webhookId, event: EVENT });
  });

  it('says which topic is not there, without trying for long', async () => {
    const publish = publishAt(`http://${host}`);
    await expect(publish('missing', { data: 1 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining("topic 'missing'"),
    });
  });
});

describe('an event bus at an address of its own', () => {
  const seen: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url, headers: request.headers });
    request.resume();
    response.writeHead(answers.shift() ?? 200).end('{"messageIds":["1"]}');
  });
  let apiEndpoint = '';
  beforeAll(async () => {
    apiEndpoint = `http://127.0.0.1:${await listen(server, 0, 'pubsub')}`;
  });
  beforeEach(() => seen.splice(0));
  afterAll(() => close(server));

  it('comes back after it was away for a moment', async () => {
    answers.push(503, 500);
    await publishAt(apiEndpoint)('t', { data: 1 });
    expect(seen.map(({ url }) => url)).toEqual(
      Array.from({ length: 3 }, () => '/v1/projects/test-project/topics/t:publish'),
    );
  });

  it('gives up after three tries, as unavailable', async () => {
    answers.push(503, 503, 503);
    await expect(publishAt(apiEndpoint)('t', { data: 1 })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(seen).toHaveLength(3);
  });

  it('does not repeat what is refused', async () => {
    answers.push(403);
    await expect(publishAt(apiEndpoint)('t', { data: 1 })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(seen).toHaveLength(1);
  });

  it('looks for no credentials where a stand-in is named', async () => {
    const accessToken = jest.fn(async () => 'token');
    await pubsubPublish({ projectId: 'p', apiEndpoint, accessToken })('t', { data: 1 });
    expect(accessToken).not.toHaveBeenCalled();
  });
});

onEmulator(PUBSUB_EMULATOR, (host) => {
  let client: PubSub;
  beforeAll(async () => {
    client = pubsubClient(host());
    // The first REST request to a new Java process may take longer than the adapter waits for Pub/Sub.
    await fetch(`http://${host()}/v1/projects/warm-up/topics/warm-up`, { method: 'PUT', body: '{}' });
    const messages = [{ data: '' }];
    await fetch(`http://${host()}/v1/projects/warm-up/topics/warm-up:publish`, {
      method: 'POST',
      body: JSON.stringify({ messages }),
    });
  }, 60_000);
  afterAll(() => client?.close());

  eventBusSuite(
    'Google emulator',
    busAt(host, () => client),
  );
});
