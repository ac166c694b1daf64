import { EVENT_TYPES, PlatformEvent } from '../../../functions/contract/events';
import { type ApiRig, apiRig } from '../../support/api-rig';
import { streamOf } from '../../support/streams';

const URL = 'https://hooks.example.com/a';
const OWN = 'ownownownownown0';
const FOREIGN = 'foreignforeign00';

let rig: ApiRig;
let ann: Record<string, string>;
let bob: Record<string, string>;
beforeEach(async () => {
  rig = apiRig();
  ann = await rig.caller({ role: 'publisher', subject: 'ann' });
  bob = await rig.caller({ role: 'publisher', subject: 'bob' });
  for (const [id, owner] of Object.entries({ [OWN]: 'ann', [FOREIGN]: 'bob' }))
    await rig.deps.streamStore.createStream(streamOf({ id, owner }));
});

const create = async (headers: Record<string, string> | undefined, more: object = {}) =>
  rig.ask('POST', '/webhooks', { body: { url: URL, ...more }, ...(headers && { headers }) });
const idsOf = async (headers?: Record<string, string>): Promise<string[]> => {
  const { webhooks } = await (await rig.ask('GET', '/webhooks', headers && { headers })).json();
  return webhooks.map(({ id }: { id: string }) => id);
};

describe('webhooks of a publisher', () => {
  it('are its own: another publisher neither lists, reads, changes nor deletes them; the operator does', async () => {
    const made = await (await create(ann, { streams: [OWN] })).json();
    const operators = await (await create(undefined)).json();
    expect(made).toMatchObject({ owner: 'ann', streams: [OWN], types: [] });
    expect(operators).not.toHaveProperty('owner');
    expect(await idsOf(ann)).toEqual([made.id]);
    expect(await idsOf(bob)).toEqual([]);
    expect(new Set(await idsOf())).toEqual(new Set([made.id, operators.id]));
    const path = `/webhooks/${made.id}`;
    const asked: [string, string, object?][] = [
      ['GET', path],
      ['PATCH', path, { enabled: false }],
      ['POST', `${path}/secret`, {}],
      ['GET', `${path}/deliveries`],
      ['POST', `${path}/deliveries/evt_${'a'.repeat(32)}/resend`, {}],
      ['DELETE', path],
    ];
    for (const [method, at, body] of asked) {
      const refused = await rig.ask(method, at, { headers: bob, ...(body && { body }) });
      expect(await refused.json()).toMatchObject({ status: 404, code: 'webhook_not_found' });
    }
    expect((await rig.ask('GET', path, { headers: ann })).status).toBe(200);
    expect((await rig.ask('DELETE', path)).status).toBe(204);
  });

  it('choose only streams of the publisher, and events of streams', async () => {
    const { id } = await (await create(ann)).json();
    const wrong: [object, string, string][] = [
      [{ streams: [FOREIGN] }, 'streams', `'${FOREIGN}' does not exist, or the caller has no access to it`],
      [{ streams: [OWN, 'zzzzzzzzzzzzzzzz'] }, 'streams', "'zzzzzzzzzzzzzzzz' does not exist"],
      [{ types: ['stream.live', 'node.lost'] }, 'types', "'node.lost' is about the platform"],
    ];
    for (const [body, field, message] of wrong)
      for (const answer of [await create(ann, body), await rig.ask('PATCH', `/webhooks/${id}`, { headers: ann, body })])
        expect(await answer.json()).toMatchObject({
          status: 422,
          errors: [{ field, message: expect.stringContaining(message) }],
        });
    expect(await (await rig.ask('GET', `/webhooks/${id}`, { headers: ann })).json()).toMatchObject({
      types: [],
      streams: [],
    });
    expect((await create(undefined, { types: ['node.lost'], streams: [FOREIGN] })).status).toBe(201);
  });

  it('count against a quota of the publisher alone', async () => {
    const { webhooks } = rig.deps.quotas;
    for (let made = 0; made < webhooks; made += 1) expect((await create(ann)).status).toBe(201);
    const refused = await create(ann);
    expect(await refused.json()).toMatchObject({ status: 409, code: 'webhook_limit', quota: { allowed: webhooks } });
    expect((await create(bob)).status).toBe(201);
    expect((await create(undefined)).status).toBe(201);
  });

  it('get a new secret, with the previous one beside it for the time that was asked for', async () => {
    const made = await (await create(ann)).json();
    const rotate = async (body: object) =>
      (await rig.ask('POST', `/webhooks/${made.id}/secret`, { headers: ann, body })).json();
    const rotated = await rotate({ graceSeconds: 60 });
    expect(rotated.secret).toMatch(/^whsec_/);
    expect(rotated.secret).not.toBe(made.secret);
    expect(Date.parse(rotated.previousSecretUntil)).toBe(rig.deps.clock.now() + 60_000);
    const stored = await rig.deps.webhooks.store.getWebhook(made.id);
    expect(stored).toMatchObject({ secret: rotated.secret, previousSecret: { secret: made.secret } });
    expect(await rotate({ graceSeconds: 0 })).not.toHaveProperty('previousSecretUntil');
    expect(await rotate({ graceSeconds: -1 })).toMatchObject({ status: 422, errors: [{ field: 'graceSeconds' }] });
    expect(JSON.stringify(await (await rig.ask('GET', '/webhooks', { headers: ann })).json())).not.toContain('whsec_');
  });
});

describe('the events of webhooks in the OpenAPI document', () => {
  const answered = async () => (await rig.ask('GET', '/openapi.json')).json();

  it('are all of them, each with an example that is an event', async () => {
    const { webhooks } = await answered();
    expect(Object.keys(webhooks).sort()).toEqual([...EVENT_TYPES].sort());
    for (const type of EVENT_TYPES) {
      const { schema, example } = webhooks[type].post.requestBody.content['application/json'];
      expect(example.type).toBe(type);
      expect(PlatformEvent.parse(example)).toEqual(example);
      expect(schema.properties.type).toMatchObject({ enum: [type] });
    }
  });

  it('stand in the reference with their examples', async () => {
    const page = await (await rig.ask('GET', '/docs')).text();
    for (const type of EVENT_TYPES) expect(page).toContain(`<code>${type}</code>`);
    expect(page).toContain('&quot;endReason&quot;');
  });
});
