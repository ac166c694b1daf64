import { jsonLog } from '../../../functions/adapters/log';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { randomId } from '../../../functions/adapters/system';
import { HookRefused } from '../../../functions/contract/hooks/srs';
import { sha256Hex } from '../../../functions/core/signing/hash';
import type { StreamStore } from '../../../functions/ports/stores';
import { srsHooksHandler } from '../../../functions/srs-hooks/handler';
import { KEY, OTHER_KEY, STREAM_ID, streamOf } from '../../support/streams';

const wrongKey = (n: number): string =>
  `sk_${n.toString(5).replaceAll('0', 'a').replaceAll('1', 'b').padStart(32, 'z')}`;

let now = Date.UTC(2026, 10, 20);
let lines: string[];
let looked: number;
let reads: number;
let streamStore: StreamStore;
let post: (more?: Record<string, unknown>) => Promise<Response>;

beforeEach(async () => {
  lines = [];
  looked = 0;
  reads = 0;
  streamStore = memoryStreamStore();
  await streamStore.createStream(streamOf());
  const watched: StreamStore = {
    ...streamStore,
    getStream: (id) => {
      reads += 1;
      return streamStore.getStream(id);
    },
    changeStream: (id, decide) => {
      looked += 1;
      return streamStore.changeStream(id, decide);
    },
  };
  const clock = { now: () => now, sleep: () => new Promise<void>(() => undefined) };
  const handler = srsHooksHandler({ streamStore: watched, clock, randomId, log: jsonLog((line) => lines.push(line)) });
  post = (more = {}) => {
    const hook = {
      action: 'on_publish',
      server_id: 'node-1',
      service_id: 's',
      client_id: 'c',
      vhost: 'v',
      app: 'live',
      tcUrl: '',
      ip: '203.0.113.66',
      stream: STREAM_ID,
      param: `?key=${wrongKey(0)}`,
      ...more,
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
const holdOf = async (answer: Response) => HookRefused.parse(await answer.json()).holdMs ?? 0;

describe('10,000 wrong stream keys', () => {
  it('are to be slowed and alert, and the right key comes through at once, from anywhere', async () => {
    const holds: number[] = [];
    for (let n = 0; n < 10_000; n += 1) holds.push(await holdOf(await post({ param: `?key=${wrongKey(n)}` })));
    expect(holds.slice(0, 10)).toEqual([0, 0, 0, 25, 50, 100, 200, 400, 800, 1000]);
    expect([Math.min(...holds.slice(10)), Math.max(...holds)]).toEqual([1000, 1000]);
    expect(alerts().map(({ failures }) => failures)).toEqual([50, 100, 200, 400, 800, 1600, 3200, 6400]);
    expect(alerts()[0]).toMatchObject({ severity: 'ERROR', key: 'address 203.0.113.66', stream: STREAM_ID });
    for (const ip of ['192.0.2.1', '203.0.113.66']) expect((await rightKey(ip)).status).toBe(200);
  }, 30_000);

  it('from an address each are slowed and alert too, by their stream', async () => {
    const holds: number[] = [];
    for (let n = 0; n < 200; n += 1) holds.push(await holdOf(await post({ ip: `198.51.${n >> 8}.${n & 255}` })));
    expect(holds.at(-1)).toBe(1000);
    expect(alerts().map(({ key }) => key)).toEqual(Array.from({ length: 3 }, () => `stream ${STREAM_ID}`));
    expect((await rightKey('192.0.2.1')).status).toBe(200);
  });

  it('guesses of a key lock no stream and share their reads; the right key is accepted beside them', async () => {
    for (let n = 0; n < 4; n += 1) await post();
    const before = { looked, reads };
    const answers = [
      ...Array.from({ length: 1000 }, (_, n) => post({ param: `?key=${wrongKey(n)}` })),
      rightKey('203.0.113.66'),
    ];
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses).toEqual([...Array.from({ length: 1000 }, () => 403), 200]);
    expect(looked - before.looked).toBe(1);
    expect(reads - before.reads).toBeLessThanOrEqual(3);
  });

  it('let a key in that has just become the right one', async () => {
    for (let n = 0; n < 10; n += 1) await post({ param: `?key=${OTHER_KEY}` });
    await streamStore.changeStream(STREAM_ID, (stream) => ({
      change: stream ? { stream: { ...stream, keyHash: sha256Hex(OTHER_KEY) } } : {},
      result: undefined,
    }));
    expect((await post({ param: `?key=${OTHER_KEY}` })).status).toBe(200);
    expect((await rightKey('192.0.2.1')).status).toBe(403);
  });

  it('for streams that are not there are held back as long as for one that is', async () => {
    const holds = async (stream: string) => {
      const found: number[] = [];
      for (let n = 0; n < 10; n += 1) found.push(await holdOf(await post({ stream, ip: `ip of ${stream}` })));
      return found;
    };
    expect(await holds(STREAM_ID)).toEqual(await holds('zzzzzzzzzzzzzzzz'));
  });
});
