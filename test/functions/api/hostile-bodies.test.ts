import { checkedOffer } from '../../../functions/core/webrtc/offer';
import { type ApiRig, apiRig } from '../../support/api-rig';
import { FakeNodes } from '../../support/fake-media-nodes';
import { offerOf } from '../../support/network/sdp';
import { KEY, nodeOf, STREAM_ID, streamOf } from '../../support/streams';

/** Hostile requests are accepted as they are, or refused with a reason. */
let rig: ApiRig;
let nodes: FakeNodes;
beforeEach(async () => {
  nodes = new FakeNodes();
  rig = apiRig({ media: { nodes } });
  await rig.deps.streamStore.createStream(streamOf());
  const reach = { agentUrl: 'http://node-1:8086' };
  await rig.deps.streamStore.changeNode('node-1', () => ({
    node: nodeOf({ heartbeatAt: rig.deps.clock.now(), reach }),
    result: 0,
  }));
});

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

it.each([
  ['/rtc/v1/publish/', 5000],
  ['/rtc/v1/publish/', 30_000],
  ['/api/v1/streams', 5000],
  ['/api/v1/streams', 33],
])('%s refuses JSON that is nested %d deep as malformed', async (path, depth) => {
  const answer = await rig.ask('POST', path, { body: nested(depth) });
  expect(answer.status).toBe(400);
  expect((await answer.json()).detail).toBe('body: it is nested more than 32 deep');
  expect(rig.lines.join('')).not.toContain('request_failed');
});

it.each([
  ['a value of the metadata', '{"title":"m","metadata":{"__proto__":"a"}}', 'metadata.__proto__'],
  ['a field', '{"title":"m","__proto__":{"policy":"gated"}}', '__proto__'],
  ['a field by its numbers', '{"title":"m","metadata":{"\\u005f_proto__":"a"}}', 'metadata.__proto__'],
])('%s called __proto__ is refused, not lost', async (_what, body, field) => {
  const answer = await rig.ask('POST', '/api/v1/streams', { body });
  expect(answer.status).toBe(422);
  expect((await answer.json()).errors).toEqual([{ field, message: 'no field can be called so' }]);
});

it('metadata under names that JavaScript knows is kept', async () => {
  const metadata = { constructor: 'a', toString: 'b', hasOwnProperty: 'c', prototype: 'd' };
  const answer = await rig.ask('POST', '/api/v1/streams', { body: JSON.stringify({ title: 'm', metadata }) });
  expect(answer.status).toBe(201);
  const { id } = await answer.json();
  expect(await (await rig.ask('GET', `/api/v1/streams/${id}`)).json()).toMatchObject({ metadata });
});

it.each(['1969-12-31T23:59:59Z', '2026-11-20T09:59:59Z', '2026-11-20T10:00:00Z'])(
  'a budget cannot be held until %s, and is as it was',
  async (until) => {
    const answer = await rig.ask('PUT', '/api/v1/budget/override', { body: { stage: 'stop', reason: 'r', until } });
    expect(answer.status).toBe(422);
    expect((await answer.json()).errors).toEqual([
      { field: 'until', message: `got '${until}', use a time in the future` },
    ]);
    expect((await rig.ask('GET', '/api/v1/budget')).status).toBe(200);
  },
);

it('an offer is forwarded as it was checked', async () => {
  const offer = offerOf({ direction: 'sendonly' });
  const odd = `\n${offer.replace('m=', '\r\n\n\r\nm=')}\r\n\r\n`.replace(/^\n/, '');
  const headers = { 'Content-Type': 'application/sdp', Authorization: `Bearer ${KEY}` };
  expect((await rig.ask('POST', `/whip/${STREAM_ID}`, { headers, body: odd })).status).toBe(201);
  expect(nodes.offers[0]?.offer.sdp).toBe(checkedOffer(offer, 'publish'));
  expect(nodes.offers[0]?.offer.sdp).not.toMatch(/\n\r?\n/);
});
