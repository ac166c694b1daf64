import { jsonLog } from '../../../functions/adapters/log';
import { memoryRegistry } from '../../../functions/adapters/memory/registry';
import { randomId } from '../../../functions/adapters/system';
import { HookRefused } from '../../../functions/contract/srs-hooks';
import type { Registry } from '../../../functions/core/ports';
import { srsHooksHandler } from '../../../functions/srs-hooks/handler';
import { KEY, STREAM_ID, streamOf } from '../../support/streams';

const wrongKey = (n: number): string => `sk_${n.toString(5).replaceAll('0', 'a').replaceAll('1', 'b').padStart(32, 'z')}`;

let now = Date.UTC(2026, 10, 20);
let slept: number[];
let lines: string[];
let looked: number;
let hold: Promise<void> | undefined;
let post: (more?: Record<string, unknown>) => Promise<Response>;

beforeEach(async () => {
  slept = [];
  lines = [];
  looked = 0;
  hold = undefined;
  const registry = memoryRegistry();
  await registry.createStream(streamOf());
  const watched: Registry = {
    ...registry,
    changeStream: (id, decide) => {
      looked += 1;
      return registry.changeStream(id, decide);
    },
  };
  const clock = {
    now: () => now,
    /** The limit of a decision sleeps too, and is never reached. */
    sleep: (ms: number) => {
      if (ms === 4000) return new Promise<void>(() => undefined);
      slept.push(ms);
      return hold ?? Promise.resolve();
    },
  };
  const handler = srsHooksHandler({ registry: watched, clock, randomId, log: jsonLog((line) => lines.push(line)) });
  post = (more = {}) => {
    const hook = {
      ...{ action: 'on_publish', server_id: 'node-1', service_id: 's', client_id: 'c', vhost: 'v', app: 'live', tcUrl: '' },
      ...{ ip: '203.0.113.66', stream: STREAM_ID, param: `?key=${wrongKey(0)}`, ...more },
    };
    return handler(new Request('http://function/hooks/on_publish', { method: 'POST', body: JSON.stringify(hook) }));
  };
});
afterEach(() => {
  now += 3_600_000;
  expect(lines.join('\n')).not.toMatch(/sk_[a-z2-7]{16}/);
});

const alerts = () => lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'stream_key_guesses');
const rightKey = (ip: string) => post({ ip, param: `?key=${KEY}`, client_id: `publisher at ${ip}` });

describe('10,000 wrong stream keys', () => {
  it('are slowed and alert, and the right key comes through at once, from anywhere', async () => {
    for (let n = 0; n < 10_000; n += 1) expect((await post({ param: `?key=${wrongKey(n)}` })).status).toBe(403);
    expect([slept.length, slept.at(-1)]).toEqual([9_997, 1000]);
    expect(alerts().map(({ failures }) => failures)).toEqual([50, 100, 200, 400, 800, 1600, 3200, 6400]);
    expect(alerts()[0]).toMatchObject({ severity: 'ERROR', key: 'address 203.0.113.66', stream: STREAM_ID });
    slept = [];
    for (const ip of ['192.0.2.1', '203.0.113.66']) expect((await rightKey(ip)).status).toBe(200);
    expect(slept).toEqual([]);
  }, 30_000);

  it('from an address each are slowed and alert too, by their stream', async () => {
    for (let n = 0; n < 200; n += 1) await post({ ip: `198.51.${n >> 8}.${n & 255}` });
    expect(slept.at(-1)).toBe(1000);
    expect(alerts().map(({ key }) => key)).toEqual(Array.from({ length: 3 }, () => `stream ${STREAM_ID}`));
    expect((await rightKey('192.0.2.1')).status).toBe(200);
  });

  it('all at once are not looked at any more once the held ones are many, while others publish', async () => {
    for (let n = 0; n < 20; n += 1) await post();
    let release = (): void => undefined;
    hold = new Promise((resolve) => {
      release = resolve;
    });
    const held = Array.from({ length: 32 }, () => post());
    while (slept.length < 17 + 32) await new Promise((resolve) => setImmediate(resolve));
    const before = looked;
    const answers = await Promise.all(Array.from({ length: 1000 }, () => post()));
    expect(looked).toBe(before);
    const refusals = await Promise.all(answers.map(async (answer) => HookRefused.parse(await answer.json()).message));
    expect(new Set(refusals)).toEqual(
      new Set(['too many wrong keys from this address for this stream: nothing is looked at for a while']),
    );
    expect((await rightKey('192.0.2.1')).status).toBe(200);
    release();
    await Promise.all(held);
  });

  it('for streams that are not there take as long as for one that is', async () => {
    const wait = async (stream: string) => {
      slept = [];
      for (let n = 0; n < 10; n += 1) await post({ stream, ip: `ip of ${stream}` });
      return slept;
    };
    expect(await wait(STREAM_ID)).toEqual(await wait('zzzzzzzzzzzzzzzz'));
  });
});
