import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect } from 'node:net';
import type { PubSub } from '@google-cloud/pubsub';
import { pubsubServer } from '../../../../scripts/emulators/pubsub';
import { type EventFaults, NO_EVENT_FAULTS } from '../../../../scripts/emulators/server/event-faults';
import { close, listen } from '../../../../scripts/emulators/server/listen';
import { pubsubClient } from '../../../support/google/pubsub-client';

const TOPIC = 'projects/test-project/topics/events';
const SUBSCRIPTION = 'projects/test-project/subscriptions/pulled';

const faults: EventFaults = { ...NO_EVENT_FAULTS };
const pushed: { headers: IncomingHttpHeaders; text: string }[] = [];
let arrived: () => void = () => undefined;
const receiver: Server = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  pushed.push({ headers: request.headers, text });
  response.writeHead(204).end();
  arrived();
});

let server: ReturnType<typeof pubsubServer>;
let client: PubSub;
let url: URL;

beforeAll(async () => {
  const endpoint = `http://127.0.0.1:${await listen(receiver, 0, 'receiver')}`;
  const account = 'push@test-project.iam.gserviceaccount.com';
  server = pubsubServer({
    port: 0,
    topics: [TOPIC],
    subscriptions: [
      { name: SUBSCRIPTION, topic: TOPIC, enableMessageOrdering: true },
      {
        name: 'projects/test-project/subscriptions/pushed',
        topic: TOPIC,
        filter: 'attributes:push',
        pushConfig: { pushEndpoint: `${endpoint}/events`, oidcToken: { serviceAccountEmail: account } },
      },
    ],
    idToken: async ({ email, audience }) => `token of ${email} for ${audience}`,
    faults,
  });
  url = await server.start();
  client = pubsubClient(url.host);
});
afterEach(() => {
  Object.assign(faults, NO_EVENT_FAULTS);
});
afterAll(async () => {
  await client.close();
  await server.stop();
  await close(receiver);
});

const post = (path: string, body: unknown) =>
  fetch(new URL(path, url), { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
const base64 = (text: string) => Buffer.from(text).toString('base64');

async function pulled(count: number): Promise<string[]> {
  const subscription = client.subscription('pulled');
  const texts: string[] = [];
  await new Promise<void>((resolve) =>
    subscription.on('message', (message) => {
      texts.push(String(message.data));
      message.ack();
      if (texts.length === count) resolve();
    }),
  );
  await subscription.close();
  return texts;
}

describe('the Pub/Sub server', () => {
  it('takes a publish over REST on the port of gRPC, and delivers it by gRPC', async () => {
    const answer = await post(`/v1/${TOPIC}:publish`, {
      messages: [{ data: base64('by REST'), attributes: { k: 'v' } }],
    });
    expect([answer.status, await answer.json()]).toEqual([200, { messageIds: [expect.stringMatching(/^\d+$/)] }]);
    expect(await pulled(1)).toEqual(['by REST']);
  });

  it.each([
    [
      'a topic that is not there',
      '/v1/projects/test-project/topics/other:publish',
      { messages: [{ data: 'eA==' }] },
      404,
    ],
    ['no message', `/v1/${TOPIC}:publish`, { messages: [] }, 400],
    ['an empty message', `/v1/${TOPIC}:publish`, { messages: [{}] }, 400],
    ['data that is not base64', `/v1/${TOPIC}:publish`, { messages: [{ data: '?' }] }, 400],
    ['no JSON', `/v1/${TOPIC}:publish`, '{', 400],
    ['what only gRPC has', `/v1/${TOPIC}`, {}, 501],
  ])('refuses %s as Google words it', async (_, path, body, status) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      error: { code: status, message: expect.any(String), status: expect.any(String) },
    });
  });

  it('pushes with an ID token of the account that the subscription names, for its endpoint', async () => {
    const push = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await client.topic('events').publishMessage({ data: Buffer.from('1'), attributes: { push: '1' } });
    await push;
    const [{ headers, text } = { headers: {}, text: '{}' }] = pushed;
    expect(headers.authorization).toMatch(/^Bearer token of push@.* for http:\/\/127\.0\.0\.1:\d+\/events$/);
    expect(JSON.parse(text)).toMatchObject({ message: { data: base64('1') } });
    expect(await pulled(1)).toEqual(['1']);
  });

  it('doubles, and delays so that others overtake, as its faults want', async () => {
    Object.assign(faults, { duplicateRate: 1 });
    await client.topic('events').publishMessage({ data: Buffer.from('twice') });
    expect(await pulled(2)).toEqual(['twice', 'twice']);
    Object.assign(faults, { duplicateRate: 0, reorderRate: 1, reorderMs: 100 });
    await client.topic('events').publishMessage({ data: Buffer.from('held') });
    Object.assign(faults, NO_EVENT_FAULTS);
    await client.topic('events').publishMessage({ data: Buffer.from('next') });
    expect(await pulled(2)).toEqual(['next', 'held']);
  });

  it('keeps what it holds when it is stopped and started', async () => {
    await client.topic('events').publishMessage({ data: Buffer.from('kept') });
    await server.stop();
    await expect(fetch(url)).rejects.toThrow();
    expect((await server.start()).host).toBe(url.host);
    expect(server.backlogOf(SUBSCRIPTION)).toBe(1);
    expect(await pulled(1)).toEqual(['kept']);
  });

  it('drops a connection that says something else, and goes on', async () => {
    const socket = connect(Number(url.port), '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket
      .on('error', () => undefined)
      .resume()
      .end('\x16\x03\x01 nonsense\r\n\r\n');
    await closed;
    expect((await post(`/v1/${TOPIC}`, {})).status).toBe(501);
  });

  it('says which port it cannot have', async () => {
    const second = pubsubServer({ port: Number(url.port) });
    await expect(second.start()).rejects.toThrow(`port ${url.port} (pubsub) is taken`);
  });
});
