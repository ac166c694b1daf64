import { jsonLog } from '../../../../functions/adapters/log';
import { memoryStreamStore } from '../../../../functions/adapters/memory/stream-store';
import { randomId } from '../../../../functions/adapters/system';
import { GuessLimiter } from '../../../../functions/app/guess-limiter';
import { decideHook } from '../../../../functions/app/publish/hooks';
import { delayWrongKey } from '../../../../functions/app/publish/key-guesses';
import { manualClock } from '../../../support/manual-clock';
import { KEY, STREAM_ID, streamOf } from '../../../support/streams';

const letters = (n: number) => n.toString(2).padStart(32, '0').replaceAll('0', 'a').replaceAll('1', 'b');

describe('10,000 wrong stream keys', () => {
  it('open nothing, wait a second each, and are told to the operator a few times', async () => {
    const lines: string[] = [];
    const waits: number[] = [];
    const log = jsonLog((line) => lines.push(line));
    const clock = { ...manualClock(), sleep: async (ms: number) => void waits.push(ms) };
    const deps = { streamStore: memoryStreamStore(), clock, randomId, log };
    const guessLimiter = new GuessLimiter({ clock });
    await deps.streamStore.createStream(streamOf());
    const names = { server_id: 'srs', service_id: 's', vhost: '', app: 'live', tcUrl: '', stream: STREAM_ID };
    const attempt = async (n: number, key: string) => {
      const hook = {
        action: 'on_publish' as const,
        ...names,
        client_id: `c-${n}`,
        ip: `192.0.2.${n % 250}`,
        param: `?key=${key}`,
      };
      const outcome = await decideHook(hook, deps);
      if ('error' in outcome) await delayWrongKey(hook, outcome, { guessLimiter, log });
      return 'error' in outcome ? outcome.error : 'admitted';
    };
    const outcomes = new Set<string>();
    for (let n = 0; n < 10_000; n += 1) outcomes.add(await attempt(n, `sk_${letters(n)}`));
    expect([...outcomes]).toEqual(['wrong_key']);
    expect(waits.filter((ms) => ms === 1000).length).toBeGreaterThan(9900);
    expect(lines.length).toBeLessThan(20);
    expect(lines.join()).toContain('stream_key_guesses');
    expect(lines.join()).not.toMatch(/sk_[a-z2-7]{16}/);
    const before = waits.length;
    expect(await attempt(10_000, KEY)).toBe('admitted');
    expect(waits).toHaveLength(before);
  }, 20_000);
});
