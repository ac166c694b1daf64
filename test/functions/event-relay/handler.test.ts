import fc from 'fast-check';
import { memoryDeliveryQueue } from '../../../functions/adapters/memory/delivery-queue';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { memoryWebhookStore } from '../../../functions/adapters/memory/webhook-store';
import { resend } from '../../../functions/app/webhooks/retry';
import type { EventType, PlatformEvent } from '../../../functions/contract/events';
import type { Webhook } from '../../../functions/contract/webhooks';
import { nodeLost, streamCreated, streamLive } from '../../../functions/core/events/events';
import { newWebhook, withNewSecret } from '../../../functions/core/webhooks/new-webhook';
import { receiverConcurrencyOf } from '../../../functions/core/webhooks/receiver-concurrency';
import { eventRelayHandler } from '../../../functions/event-relay/handler';
import type { SendResult, WebhookRequest } from '../../../functions/ports/stores';
import { keptLog } from '../../support/delivery';
import { postRequest, pushRequest } from '../../support/google/pubsub-push';
import { STREAM_ID, sessionOf, streamOf } from '../../support/streams';
import { virtualClock } from '../../support/virtual-clock';

const START = Date.UTC(2026, 10, 20, 10);
const MINUTE_MS = 60_000;
const LIVE = streamLive(sessionOf(1, { startedAt: START }));
const CREATED = streamCreated(streamOf({ createdAt: START }));

/** The function with everything behind it in memory; orders are pushed back to it as Pub/Sub would. */
function open(
  answer: (request: WebhookRequest) => SendResult | Promise<SendResult> = () => ({ status: 200, latencyMs: 5 }),
) {
  const store = memoryWebhookStore();
  const queue = memoryDeliveryQueue();
  const clock = virtualClock(START);
  const log = keptLog();
  const streamStore = memoryStreamStore();
  const sent: WebhookRequest[] = [];
  let ids = 0;
  const send = async (request: WebhookRequest) => {
    sent.push(request);
    return answer(request);
  };
  const randomId = (length: number) => {
    ids += 1;
    return `${ids}`.padStart(length, 'a');
  };
  const deps = {
    store,
    streamStore,
    queue,
    send,
    receiverConcurrency: receiverConcurrencyOf(1),
    clock,
    random: () => 0,
    randomId,
    log,
  };
  const handler = eventRelayHandler(deps);
  const add = async (types: EventType[] = [], more: Partial<Webhook> = {}) => {
    const webhook = {
      ...newWebhook({ owner: '', url: 'https://example.com/', types, streams: [] }, { randomId, clock }),
      ...more,
    };
    await store.createWebhook(webhook);
    return webhook;
  };
  const publish = (event: PlatformEvent) => handler(pushRequest('/events', event));
  const pushOrders = async () => {
    const statuses: number[] = [];
    for (const { orderingKey: _, ...order } of queue.orders.splice(0))
      statuses.push((await handler(pushRequest('/deliveries', order))).status);
    return statuses;
  };
  const retry = async () => (await handler(postRequest('/retries', ''))).json();
  const pass = async (ms: number) => {
    void clock.sleep(ms);
    await clock.run();
  };
  return { ...deps, handler, add, publish, pushOrders, retry, pass, sent };
}

describe('event-relay', () => {
  it('retries for each webhook by itself, however much another has due', async () => {
    const { add, publish, pushOrders, retry, pass, store, queue, clock } = open(() => ({ status: 500, latencyMs: 5 }));
    const busy = await add([], { createdAt: START });
    await publish(LIVE);
    await pushOrders();
    const [one] = await store.listDeliveries(busy.id, { limit: 1 });
    if (one === undefined) throw new Error('nothing was delivered');
    for (let n = 0; n < 600; n += 1)
      await store.createDelivery({
        ...one,
        event: { ...one.event, id: `evt_${`${n}`.padStart(32, '0')}` },
        nextAttemptAt: START,
      });
    const late = await add([], { createdAt: START + 1 });
    await pass(1000);
    await publish({ ...CREATED, id: `evt_${'f'.repeat(32)}` });
    await pushOrders();
    await pass(MINUTE_MS);
    await retry();
    expect(clock.now()).toBeGreaterThan(START);
    expect(new Set(queue.orders.map(({ webhookId }) => webhookId))).toEqual(new Set([busy.id, late.id]));
  });

  it('frees the place at a receiver whose request never settles, and tries again', async () => {
    let stuck = true;
    const world = open(() => (stuck ? new Promise<never>(() => undefined) : { status: 200, latencyMs: 5 }));
    const odd = await world.add(['stream.live']);
    await world.publish(LIVE);
    const pushed = world.pushOrders();
    await world.clock.run();
    expect(await pushed).toEqual([204]);
    const first = await world.store.getDelivery(odd.id, LIVE.id);
    expect(first).toMatchObject({ state: 'pending', tries: 1, attempts: [{ failure: 'timeout' }] });
    stuck = false;
    await world.pass(2 * MINUTE_MS);
    expect(await world.retry()).toEqual({ ordered: 1 });
    expect(await world.pushOrders()).toEqual([204]);
    expect((await world.store.getDelivery(odd.id, LIVE.id))?.state).toBe('delivered');
  });

  it('writes an event down for every other webhook when it cannot be for one, and is told it again', async () => {
    const world = open();
    const odd = await world.add();
    const good = await world.add();
    const create = world.store.createDelivery;
    world.store.createDelivery = async (delivery) => {
      if (delivery.webhookId === odd.id) throw new Error('the document is too large');
      return create(delivery);
    };
    expect((await world.publish(LIVE)).status).toBe(500);
    expect(world.queue.orders.map(({ webhookId }) => webhookId)).toEqual([good.id]);
  });

  it('sends an event to every webhook that wants it, signed with its own secret', async () => {
    const world = open();
    const all = await world.add();
    const live = await world.add(['stream.live']);
    await world.add(['stream.created']);
    await world.add([], { enabled: false });
    expect((await world.publish(LIVE)).status).toBe(204);
    await world.pushOrders();
    expect(world.sent.map(({ secrets, id, body }) => [secrets, id, JSON.parse(body)])).toEqual([
      [[all.secret], LIVE.id, LIVE],
      [[live.secret], LIVE.id, LIVE],
    ]);
  });

  it('tells a publisher of its own streams alone, and the operator of all', async () => {
    const world = open();
    await world.streamStore.createStream(streamOf({ owner: 'ann' }));
    const operator = await world.add();
    const ann = await world.add([], { owner: 'ann' });
    await world.add([], { owner: 'bob' });
    await world.publish(LIVE);
    await world.publish(streamCreated(streamOf({ id: 'zzzzzzzzzzzzzzzz', createdAt: START })));
    await world.publish(nodeLost({ id: 'node-1', heartbeatAt: START, sessions: [] }, START + 30_000));
    await world.pushOrders();
    const got = async ({ id }: Webhook) =>
      (await world.store.listDeliveries(id, { limit: 10 })).map(({ event }) => event.type).sort();
    expect(await got(operator)).toEqual(['node.lost', 'stream.created', 'stream.live']);
    expect(await got(ann)).toEqual(['stream.live']);
    expect(world.sent).toHaveLength(4);
  });

  it('sends the events of the chosen streams, and none that are about no stream', async () => {
    const world = open();
    const chosen = await world.add([], { streams: ['zzzzzzzzzzzzzzzz'] });
    const other = streamCreated(streamOf({ id: 'zzzzzzzzzzzzzzzz', createdAt: START }));
    for (const event of [LIVE, other, nodeLost({ id: 'node-1', heartbeatAt: START, sessions: [] }, START + 30_000)])
      await world.publish(event);
    expect((await world.store.listDeliveries(chosen.id, { limit: 10 })).map(({ event }) => event)).toEqual([other]);
  });

  it('signs with both secrets until the previous one has ended', async () => {
    const world = open();
    const first = await world.add();
    const secret = `whsec_${'B'.repeat(44)}`;
    const rotated = withNewSecret(first, { secret, graceMs: MINUTE_MS, nowMs: START });
    await world.store.changeWebhook(first.id, () => ({ webhook: rotated, result: 0 }));
    await world.publish(LIVE);
    await world.pushOrders();
    await world.pass(MINUTE_MS);
    await world.publish(CREATED);
    await world.pushOrders();
    expect(world.sent.map(({ secrets }) => secrets)).toEqual([[secret, first.secret], [secret]]);
    expect(withNewSecret(rotated, { secret, graceMs: 0, nowMs: START })).not.toHaveProperty('previousSecret');
  });

  it('keeps a log of each attempt', async () => {
    const world = open();
    const { id } = await world.add();
    await world.publish(LIVE);
    await world.pushOrders();
    const [delivery] = await world.store.listDeliveries(id, { limit: 10 });
    expect(delivery).toMatchObject({
      state: 'delivered',
      tries: 1,
      attempts: [{ at: START, status: 200, latencyMs: 5 }],
    });
    expect(delivery).not.toHaveProperty('nextAttemptAt');
  });

  it('orders in the order of a stream, apart for each webhook', async () => {
    const world = open();
    const a = await world.add();
    const b = await world.add();
    await world.publish(LIVE);
    expect(world.queue.orders.map(({ orderingKey }) => orderingKey).sort()).toEqual([
      `${a.id}/${STREAM_ID}`,
      `${b.id}/${STREAM_ID}`,
    ]);
  });

  it('sends an event that comes twice once', async () => {
    const world = open();
    await world.add();
    await world.publish(LIVE);
    await world.pushOrders();
    await world.publish(LIVE);
    await world.pushOrders();
    expect(world.sent).toHaveLength(1);
  });

  it('orders again what was written down and never tried', async () => {
    const world = open();
    await world.add();
    await world.publish(LIVE);
    world.queue.orders.splice(0);
    await world.publish(LIVE);
    expect(world.queue.orders).toHaveLength(1);
  });

  it('acknowledges an order whose attempt failed, and tries again with growing waits until it gives up', async () => {
    const world = open(() => ({ status: 500, latencyMs: 1 }));
    const { id } = await world.add();
    await world.publish(LIVE);
    expect(await world.pushOrders()).toEqual([204]);
    const waits: number[] = [];
    for (let last = START; world.queue.dead.length === 0; ) {
      const [delivery] = await world.store.listDeliveries(id, { limit: 1 });
      const dueAt = delivery?.nextAttemptAt ?? 0;
      waits.push((dueAt - last) / 1000);
      last = dueAt;
      await world.pass(dueAt - world.clock.now() - 1);
      expect(await world.retry()).toEqual({ ordered: 0 });
      await world.pass(1);
      expect(await world.retry()).toEqual({ ordered: 1 });
      await world.pushOrders();
    }
    expect(waits).toEqual([60, 300, 1800, 7200, 18_000, 36_000, 36_000]);
    expect(world.sent).toHaveLength(8);
    expect(world.queue.dead).toMatchObject([{ webhookId: id, state: 'dead', tries: 8 }]);
    expect(world.log.lines).toContainEqual(expect.objectContaining({ level: 'error', event: 'webhook_gave_up' }));
    await world.pass(365 * 24 * 60 * MINUTE_MS);
    expect(await world.retry()).toEqual({ ordered: 0 });
  });

  it.each([
    ['a redirect', { status: 302, latencyMs: 1 }, { status: 302, failure: 'redirect' }],
    ['a refusal', { status: 404, latencyMs: 1 }, { status: 404, failure: 'status' }],
    ['no answer', { failure: 'timeout', latencyMs: 10_000 }, { failure: 'timeout' }],
    ['an address that is refused', { failure: 'refused_address', latencyMs: 1 }, { failure: 'refused_address' }],
  ] as const)('takes %s for a failure', async (_, result, attempt) => {
    const world = open(() => result);
    const { id } = await world.add();
    await world.publish(LIVE);
    await world.pushOrders();
    const [delivery] = await world.store.listDeliveries(id, { limit: 1 });
    expect(delivery).toMatchObject({ state: 'pending', attempts: [attempt], nextAttemptAt: START + MINUTE_MS });
  });

  it('switches a webhook off whose receiver says 410', async () => {
    const world = open(() => ({ status: 410, latencyMs: 1 }));
    const { id } = await world.add();
    await world.publish(LIVE);
    await world.pushOrders();
    expect(await world.store.getWebhook(id)).toMatchObject({ enabled: false, disabledReason: 'gone' });
    await world.publish(CREATED);
    expect(world.queue.orders).toEqual([]);
  });

  it('cancels what is on its way to a webhook that was switched off or removed', async () => {
    const world = open();
    const off = await world.add();
    const gone = await world.add();
    await world.publish(LIVE);
    await world.store.changeWebhook(off.id, () => ({ webhook: { ...off, enabled: false }, result: 0 }));
    await world.store.deleteWebhook(gone.id);
    expect(await world.pushOrders()).toEqual([204, 204]);
    expect(world.sent).toEqual([]);
    expect(await world.store.listDeliveries(off.id, { limit: 1 })).toMatchObject([{ state: 'cancelled' }]);
  });

  it('holds nobody for a slow receiver, and puts off what comes for it meanwhile', async () => {
    let answerSlow: (result: SendResult) => void = () => undefined;
    const hold = (resolve: (result: SendResult) => void) => {
      answerSlow = resolve;
    };
    const world = open(({ url }) =>
      url.includes('slow') ? new Promise<SendResult>(hold) : { status: 200, latencyMs: 1 },
    );
    const slow = await world.add([], { url: 'https://slow.example.com/' });
    const quick = await world.add([], { url: 'https://quick.example.com/' });
    await world.publish(LIVE);
    await world.publish(CREATED);
    const orders = world.queue.orders.splice(0);
    const run = (webhookId: string, eventId: string) =>
      world.handler(pushRequest('/deliveries', { webhookId, eventId }));
    const held = run(slow.id, LIVE.id);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await run(slow.id, CREATED.id)).status).toBe(204);
    for (const event of [LIVE, CREATED]) await run(quick.id, event.id);
    expect(orders).toHaveLength(4);
    expect(world.sent.filter(({ url }) => url.includes('quick'))).toHaveLength(2);
    const putOff = await world.store.getDelivery(slow.id, CREATED.id);
    expect(putOff).toMatchObject({ state: 'pending', tries: 0, nextAttemptAt: START + 10_000 });
    answerSlow({ status: 200, latencyMs: 9000 });
    expect((await held).status).toBe(204);
    await world.pass(10_000);
    expect(await world.retry()).toEqual({ ordered: 1 });
  });

  it('orders again what was lost between an order and its attempt', async () => {
    const world = open();
    await world.add();
    await world.publish(LIVE);
    world.queue.orders.splice(0);
    expect(await world.retry()).toEqual({ ordered: 0 });
    await world.pass(2 * MINUTE_MS);
    expect(await world.retry()).toEqual({ ordered: 1 });
    expect(await world.retry()).toEqual({ ordered: 0 });
  });

  it('sends again on request, also what was delivered or given up, and keeps the log', async () => {
    const world = open();
    const { id } = await world.add();
    await world.publish(LIVE);
    await world.pushOrders();
    expect(await resend({ webhookId: id, eventId: LIVE.id }, world)).toMatchObject({ state: 'pending', tries: 0 });
    await world.pushOrders();
    expect(world.sent).toHaveLength(2);
    expect(await world.store.getDelivery(id, LIVE.id)).toMatchObject({ state: 'delivered', attempts: [{}, {}] });
    expect(await resend({ webhookId: id, eventId: CREATED.id }, world)).toBeUndefined();
  });

  it('does nothing for an order of something it does not know', async () => {
    const world = open();
    const answer = await world.handler(
      pushRequest('/deliveries', { webhookId: `wh_${'a'.repeat(16)}`, eventId: LIVE.id }),
    );
    expect(answer.status).toBe(204);
  });

  it('keeps the answer of one of two attempts at once that was taken', async () => {
    const results: SendResult[] = [
      { status: 200, latencyMs: 1 },
      { status: 500, latencyMs: 1 },
    ];
    const world = open(() => results.shift() ?? { status: 500, latencyMs: 1 });
    const { id } = await world.add();
    await world.publish(LIVE);
    const [order] = world.queue.orders;
    world.queue.orders.push({ ...order, webhookId: id, eventId: LIVE.id, orderingKey: '' });
    await world.pushOrders();
    expect(await world.store.getDelivery(id, LIVE.id)).toMatchObject({ state: 'delivered' });
  });

  it('asks to be called again while its store is away', async () => {
    const world = open();
    const away = () => Promise.reject(Object.assign(new Error('away'), { code: 14 }));
    const handler = eventRelayHandler({
      ...world,
      store: { ...world.store, listWebhooksOf: away, changeDelivery: away },
    });
    expect((await handler(pushRequest('/events', LIVE))).status).toBe(503);
    const order = { webhookId: `wh_${'a'.repeat(16)}`, eventId: LIVE.id };
    expect((await handler(pushRequest('/deliveries', order))).status).toBe(503);
  });

  it('logs no secret', async () => {
    const world = open(() => ({ status: 500, latencyMs: 1 }));
    const { secret } = await world.add();
    await world.publish(LIVE);
    await world.pushOrders();
    expect(JSON.stringify(world.log.lines)).not.toContain(secret);
  });

  describe('fed with what it does not expect', () => {
    const refused = async (request: Request, names: RegExp) => {
      const world = open();
      const answer = await world.handler(request);
      const { detail } = await answer.json();
      expect([answer.status, detail]).toEqual([400, expect.stringMatching(names)]);
      expect(world.log.lines.filter(({ level }) => level !== 'info')).toHaveLength(1);
    };

    it.each([
      ['an event of no known type', { ...LIVE, type: 'stream.exploded' }, /^type: /],
      ['an event of another version', { ...LIVE, version: 2 }, /^version: /],
      ['an event without a stream', { ...LIVE, streamId: undefined }, /^streamId: /],
      ['an event of a malformed stream', { ...LIVE, streamId: '../x' }, /^streamId: use 16/],
      ['an event with malformed data', { ...LIVE, data: { broadcastId: 'b1-aaaaaaaa' } }, /^data\.sessionId: /],
      ['an event that is a list', [LIVE], /^message\.data: /],
      ['an event at no time', { ...LIVE, occurredAt: 'yesterday' }, /^occurredAt: /],
    ])('refuses %s', (_, event, names) => refused(pushRequest('/events', event), names));

    it.each([
      ['no webhook', { eventId: LIVE.id }, /^webhookId: /],
      ['a path as webhook', { webhookId: '../../streams/x', eventId: LIVE.id }, /^webhookId: use wh_/],
      ['a path as event', { webhookId: `wh_${'a'.repeat(16)}`, eventId: 'a/b' }, /^eventId: use evt_/],
      ['something more', { webhookId: `wh_${'a'.repeat(16)}`, eventId: LIVE.id, url: 'http://10.0.0.1' }, /url/],
    ])('refuses an order of %s', (_, order, names) => refused(pushRequest('/deliveries', order), names));

    it('answers 404 elsewhere and 405 to other methods', async () => {
      const { handler } = open();
      expect((await handler(postRequest('/', '{}'))).status).toBe(404);
      expect((await handler(new Request('http://function/events'))).status).toBe(405);
    });

    it('never answers 500, whatever comes', async () => {
      const world = open();
      await world.add();
      const path = fc.constantFrom('/events', '/deliveries', '/retries');
      const data = fc.oneof(fc.json(), fc.string(), fc.constant(JSON.stringify(LIVE)), mutated(LIVE));
      await fc.assert(
        fc.asyncProperty(path, data, fc.boolean(), async (to, text, wrapped) => {
          const answer = await world.handler(wrapped ? pushRequest(to, text) : postRequest(to, text));
          expect(answer.status).toBeLessThan(500);
        }),
        { numRuns: 300 },
      );
    });
  });
});

/** `event` with one field replaced by anything. */
const mutated = (event: object): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...Object.keys(event)), fc.jsonValue())
    .map(([key, value]) => JSON.stringify({ ...event, [key]: value }));
