import { existsSync, readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ObjectStore } from '../../../../functions/ports/stores';
import { offerOf } from '../../../support/network/sdp';
import { API, Rig } from '../rig';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Objects and buffers. Twice: what a first collection frees may hold the last of something else. */
async function bytesHeld(): Promise<number> {
  for (const _ of [1, 2]) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A bucket that takes everything, every tenth write at the second try, and keeps nothing. */
const bottomless = (): ((store: ObjectStore) => ObjectStore) => {
  let writes = 0;
  return (store) => ({
    ...store,
    stat: async () => undefined,
    async write() {
      writes += 1;
      if (writes % 10 === 0) throw new Error('503');
      return { kind: 'written', generation: String(writes) };
    },
  });
};

const STREAMS = Array.from({ length: 10 }, (_, index) => `abcdefghij01234${index}`);
const SEGMENTS = 12;
/** More by hand, to look for a slow leak: 30,000 segments in 250 rounds. */
const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 10);
/** Until then everything that is kept once is there. */
const WARM_ROUNDS = 4;
/** Memory that the engine's compiler takes meanwhile, times three; the bytes of each segment would be 2.9 MB. */
const NOISE_BYTES = 900_000;

describe('an agent that runs for long', () => {
  it('keeps nothing of segments, sessions and viewers that are gone', async () => {
    const rig = new Rig({ through: bottomless(), writePoints: async () => undefined });
    const offer = (kind: string, more: object) => {
      const body = JSON.stringify({ kind, streamId: STREAMS[0], sdp: offerOf(), address: '198.51.100.1', ...more });
      return rig.call('POST', '/rtc/offer', { caller: API, body });
    };
    const round = async (number: number): Promise<void> => {
      for (const stream of STREAMS) await rig.publish(`client-${stream}-${number}`, { stream });
      await offer('play', {});
      for (let count = 0; count < SEGMENTS; count += 1) {
        await rig.run(2000);
        for (const stream of STREAMS)
          await rig.onHls(rig.srs.segment({ stream, bytes: 4000 }), `client-${stream}-${number}`);
      }
      for (const stream of STREAMS) {
        rig.srs.left(`client-${stream}-${number}`);
        await rig.hook('on_unpublish', { stream }, `client-${stream}-${number}`);
      }
      await rig.hook('on_stop', {}, `media${number + 1}`);
      await rig.publish('stranger', { param: '?key=wrong' });
      await rig.run(80_000);
      // The rig keeps these logs for other tests.
      for (const kept of [rig.log, rig.cloud.heard, rig.srs.kicked, rig.srs.queries]) kept.length = 0;
    };
    let warm = 0;
    for (let number = 0; number < ROUNDS; number += 1) {
      await round(number);
      if (number + 1 === WARM_ROUNDS) warm = await bytesHeld();
    }
    const grown = (await bytesHeld()) - warm;
    process.stdout.write(`held after ${WARM_ROUNDS} rounds ${warm}, after ${ROUNDS} ${grown} more\n`);
    expect(rig.agent.sessions.all()).toEqual([]);
    expect(existsSync(rig.spoolRoot) && readdirSync(rig.spoolRoot)).toEqual([]);
    expect(grown).toBeLessThan(NOISE_BYTES);
    rig.dispose();
  }, 120_000);
});
