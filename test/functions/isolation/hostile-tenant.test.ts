import { LEAKS, type Leak } from '../../support/tenants/leaks';
import { planOf, runTenants } from '../../support/tenants/run';
import type { Outcome } from '../../support/tenants/tenants';

/**
 * Nobody shares a fate: over random hostility on every input, the other tenants find what they find without it. A
 * failure names its seed; `TENANT_SEED=<seed>` runs that one alone, `TENANT_RUNS=<n>` more of them.
 */
const given = process.env.TENANT_SEED;
const first = Number(given ?? Math.floor(Math.random() * 1e9));
const runs = given === undefined ? Number(process.env.TENANT_RUNS ?? 12) : 1;

const known = new Map<string, Outcome[]>();

/** Returns the results of a seed's tenants without the hostile one. */
async function alone(seed: number, leak?: Leak): Promise<Outcome[]> {
  const key = `${planOf(seed)} ${leak}`;
  const outcomes = known.get(key) ?? (await runTenants(seed, { hostile: false, ...(leak && { leak }) }));
  known.set(key, outcomes);
  return outcomes;
}

describe('a hostile tenant', () => {
  it(`changes nothing for the others in ${runs} runs from seed ${first}`, async () => {
    for (let seed = first; seed < first + runs; seed += 1) {
      const beside = await runTenants(seed, { hostile: true });
      expect({ seed, outcomes: beside }).toEqual({ seed, outcomes: await alone(seed) });
    }
  }, 3_600_000);

  it('finds tenants that publish, are live, are watched and recorded, and hear of it', async () => {
    const [outcome] = await alone(7);
    expect(outcome?.published).toEqual(['{"code":0} soon', '{"code":0} soon']);
    expect(new Set(outcome?.status)).toEqual(new Set(['live']));
    expect(new Set(outcome?.answers)).toEqual(new Set(['200 renamed live soon']));
    expect(outcome?.sessions.map((session) => session.at(-1))).toEqual(['ended true', 'ended true']);
    expect(outcome?.live.at(-1)).toMatch(/\.ts\n#EXT-X-ENDLIST\n$/);
    expect(outcome?.events).toContain('stream.ended');
  });

  it.each(LEAKS)(
    'is caught at a planted leak that nobody notices without: %s',
    async (leak) => {
      for (let seed = 1; ; seed += 1) {
        const expected = await alone(seed);
        expect(await alone(seed, leak)).toEqual(expected);
        if (JSON.stringify(await runTenants(seed, { hostile: true, leak })) !== JSON.stringify(expected)) break;
        if (seed === 30) throw new Error(`'${leak}' went unseen through ${seed} runs`);
      }
    },
    300_000,
  );
});
