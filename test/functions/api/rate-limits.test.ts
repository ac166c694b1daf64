import { TokenBuckets } from '../../../functions/core/limits/token-bucket';
import { type ApiRig, apiRig } from '../../support/api-rig';
import { manualClock } from '../../support/manual-clock';

const RATES = { perKey: { perMinute: 60, burst: 3 }, perPublisher: { perMinute: 60, burst: 5 } };
let rig: ApiRig;
beforeEach(() => {
  rig = apiRig({ rates: RATES });
});

const seen = (answer: Response) => [
  answer.status,
  ...['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after'].map((name) =>
    answer.headers.get(name),
  ),
];
const ask = async (headers: Record<string, string>, path = '/streams') => seen(await rig.ask('GET', path, { headers }));

it('a key is told what is left, refused with the time to wait, and let through after it', async () => {
  const ann = await rig.caller({ role: 'publisher', subject: 'ann' });
  expect(await ask(ann)).toEqual([200, '3', '2', '1', null]);
  expect(await ask(ann)).toEqual([200, '3', '1', '2', null]);
  expect(await ask(ann)).toEqual([200, '3', '0', '3', null]);
  expect(await ask(ann)).toEqual([429, '3', '0', '3', '1']);
  rig.deps.clock.advance(1000);
  expect(await ask(ann)).toEqual([200, '3', '0', '3', null]);
});

it('a caller that ignores Retry-After waits no longer for it, and keeps nobody else waiting', async () => {
  const ann = await rig.caller({ role: 'publisher', subject: 'ann' });
  const bob = await rig.caller({ role: 'publisher', subject: 'bob' });
  for (let asked = 0; asked < 50; asked += 1) await ask(ann);
  expect((await ask(bob))[0]).toBe(200);
  rig.deps.clock.advance(1000);
  expect((await ask(ann))[0]).toBe(200);
});

it('keys of one publisher have a common limit', async () => {
  const keys = await Promise.all([1, 2].map(() => rig.caller({ role: 'publisher', subject: 'ann' })));
  const statuses: unknown[] = [];
  for (let round = 0; round < 3; round += 1) for (const key of keys) statuses.push((await ask(key))[0]);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
});

it('a caller whom two limits refuse is told the longer wait, after which it is let through', async () => {
  rig = apiRig({ rates: { perKey: { perMinute: 60, burst: 2 }, perPublisher: { perMinute: 6, burst: 2 } } });
  const ann = await rig.caller({ role: 'publisher', subject: 'ann' });
  for (let asked = 0; asked < 2; asked += 1) await ask(ann);
  expect(await ask(ann)).toEqual([429, '2', '0', '20', '10']);
  rig.deps.clock.advance(10_000);
  expect((await ask(ann))[0]).toBe(200);
});

it('a refusal says so in words, and a request that is forbidden counts', async () => {
  const viewer = await rig.caller({ role: 'viewer', subject: 'v', streams: ['abcdefgh01234567'] });
  for (let asked = 0; asked < 3; asked += 1) expect((await ask(viewer, '/api-keys'))[0]).toBe(403);
  const answer = await rig.ask('GET', '/api-keys', { headers: viewer });
  expect(await answer.json()).toMatchObject({
    code: 'rate_limited',
    detail: 'this key has sent too many requests, the burst limit is 3: try again in 1 s',
  });
});

it('the operator is never kept from mending', async () => {
  for (let asked = 0; asked < 20; asked += 1) expect((await rig.ask('GET', '/streams')).status).toBe(200);
});

it('a limit of 0 lets nobody through, and asks for a minute', async () => {
  rig = apiRig({ rates: { ...RATES, perKey: { perMinute: 0, burst: 0 } } });
  expect(await ask(await rig.caller({ role: 'publisher', subject: 'ann' }))).toEqual([429, '0', '0', '0', '60']);
});

it('a clock that goes back gives nothing and takes nothing', () => {
  const clock = manualClock();
  const buckets = new TokenBuckets({ perMinute: 60, burst: 2 }, clock);
  buckets.take('a');
  const { remaining } = buckets.look('a');
  const earlier = new TokenBuckets({ perMinute: 60, burst: 2 }, { now: () => 0 });
  earlier.take('a');
  expect([remaining, earlier.look('a').remaining]).toEqual([1, 1]);
});
