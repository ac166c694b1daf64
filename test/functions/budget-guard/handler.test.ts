import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { z } from 'zod';
import { memoryBudgetStore } from '../../../functions/adapters/memory/budget-store';
import { memoryEventBus } from '../../../functions/adapters/memory/event-bus';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { budgetGuardHandler } from '../../../functions/budget-guard/handler';
import type { BudgetRules } from '../../../functions/contract/budget';
import { resumeStream } from '../../../functions/core/streams/commands';
import { keptLog } from '../../support/delivery';
import { postRequest, pushRequest } from '../../support/google/pubsub-push';
import { nodeOf, publishedStream, reported, STREAM_ID, sessionOf, streamOf } from '../../support/streams';
import { virtualClock } from '../../support/virtual-clock';

const START = Date.UTC(2026, 10, 20, 10);
const RULES: BudgetRules = [
  { stage: 'notify', share: 0.5 },
  { stage: 'refuse_publishers', share: 0.9 },
  { stage: 'stop', share: 1 },
];
const ATTRIBUTES = { billingAccountId: '01D4EE-079462-DFD6EC', budgetId: 'b', schemaVersion: '1.0' };
const MESSAGE = {
  budgetDisplayName: 'srs-live-dev-budget',
  costAmount: 95.5,
  costIntervalStart: '2026-11-01T08:00:00Z',
  budgetAmount: 100,
  budgetAmountType: 'SPECIFIED_AMOUNT',
  currencyCode: 'EUR',
};
const Vectors = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      payload: z.record(z.string(), z.unknown()),
      cloudEvent: z.looseObject({ data: z.unknown() }),
    }),
  ),
});
const vectors = Vectors.parse(
  JSON.parse(readFileSync('test/fixtures/gcp-vectors/budget-notifications.json', 'utf8')),
).cases;

function open(budgetName = 'srs-live-dev-budget') {
  const store = memoryBudgetStore();
  const streamStore = memoryStreamStore();
  const bus = memoryEventBus();
  const clock = virtualClock(START);
  const log = keptLog();
  const deps = {
    store,
    streamStore,
    bus,
    clock,
    log,
    rules: RULES,
    budgetName,
    randomId: (length: number) => 'r'.repeat(length),
  };
  const handler = budgetGuardHandler(deps);
  const say = (more: object = {}, attributes: Record<string, string> = ATTRIBUTES) =>
    handler(pushRequest('/budget', { ...MESSAGE, ...more }, { attributes }));
  const stage = async () => (await store.read())?.stage;
  return { ...deps, handler, say, stage };
}

describe('budget-guard', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))(
    'takes what Cloud Billing sends: %s',
    async (_, vector) => {
      const { handler, store } = open(String(vector.payload.budgetDisplayName));
      const structured = postRequest('/budget', JSON.stringify(vector.cloudEvent), {
        'content-type': 'application/cloudevents+json',
      });
      const binary = postRequest('/budget', JSON.stringify(vector.cloudEvent.data), {
        'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
      });
      expect([(await handler(structured)).status, (await handler(binary)).status]).toEqual([204, 204]);
      const { costAmount, budgetAmount, currencyCode } = vector.payload;
      expect(await store.read()).toMatchObject({ spending: { costAmount, budgetAmount, currencyCode } });
    },
  );

  it('reaches the stage the rules ask for, tells it, and records it', async () => {
    const { say, store, bus } = open();
    expect((await say()).status).toBe(204);
    expect(await store.read()).toMatchObject({
      stage: 'refuse_publishers',
      history: [{ before: 'none', cause: 'message' }],
    });
    expect(bus.events).toMatchObject([
      { type: 'budget.stage', data: { stage: 'refuse_publishers', costAmount: 95.5 } },
    ]);
  });

  it('comes to the same with messages doubled and out of order', async () => {
    const { say, stage, bus } = open();
    for (const costAmount of [60, 120, 60, 95, 120, 10]) await say({ costAmount });
    expect(await stage()).toBe('stop');
    expect(bus.events).toHaveLength(2);
  });

  it('takes a stage back with the next interval', async () => {
    const { say, stage } = open();
    await say({ costAmount: 130 });
    await say({ costAmount: 0.2, costIntervalStart: '2026-11-20T08:00:00Z' });
    expect(await stage()).toBe('none');
  });

  it('leaves the messages of other budgets alone', async () => {
    const { say, stage, log } = open();
    expect((await say({ budgetDisplayName: 'somebody else' })).status).toBe(204);
    expect(await stage()).toBeUndefined();
    expect(log.lines).toMatchObject([{ event: 'budget_ignored' }]);
  });

  it('asks for the message again while a change cannot be told', async () => {
    const world = open();
    const away = { publish: () => Promise.reject(Object.assign(new Error('away'), { code: 503 })) };
    const handler = budgetGuardHandler({ ...world, bus: away });
    expect((await handler(pushRequest('/budget', MESSAGE, { attributes: ATTRIBUTES }))).status).toBe(503);
    await world.say();
    expect(world.bus.events).toHaveLength(1);
  });

  describe('fed with what it does not expect', () => {
    it.each([
      ['a cost that is text', { costAmount: '95' }, /^costAmount: /],
      ['no cost', { costAmount: undefined }, /^costAmount: /],
      ['a budget of nothing', { budgetAmount: 0 }, /^budgetAmount: /],
      ['an unknown field', { surprise: 1 }, /surprise/],
      ['an interval that is none', { costIntervalStart: 'May' }, /^costIntervalStart: /],
      ['an interval of the future', { costIntervalStart: '2999-01-01T00:00:00Z' }, /^costIntervalStart: got '2999/],
      ['a currency that is none', { currencyCode: 'euro' }, /^currencyCode: use an ISO/],
      ['no name', { budgetDisplayName: '' }, /^budgetDisplayName: /],
    ])('refuses %s, naming it, and changes nothing', async (_, more, names) => {
      const { say, stage } = open();
      const answer = await say(more);
      expect([answer.status, (await answer.json()).detail]).toEqual([400, expect.stringMatching(names)]);
      expect(await stage()).toBeUndefined();
    });

    it.each([
      ['of another schema', { ...ATTRIBUTES, schemaVersion: '2.0' }, /^schemaVersion: /],
      ['without a budget', { billingAccountId: 'x', schemaVersion: '1.0' }, /^budgetId: /],
    ])('refuses a message %s', async (_, attributes, names) => {
      const answer = await open().say({}, attributes);
      expect([answer.status, (await answer.json()).detail]).toEqual([400, expect.stringMatching(names)]);
    });

    it('never answers 500, whatever comes', async () => {
      const { handler } = open();
      const field = fc.tuple(fc.constantFrom(...Object.keys(MESSAGE)), fc.jsonValue());
      const data = fc.oneof(
        fc.json(),
        fc.string(),
        field.map(([key, value]) => JSON.stringify({ ...MESSAGE, [key]: value })),
      );
      const attributes = fc.oneof(fc.constant(ATTRIBUTES), fc.dictionary(fc.string(), fc.string()));
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('/budget', '/runaway'),
          data,
          attributes,
          fc.boolean(),
          async (to, text, beside, wrapped) => {
            const request = wrapped ? pushRequest(to, text, { attributes: beside }) : postRequest(to, text);
            expect((await handler(request)).status).toBeLessThan(500);
          },
        ),
        { numRuns: 300 },
      );
    });
  });

  describe('told of a stream whose events run away', () => {
    const notice = { streamId: STREAM_ID, events: 500, since: new Date(START - 30_000).toISOString() };
    const live = async () => {
      const world = open();
      const session = sessionOf(1, { startedAt: START });
      await world.streamStore.createStream(publishedStream({ startedAt: START }));
      await world.streamStore.changeNode('node-1', () => ({
        node: nodeOf({ heartbeatAt: START, sessions: [reported(session)] }),
        result: 0,
      }));
      return {
        ...world,
        report: (more: object = {}) => world.handler(pushRequest('/runaway', { ...notice, ...more })),
      };
    };

    it('suspends it, ends its publisher and says so', async () => {
      const { report, streamStore, bus, log } = await live();
      expect((await report()).status).toBe(204);
      const stream = await streamStore.getStream(STREAM_ID);
      expect(stream).toMatchObject({
        suspended: { at: START, reason: 'runaway: 500 events within a minute' },
        pendingEvents: [],
      });
      expect(stream?.session?.endReason).toBe('suspended');
      expect((await streamStore.getNode('node-1'))?.kicks).toMatchObject([{ streamId: STREAM_ID }]);
      expect(bus.events).toMatchObject([{ type: 'stream.suspended', data: { cause: 'runaway' } }]);
      expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error', event: 'runaway_stream_suspended' }));
    });

    it('does so once', async () => {
      const { report, bus } = await live();
      await report();
      expect((await report()).status).toBe(204);
      expect(bus.events).toHaveLength(1);
    });

    it('does not undo what an operator did since', async () => {
      const { report, streamStore } = await live();
      await report();
      await streamStore.changeStream(STREAM_ID, (stream) => ({
        ...resumeStream(stream ?? streamOf(), START),
        result: 0,
      }));
      await report({ since: new Date(START - 11 * 60_000).toISOString() });
      expect((await streamStore.getStream(STREAM_ID))?.suspended).toBeUndefined();
    });

    it('takes a notice of a stream that is gone', async () => {
      const { report, streamStore } = await live();
      await streamStore.deleteStream(STREAM_ID);
      expect((await report()).status).toBe(204);
    });

    it.each([
      ['no stream', { streamId: 'x' }, /^streamId: /],
      ['no events', { events: 0 }, /^events: /],
      ['no time', { since: 'now' }, /^since: /],
    ])('refuses a notice of %s', async (_, more, names) => {
      const answer = await (await live()).report(more);
      expect([answer.status, (await answer.json()).detail]).toEqual([400, expect.stringMatching(names)]);
    });
  });
});
