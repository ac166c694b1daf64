import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { PlatformEvent } from '../../functions/contract/events';
import { close, listen } from '../../scripts/emulators/server/listen';
import { publish as encode } from '../support/platform/encoder';
import { callApi, createStream, eventually, get, statusOf } from '../support/platform/viewer';
import { evidence } from '../support/secrets/evidence';
import { metricsOf, type ScannedPlatform, seeObjects, startScanned } from '../support/secrets/scanned-platform';

/** Events on the platform, as a customer's server and the people who pay receive them. */
let platform: ScannedPlatform;

beforeAll(async () => {
  platform = await startScanned(['--no-demo']);
}, 90_000);
afterAll(async () => {
  expect(await platform?.end('SIGTERM')).toBe(0);
});

interface Receiver {
  id: string;
  /** Verified with the webhook's own secret. */
  events: PlatformEvent[];
  requests: number;
  stop(): Promise<void>;
}
const servers: Server[] = [];
afterAll(() => Promise.all(servers.map(close)));

const Created = z.object({ id: z.string(), secret: z.string() });

/** A customer's server, registered for all events; `answer` gives the status of each request, or never answers. */
async function receiver(answer: (request: number) => number | undefined): Promise<Receiver> {
  let secret = '';
  const found: Receiver = { id: '', events: [], requests: 0, stop: () => close(server) };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    found.requests += 1;
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    found.events.push(PlatformEvent.parse(new Webhook(secret).verify(text, headers)));
    const status = answer(found.requests);
    if (status !== undefined) response.writeHead(status).end();
  });
  servers.push(server);
  const url = `http://127.0.0.1:${await listen(server, 0, 'receiver')}/hook`;
  const made = await callApi(platform, '/webhooks', { method: 'POST', body: JSON.stringify({ url }) });
  expect(made.status).toBe(201);
  const created = Created.parse(await made.json());
  secret = created.secret;
  return Object.assign(found, { id: created.id });
}

const typesOf = (events: readonly PlatformEvent[], streamId: string): string[] =>
  events.flatMap((event) => ('streamId' in event && event.streamId === streamId ? [event.type] : []));

const Deliveries = z.object({
  deliveries: z.array(z.object({ eventId: z.string(), state: z.string(), attempts: z.array(z.looseObject({})) })),
});
const deliveriesOf = async ({ id }: Receiver) =>
  Deliveries.parse(await (await callApi(platform, `/webhooks/${id}/deliveries`)).json()).deliveries;

describe('webhooks', () => {
  it('a receiver gets the signed events of a stream while another one hangs, also a second time', async () => {
    const quick = await receiver(() => 204);
    const stuck = await receiver(() => undefined);
    const { id } = await createStream(platform, { title: 'told' });
    await eventually('the event at the quick receiver', 15, async () =>
      typesOf(quick.events, id).includes('stream.created'),
    );
    await eventually('the request at the one that hangs', 15, async () => stuck.requests > 0);
    const [delivery] = await eventually('the log', 10, async () => {
      const found = await deliveriesOf(quick);
      return found[0]?.state === 'delivered' && found;
    });
    expect(delivery?.attempts).toHaveLength(1);
    const resend = `/webhooks/${quick.id}/deliveries/${delivery?.eventId}/resend`;
    expect((await callApi(platform, resend, { method: 'POST' })).status).toBeLessThan(300);
    await eventually('the event again', 15, async () => typesOf(quick.events, id).length === 2);
    expect(new Set(quick.events.map((event) => event.id)).size).toBe(1);
    const held = await eventually('the attempt that failed', 20, async () => {
      const found = await deliveriesOf(stuck);
      return found[0]?.attempts.length === 1 && found[0];
    });
    expect(held).toMatchObject({ state: 'pending', attempts: [{ failure: 'timeout' }] });
  }, 60_000);

  it('hear a publisher come, go and come back, in order, each once', async () => {
    const heard = await receiver(() => 204);
    const stream = await createStream(platform, { title: 'comes and goes' });
    const url = `${stream.ingest.rtmp.server}/${stream.ingest.rtmp.streamKey}`;
    for (const _ of [1, 2]) {
      const encoder = encode(url);
      await eventually('the stream live', 30, async () => (await statusOf(platform, stream.id)) === 'live');
      await encoder.stop();
      await eventually(
        'the stream reconnecting',
        30,
        async () => (await statusOf(platform, stream.id)) === 'reconnecting',
      );
    }
    await callApi(platform, `/streams/${stream.id}/stop`, { method: 'POST' });
    await eventually('its end', 20, async () => typesOf(heard.events, stream.id).includes('stream.ended'));
    expect(typesOf(heard.events, stream.id)).toEqual([
      'stream.created',
      ...['stream.live', 'stream.reconnecting', 'stream.live', 'stream.reconnecting'],
      'stream.ended',
    ]);
    expect(JSON.stringify(heard.events)).not.toMatch(/sk_/);
  }, 120_000);

  it('lead nowhere but to the public internet', async () => {
    for (const url of [
      'http://169.254.169.254/',
      'https://10.0.0.1/',
      'https://metadata.google.internal/',
      'http://example.com/',
    ]) {
      const refused = await callApi(platform, '/webhooks', { method: 'POST', body: JSON.stringify({ url }) });
      expect([url, refused.status]).toEqual([url, 422]);
    }
  });
});

/** Publishes a message as Google's own services would. */
async function publish(topic: string, data: unknown, attributes: Record<string, string> = {}): Promise<void> {
  const messages = [{ data: Buffer.from(JSON.stringify(data)).toString('base64'), attributes }];
  const topics = `http://127.0.0.1:${platform.ports.pubsub}/v1/projects/srs-live-dev/topics`;
  const sent = await fetch(`${topics}/srs-live-dev-${topic}:publish`, {
    method: 'POST',
    body: JSON.stringify({ messages }),
  });
  expect(sent.status).toBe(200);
}

describe('the budget', () => {
  const say = async (costAmount: number, costIntervalStart: string) => {
    const data = {
      budgetDisplayName: 'srs-live-dev-budget',
      costAmount,
      costIntervalStart,
      budgetAmount: 100,
      budgetAmountType: 'SPECIFIED_AMOUNT',
      currencyCode: 'EUR',
    };
    const attributes = { billingAccountId: '01D4EE-079462-DFD6EC', budgetId: 'b', schemaVersion: '1.0' };
    await publish('budget', data, attributes);
  };
  const stage = async () =>
    z.object({ stage: z.string() }).parse(await (await callApi(platform, '/budget')).json()).stage;

  it('stops what is too dear, tells so, and lets go with the next month', async () => {
    const finance = await receiver(() => 204);
    await say(900, '2026-10-01T00:00:00Z');
    await say(900, '2026-10-01T00:00:00Z');
    await eventually('the last stage', 15, async () => (await stage()) === 'stop');
    await eventually('the event of it', 15, async () => finance.events.some(({ type }) => type === 'budget.stage'));
    await say(1, '2026-11-01T00:00:00Z');
    await eventually('no stage', 15, async () => (await stage()) === 'none');
    await say(950, '2026-10-01T00:00:00Z');
    await eventually(
      'both events',
      15,
      async () => finance.events.filter(({ type }) => type === 'budget.stage').length === 2,
    );
    expect(await stage()).toBe('none');
  }, 60_000);

  it('has a stream suspended whose events run away', async () => {
    const { id } = await createStream(platform, { title: 'runs away' });
    await publish('runaway-streams', { streamId: id, events: 5000, since: new Date().toISOString() });
    const suspended = await eventually('the suspension', 15, async () => {
      const stream = z.object({ suspended: z.object({ reason: z.string() }).optional() });
      return stream.parse(await (await callApi(platform, `/streams/${id}`)).json()).suspended;
    });
    expect(suspended.reason).toContain('5000 events');
  }, 30_000);
});

describe('the secret scanner', () => {
  /** No real secret: it may stand there. */
  const PLANTED = `planted-${randomUUID()}`;

  it('finds what is planted, in each place it looks at', async () => {
    const { id } = await createStream(platform, { title: PLANTED });
    await eventually('the event and its delivery', 20, async () =>
      ['event', 'webhook'].every((place) => evidence.placesOf(PLANTED).some((found) => found === place)),
    );
    await fetch(`${platform.api}/open/p/${id}/index.m3u8?x=${Buffer.from(PLANTED).toString('base64url')}`);
    await callApi(platform, '/nowhere', { headers: { 'X-Request-Id': PLANTED } });
    const put = (name: string, body: string) =>
      fetch(`${platform.storage}/upload/storage/v1/b/${platform.buckets.open}/o?uploadType=media&name=${name}`, {
        method: 'POST',
        body,
      });
    await put(`open/p/${id}/index.m3u8`, `#EXTM3U\n# ${PLANTED}\n`);
    await put(`open/s/${id}/1-aaaaaaaa/source/0.ts`, Buffer.from(PLANTED).toString('hex'));
    await get(`${platform.cdn}/open/p/${id}/index.m3u8`);
    await seeObjects(platform, evidence);
    await eventually('its line in the log', 10, async () => {
      platform.seeRecords();
      return evidence.placesOf(PLANTED).length === 6;
    });
    expect(evidence.placesOf(PLANTED)).toEqual(['event', 'log', 'object', 'playlist', 'url', 'webhook']);
  }, 60_000);

  it('reads the metrics, which name nothing a customer gave', async () => {
    const metrics = await metricsOf(platform);
    evidence.see('metric', 'the metrics', `${metrics}\n# ${PLANTED}`);
    expect(metrics).toContain('srs_agent_hook_seconds');
    expect(evidence.placesOf(PLANTED)).toContain('metric');
    expect(evidence.placesOf('srs_agent_hook_seconds')).toEqual(['metric']);
  });

  it('knows each kind of secret of this run', () => {
    for (const name of ['ADMIN_KEY', 'the sk key', 'TURN_SECRET', 'SIGNING_KEYS cdn-2', 'TOKEN_KEYS token-1'])
      expect(evidence.known().join()).toContain(name);
  });
});
