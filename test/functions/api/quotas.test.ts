import { type ApiRig, apiRig, withDeps } from '../../support/api-rig';

const QUOTAS = { streams: 2, apiKeys: 2, webhooks: 2, grants: 2 };
let rig: ApiRig;
let ann: Record<string, string>;
beforeEach(async () => {
  rig = apiRig({ quotas: QUOTAS });
  ann = await rig.caller({ role: 'publisher', subject: 'ann' });
});

const STREAM = { title: 'a stream', policy: 'open' };
const KEY = { name: 'k', role: 'publisher', subject: 'bob' };
const HOOK = { url: 'https://example.com/hook', types: ['stream.live'] };
const stream = (headers = ann, more = {}) =>
  rig.ask('POST', '/streams', { headers: { ...headers, ...more }, body: STREAM });
const apiKey = () => rig.ask('POST', '/api-keys', { body: KEY });
const webhook = () => rig.ask('POST', '/webhooks', { body: HOOK });
const seen = async (answer: Promise<Response>) => {
  const { code, quota } = await (await answer).clone().json();
  return { status: (await answer).status, code, quota };
};

it.each([
  ['streams', 'stream_limit', () => stream()],
  ['apiKeys', 'api_key_limit', apiKey],
  ['webhooks', 'webhook_limit', webhook],
])('the API refuses one more of %s as %s, with what is used and allowed', async (of, code, create) => {
  expect([(await create()).status, (await create()).status]).toEqual([201, 201]);
  expect(await seen(create())).toEqual({ status: 409, code, quota: { of, used: 2, allowed: 2 } });
});

it.each([
  ['streams', () => stream()],
  ['API keys', apiKey],
  ['webhooks', webhook],
])('parallel requests never make too many %s', async (_, create) => {
  const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await create()).status));
  expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(2);
  expect(new Set(statuses)).toEqual(new Set([...statuses.filter((status) => status === 201), 409]));
  const streams = await rig.deps.streamStore.countStreams('ann');
  const keys = await rig.deps.apiKeys.countGood('bob', rig.deps.clock.now());
  const webhooks = (await rig.deps.webhooks.store.listWebhooks()).length;
  expect(Math.max(streams, keys, webhooks)).toBe(statuses.filter((status) => status === 201).length);
});

it('a quota of 0 lets nobody but the operator make streams', async () => {
  withDeps(rig, { quotas: { ...QUOTAS, streams: 0 } });
  expect(await seen(stream())).toMatchObject({ status: 409, quota: { of: 'streams', used: 0, allowed: 0 } });
  expect(await (await stream()).json()).toMatchObject({ detail: 'the publisher may have no streams: the limit is 0' });
  expect((await rig.ask('POST', '/streams', { body: STREAM })).status).toBe(201);
});

it("a stream fills no other publisher's quota, and a deleted stream makes room", async () => {
  const bob = await rig.caller({ role: 'publisher', subject: 'bob' });
  const { id } = await (await stream()).json();
  await stream();
  expect((await stream(bob)).status).toBe(201);
  expect((await rig.ask('DELETE', `/streams/${id}`, { headers: ann })).status).toBe(204);
  expect((await stream()).status).toBe(201);
});

it('a revoked key and one that expired make room', async () => {
  const { prefix } = await (await apiKey()).json();
  await rig.ask('POST', '/api-keys', { body: { ...KEY, expiresInDays: 1 } });
  expect((await rig.ask('DELETE', `/api-keys/${prefix}`)).status).toBe(204);
  expect([(await apiKey()).status, (await apiKey()).status]).toEqual([201, 409]);
  await rig.deps.clock.advance(86_400_000);
  expect((await apiKey()).status).toBe(201);
});

it('an idempotent replay is answered though the quota is full, and one that was refused may come again', async () => {
  const first = { 'Idempotency-Key': 'first-of-ann' };
  const third = { 'Idempotency-Key': 'third-of-ann' };
  const { id } = await (await stream(ann, first)).json();
  await stream();
  expect((await stream(ann, third)).status).toBe(409);
  const again = await stream(ann, first);
  expect([again.status, (await again.json()).id]).toEqual([201, id]);
  await rig.ask('DELETE', `/streams/${id}`, { headers: ann });
  expect((await stream(ann, third)).status).toBe(201);
});

it('an id that is taken is nobody’s to take back, however full the quota', async () => {
  const { id } = await (await rig.ask('POST', '/streams', { body: STREAM })).json();
  const ids = [id, 'bcdefgh012345678'];
  withDeps(rig, { randomId: (length) => (length === 16 ? (ids.shift() ?? 'z'.repeat(16)) : 'k'.repeat(length)) });
  expect((await stream()).status).toBe(201);
  expect((await rig.ask('GET', `/streams/${id}`)).status).toBe(200);
});

it('a viewer hears how many grants the stream has', async () => {
  const { id } = await (await rig.ask('POST', '/streams', { body: { ...STREAM, policy: 'gated' } })).json();
  const grant = () => rig.ask('POST', `/streams/${id}/grants`, { body: {} });
  for (let made = 0; made < 3; made += 1) expect((await grant()).status).toBe(201);
  expect(await seen(grant())).toEqual({
    status: 429,
    code: 'grant_limit',
    quota: { of: 'grants', used: 3, allowed: 3 },
  });
});

describe('unexpired grants', () => {
  const gated = async () =>
    (await (await rig.ask('POST', '/streams', { headers: ann, body: { ...STREAM, policy: 'gated' } })).json()).id;
  const grant = (id: string, headers = ann) =>
    rig.ask('POST', `/streams/${id}/grants`, { headers, body: { lifetimeSeconds: 10 } });

  it("are refused beyond a publisher's quota, over all their streams, until some have expired", async () => {
    const first = await gated();
    const second = await gated();
    expect([(await grant(first)).status, (await grant(second)).status]).toEqual([201, 201]);
    const refused = { status: 429, code: 'grant_limit', quota: { of: 'grants', used: 2, allowed: 2 } };
    expect(await seen(grant(first))).toEqual(refused);
    // The stream is the owner's, whatever caller asks.
    expect(await seen(rig.ask('POST', `/streams/${first}/grants`, { body: {} }))).toEqual(refused);
    await rig.deps.clock.advance(10_000);
    expect((await grant(first)).status).toBe(201);
  });

  it('of the operator have no quota but the one of their stream', async () => {
    const { id } = await (await rig.ask('POST', '/streams', { body: { ...STREAM, policy: 'gated' } })).json();
    for (const _ of [1, 2, 3]) expect((await rig.ask('POST', `/streams/${id}/grants`, { body: {} })).status).toBe(201);
    expect(await seen(rig.ask('POST', `/streams/${id}/grants`, { body: {} }))).toMatchObject({ code: 'grant_limit' });
  });
});

describe('GET /quotas', () => {
  const shown = async (headers?: Record<string, string>) =>
    (await (await rig.ask('GET', '/quotas', headers && { headers })).json()).quotas;

  it('shows a publisher what is used and allowed of theirs, and nothing of another', async () => {
    const bob = await rig.caller({ role: 'publisher', subject: 'bob' });
    await stream();
    expect(await shown(ann)).toEqual([
      { of: 'streams', used: 1, allowed: 2 },
      { of: 'grants', used: 0, allowed: 2 },
      { of: 'apiKeys', used: 1, allowed: 2 },
      { of: 'webhooks', used: 0, allowed: 2 },
    ]);
    expect((await shown(bob))[0]).toEqual({ of: 'streams', used: 0, allowed: 2 });
  });

  it('shows the operator the quotas of the environment', async () => {
    await webhook();
    expect(await shown()).toEqual([
      { of: 'apiKeys', used: 0, allowed: 2 },
      { of: 'webhooks', used: 1, allowed: 2 },
    ]);
  });

  it('is for who may read usage', async () => {
    expect(
      (await rig.ask('GET', '/quotas', { headers: await rig.caller({ role: 'viewer', subject: 'v' }) })).status,
    ).toBe(403);
  });
});
