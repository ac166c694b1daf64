import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Message, PubSub, Subscription, Topic } from '@google-cloud/pubsub';
import { z } from 'zod';
import { close, listen } from '../../scripts/emulators/server/listen';
import { unlessItDeviates } from '../support/platform/real-part';

/** Known differences of a server from the service; the tests of them are skipped by name. */
export interface Deviations {
  /** Filters are kept, and neither checked nor applied. */
  ignoresFilters?: boolean;
  /** A dead-letter policy may ask for fewer than 5 deliveries. */
  takesAnyAttempts?: boolean;
  /** A refused message of a key comes alone, without those behind it. */
  redeliversAlone?: boolean;
}

const NOT_FOUND = { code: 5 };
const ALREADY_EXISTS = { code: 6 };
const INVALID_ARGUMENT = { code: 3 };
const ACKED = (message: Message) => message.ack();

/** Tests a Pub/Sub through the real client: run for the local server and for Google's emulator. */
export function pubsubClientSuite(name: string, open: () => PubSub, deviations: Deviations = {}): void {
  let pubsub: PubSub;
  let tests = 0;
  let subscriptions: Subscription[] = [];
  const id = (suffix = '') => `test-${tests}${suffix}`;

  beforeAll(() => {
    pubsub = open();
  });
  beforeEach(() => {
    tests += 1;
  });
  afterEach(async () => {
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
    subscriptions = [];
  });

  const newTopic = async (suffix = ''): Promise<Topic> => (await pubsub.createTopic(id(suffix)))[0];
  const newSubscription = async (topic: Topic, suffix: string, options = {}): Promise<Subscription> => {
    const [subscription] = await topic.createSubscription(id(suffix), options);
    subscriptions.push(subscription);
    return subscription;
  };
  const publish = (
    topic: Topic,
    text: string,
    more: { attributes?: Record<string, string>; orderingKey?: string } = {},
  ) => topic.publishMessage({ data: Buffer.from(text), ...more });

  describe(`Pub/Sub: ${name}`, () => {
    describe('topics and subscriptions', () => {
      it('creates a topic once, knows it, and refuses it a second time', async () => {
        await newTopic();
        expect(await pubsub.topic(id()).exists()).toEqual([true]);
        expect(await pubsub.topic('nobody-made-this').exists()).toEqual([false]);
        await expect(pubsub.createTopic(id())).rejects.toMatchObject(ALREADY_EXISTS);
      });

      it('lists topics, subscriptions, and those of a topic', async () => {
        const topic = await newTopic();
        await newSubscription(topic, '-a');
        const names = (found: { name: string }[]) => found.map((each) => each.name.split('/').at(-1));
        expect(names((await pubsub.getTopics())[0])).toContain(id());
        expect(names((await pubsub.getSubscriptions())[0])).toContain(id('-a'));
        expect(names((await topic.getSubscriptions())[0])).toEqual([id('-a')]);
      });

      it('reads settings back and changes those that may be changed', async () => {
        const subscription = await newSubscription(await newTopic(), '-a', { ackDeadlineSeconds: 20 });
        expect((await subscription.getMetadata())[0]).toMatchObject({ ackDeadlineSeconds: 20 });
        await subscription.setMetadata({ ackDeadlineSeconds: 30 });
        expect((await subscription.getMetadata())[0]).toMatchObject({ ackDeadlineSeconds: 30 });
      });

      it('keeps the default week of messages', async () => {
        const subscription = await newSubscription(await newTopic(), '-a');
        const [{ messageRetentionDuration, ackDeadlineSeconds }] = await subscription.getMetadata();
        expect(Number(z.object({ seconds: z.coerce.string() }).parse(messageRetentionDuration).seconds)).toBe(604_800);
        expect(ackDeadlineSeconds).toBe(10);
      });

      it.each([
        ['a topic', () => pubsub.topic('not-there').publishMessage({ data: Buffer.from('x') })],
        ['the topic of a subscription', () => pubsub.topic('not-there').createSubscription(id('-a'))],
        ['a subscription', () => pubsub.subscription('not-there').getMetadata()],
        ['a topic to delete', () => pubsub.topic('not-there').delete()],
        ['a subscription to delete', () => pubsub.subscription('not-there').delete()],
      ])('says that %s is not there', async (_, ask) => {
        await expect(ask()).rejects.toMatchObject(NOT_FOUND);
      });

      it('forgets what was deleted', async () => {
        const topic = await newTopic();
        const subscription = await newSubscription(topic, '-a');
        await topic.delete();
        expect((await subscription.getMetadata())[0].topic).toBe('_deleted-topic_');
        await subscription.delete();
        expect(await subscription.exists()).toEqual([false]);
      });

      const refuses = async (options: object) => {
        const topic = await newTopic();
        await expect(topic.createSubscription(id('-a'), options)).rejects.toMatchObject(INVALID_ARGUMENT);
      };

      it.each([
        ['a deadline', { ackDeadlineSeconds: 601 }],
        ['a retention', { messageRetentionDuration: { seconds: 599 } }],
        ['a longest retention', { messageRetentionDuration: { seconds: 31 * 86_400 + 1 } }],
        ['a backoff', { retryPolicy: { minimumBackoff: { seconds: 20 }, maximumBackoff: { seconds: 10 } } }],
      ])('refuses %s out of bounds', (_, options) => refuses(options));

      unlessItDeviates(deviations, 'ignoresFilters', () => {
        it('refuses a filter that means nothing', () => refuses({ filter: 'attributes.type ~ "a"' }));
      });

      unlessItDeviates(deviations, 'takesAnyAttempts', () => {
        it('refuses to give up after fewer than 5 deliveries', () =>
          refuses({
            deadLetterPolicy: { deadLetterTopic: 'projects/test-project/topics/dead', maxDeliveryAttempts: 4 },
          }));
      });

      it('refuses a message with neither data nor attributes', async () => {
        const topic = await newTopic();
        await expect(topic.publishMessage({ data: Buffer.alloc(0) })).rejects.toMatchObject(INVALID_ARGUMENT);
      });
    });

    describe('delivery', () => {
      it('hands over data, attributes, id and time', async () => {
        const topic = await newTopic();
        const received = messages(await newSubscription(topic, '-a'), 1);
        const messageId = await topic.publishMessage({ json: { a: 1 }, attributes: { k: 'v' } });
        const [message] = await received;
        expect(message).toMatchObject({ id: messageId, attributes: { k: 'v' } });
        expect(JSON.parse(String(message?.data))).toEqual({ a: 1 });
        expect(Math.abs(Number(message?.publishTime) - Date.now())).toBeLessThan(60_000);
      });

      it('delivers what was published before anybody listened, and to every subscription', async () => {
        const topic = await newTopic();
        const both = [await newSubscription(topic, '-a'), await newSubscription(topic, '-b')];
        await publish(topic, 'early');
        for (const subscription of both) expect(textsOf(await messages(subscription, 1))).toEqual(['early']);
      });

      it('delivers nothing from before a subscription was made', async () => {
        const topic = await newTopic();
        await newSubscription(topic, '-a');
        await publish(topic, 'before');
        const late = await newSubscription(topic, '-b');
        await publish(topic, 'after');
        expect(textsOf(await messages(late, 1))).toEqual(['after']);
      });

      it('delivers 200 published at once, each of them', async () => {
        const topic = await newTopic();
        const received = messages(await newSubscription(topic, '-a'), 200);
        await Promise.all(Array.from({ length: 200 }, (_, index) => publish(topic, `${index}`)));
        expect(new Set(textsOf(await received)).size).toBe(200);
      });

      it('delivers again what was refused', async () => {
        const topic = await newTopic();
        const seen: string[] = [];
        const received = messages(await newSubscription(topic, '-a'), 2, (message) => {
          seen.push(message.id);
          return seen.length === 1 ? message.nack() : message.ack();
        });
        await publish(topic, 'again');
        expect(textsOf(await received)).toEqual(['again', 'again']);
        expect(new Set(seen).size).toBe(1);
      });

      it('hands over no more than a subscriber takes at a time', async () => {
        const topic = await newTopic();
        await newSubscription(topic, '-a');
        const subscription = pubsub.subscription(id('-a'), {
          flowControl: { maxMessages: 2, allowExcessMessages: false },
        });
        subscriptions.push(subscription);
        let held = 0;
        let most = 0;
        const received = messages(subscription, 10, (message) => {
          held += 1;
          most = Math.max(most, held);
          setTimeout(() => {
            held -= 1;
            message.ack();
          }, 5);
        });
        await Promise.all(Array.from({ length: 10 }, (_, index) => publish(topic, `${index}`)));
        expect(new Set(textsOf(await received)).size).toBe(10);
        expect(most).toBeLessThanOrEqual(2);
      });
    });

    describe('order', () => {
      it('keeps that of messages with the same key', async () => {
        const topic = await newTopic();
        const subscription = await newSubscription(topic, '-a', { enableMessageOrdering: true });
        const ordered = pubsub.topic(id(), { messageOrdering: true });
        const received = messages(subscription, 40);
        for (let index = 0; index < 20; index++)
          for (const orderingKey of ['x', 'y']) void publish(ordered, `${orderingKey}${index}`, { orderingKey });
        const texts = textsOf(await received);
        for (const key of ['x', 'y']) {
          const wanted = Array.from({ length: 20 }, (_, index) => `${key}${index}`);
          expect(texts.filter((text) => text.startsWith(key))).toEqual(wanted);
        }
      });

      unlessItDeviates(deviations, 'redeliversAlone', () => {
        it('brings a refused message again, and those behind it after it', async () => {
          const topic = await newTopic();
          const subscription = await newSubscription(topic, '-a', { enableMessageOrdering: true });
          const ordered = pubsub.topic(id(), { messageOrdering: true });
          await Promise.all(['1', '2', '3'].map((text) => publish(ordered, text, { orderingKey: 'k' })));
          let refused = false;
          const taken: string[] = [];
          await new Promise<void>((resolve) =>
            subscription.on('message', (message) => {
              if (!refused) {
                refused = true;
                return message.nack();
              }
              taken.push(String(message.data));
              message.ack();
              if (taken.includes('1') && taken.at(-1) === '3') resolve();
            }),
          );
          expect(taken.slice(-3)).toEqual(['1', '2', '3']);
        });
      });
    });

    describe('filters', () => {
      const published = [
        { type: 'a', id: 'x1' },
        { type: 'b', id: 'x2' },
        { type: 'c', id: 'y3', extra: '1' },
      ];
      unlessItDeviates(deviations, 'ignoresFilters', () => {
        it.each([
          ['attributes.type = "b"', ['x2']],
          ['attributes.type != "b"', ['x1', 'y3']],
          ['attributes:extra', ['y3']],
          ['NOT attributes:extra', ['x1', 'x2']],
          ['hasPrefix(attributes.id, "x") AND NOT attributes.type = "a"', ['x2']],
          ['attributes.type = "a" OR (attributes.type = "c" AND attributes.extra = "1")', ['x1', 'y3']],
        ])('%s', async (filter, wanted) => {
          const topic = await newTopic();
          const received = messages(await newSubscription(topic, '-a', { filter }), wanted.length);
          for (const attributes of published) await topic.publishMessage({ attributes });
          expect((await received).map(({ attributes }) => attributes.id).sort()).toEqual(wanted);
        });
      });
    });

    describe('push', () => {
      let receiver: Receiver;
      beforeEach(async () => {
        receiver = await startReceiver();
      });
      afterEach(() => receiver.stop());

      it('posts a message wrapped, and takes 2xx for an acknowledgement', async () => {
        const topic = await newTopic();
        await newSubscription(topic, '-a', { pushEndpoint: `${receiver.url}/path?x=1` });
        const messageId = await publish(topic, 'pushed', { attributes: { k: 'v' } });
        const { path, contentType, body } = await receiver.next();
        expect(path).toBe('/path?x=1');
        expect(contentType).toBe('application/json');
        expect(body).toMatchObject({ subscription: expect.stringMatching(new RegExp(`/subscriptions/${id('-a')}$`)) });
        expect(body.message).toMatchObject({ messageId, message_id: messageId, attributes: { k: 'v' } });
        expect(Buffer.from(body.message.data ?? '', 'base64').toString()).toBe('pushed');
        expect(Date.parse(body.message.publishTime ?? '')).not.toBeNaN();
      });

      it('posts again what was not answered with 2xx', async () => {
        const topic = await newTopic();
        receiver.answers.push(500, 429, 204);
        await newSubscription(topic, '-a', { pushEndpoint: `${receiver.url}/` });
        await publish(topic, 'again');
        const ids = [await receiver.next(), await receiver.next(), await receiver.next()].map(
          ({ body }) => body.message.messageId,
        );
        expect(new Set(ids).size).toBe(1);
      });

      it('posts those of one key one after the other', async () => {
        const topic = await newTopic();
        receiver.holdMs = 20;
        await newSubscription(topic, '-a', { pushEndpoint: `${receiver.url}/`, enableMessageOrdering: true });
        const ordered = pubsub.topic(id(), { messageOrdering: true });
        for (let index = 0; index < 5; index++) void publish(ordered, `${index}`, { orderingKey: 'k' });
        const texts: string[] = [];
        while (texts.length < 5)
          texts.push(Buffer.from((await receiver.next()).body.message.data ?? '', 'base64').toString());
        expect(texts).toEqual(['0', '1', '2', '3', '4']);
        expect(receiver.most).toBe(1);
      });

      it('goes on by pulling once the endpoint is taken away', async () => {
        const topic = await newTopic();
        receiver.answers.push(...Array.from({ length: 50 }, () => 500));
        const subscription = await newSubscription(topic, '-a', { pushEndpoint: `${receiver.url}/` });
        await publish(topic, 'kept');
        await receiver.next();
        await subscription.modifyPushConfig({ pushEndpoint: '' });
        expect(textsOf(await messages(subscription, 1))).toEqual(['kept']);
      });
    });

    describe('dead letters', () => {
      it('gives a message up to the dead-letter topic after so many deliveries', async () => {
        const topic = await newTopic();
        const dead = await newTopic('-dead');
        const graves = await newSubscription(dead, '-graves');
        const policy = { deadLetterTopic: dead.name, maxDeliveryAttempts: 5 };
        const subscription = await newSubscription(topic, '-a', { deadLetterPolicy: policy });
        const attempts: number[] = [];
        subscription.on('message', (message) => {
          attempts.push(message.deliveryAttempt);
          message.nack();
        });
        const buried = messages(graves, 1);
        await publish(topic, 'poison', { attributes: { k: 'v' } });
        const [message] = await buried;
        expect(textsOf([message])).toEqual(['poison']);
        expect(message?.attributes.k).toBe('v');
        expect(attempts).toEqual([1, 2, 3, 4, 5]);
      });

      it('says where it came from', async () => {
        const topic = await newTopic();
        const dead = await newTopic('-dead');
        const graves = await newSubscription(dead, '-graves');
        const policy = { deadLetterTopic: dead.name, maxDeliveryAttempts: 5 };
        const subscription = await newSubscription(topic, '-a', { deadLetterPolicy: policy });
        subscription.on('message', (message) => message.nack());
        await publish(topic, 'poison');
        const [message] = await messages(graves, 1);
        expect(message?.attributes).toMatchObject({
          CloudPubSubDeadLetterSourceDeliveryCount: '5',
          CloudPubSubDeadLetterSourceSubscription: id('-a'),
        });
      });
    });
  });
}

/** The first `count` messages, each handled as it comes. Rejects with what came instead. */
function messages(
  subscription: Subscription,
  count: number,
  handle: (message: Message) => void = ACKED,
): Promise<Message[]> {
  return new Promise((resolve, reject) => {
    const received: Message[] = [];
    subscription.on('error', reject);
    subscription.on('message', (message) => {
      if (received.length < count) received.push(message);
      handle(message);
      if (received.length === count) resolve(received);
    });
  });
}

const textsOf = (received: readonly (Message | undefined)[]): string[] =>
  received.map((message) => String(message?.data));

const PushBody = z.object({
  subscription: z.string(),
  message: z.object({
    data: z.string().optional(),
    attributes: z.record(z.string(), z.string()).optional(),
    messageId: z.string(),
    message_id: z.string().optional(),
    publishTime: z.string().optional(),
  }),
});
interface Push {
  path: string;
  contentType: string | undefined;
  body: z.infer<typeof PushBody>;
}
interface Receiver {
  url: string;
  /** Statuses of the next answers; 204 after that. */
  answers: number[];
  holdMs: number;
  /** Requests under way at a time, at most. */
  most: number;
  next(): Promise<Push>;
  stop(): Promise<void>;
}

async function startReceiver(): Promise<Receiver> {
  const waiting: ((push: Push) => void)[] = [];
  const arrived: Push[] = [];
  let underWay = 0;
  const server: Server = createServer(async (request, response) => {
    underWay += 1;
    receiver.most = Math.max(receiver.most, underWay);
    const push = await readPush(request);
    const taker = waiting.shift();
    if (taker) taker(push);
    else arrived.push(push);
    await new Promise((resolve) => setTimeout(resolve, receiver.holdMs));
    underWay -= 1;
    response.writeHead(receiver.answers.shift() ?? 204).end();
  });
  const receiver: Receiver = {
    url: `http://127.0.0.1:${await listen(server, 0, 'receiver')}`,
    answers: [],
    holdMs: 0,
    most: 0,
    next: () => {
      const push = arrived.shift();
      return push ? Promise.resolve(push) : new Promise((resolve) => waiting.push(resolve));
    },
    stop: () => close(server),
  };
  return receiver;
}

async function readPush(request: IncomingMessage): Promise<Push> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { url: path = '', headers } = request;
  return { path, contentType: headers['content-type'], body: PushBody.parse(JSON.parse(text)) };
}
