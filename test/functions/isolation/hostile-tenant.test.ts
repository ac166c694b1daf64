import { LEAKS } from '../../support/tenants/leaks';
import { runTenants } from '../../support/tenants/run';

/**
 * Nobody shares a fate: over random hostility on every input, the other tenants find what they find without it. A failure names its
 * seed; `TENANT_SEED=<seed>` runs that one alone, `TENANT_RUNS=<n>` more of them.
 */
const given = process.env.TENANT_SEED;
const first = Number(given ?? Math.floor(Math.random() * 1e9));
const runs = given === undefined ? Number(process.env.TENANT_RUNS ?? 6) : 1;

const both = async (seed: number) => {
  const alone = await runTenants(seed, { hostile: false });
  return { alone, beside: await runTenants(seed, { hostile: true }) };
};

describe('a hostile tenant', () => {
  it(`changes nothing for the others in ${runs} runs from seed ${first}`, async () => {
    for (let seed = first; seed < first + runs; seed += 1) {
      const { alone, beside } = await both(seed);
      expect({ seed, outcomes: beside }).toEqual({ seed, outcomes: alone });
    }
  }, 3_600_000);

  it('finds tenants that publish, are live, are recorded and hear of it', async () => {
    const [outcome] = await runTenants(7, { hostile: false });
    expect(outcome?.published).toEqual(['{"code":0} soon', '{"code":0} soon']);
    expect(new Set(outcome?.status)).toEqual(new Set(['live']));
    expect(outcome?.sessions.map((session) => session.at(-1))).toEqual(['ended true', 'ended true']);
    expect(outcome?.events).toContain('stream.ended');
  });

  it.each(LEAKS)(
    'is caught at a planted leak: %s',
    async (leak) => {
      const alone = JSON.stringify(await runTenants(1, { hostile: false }));
      for (let seed = 1; ; seed += 1) {
        const expected = seed === 1 ? alone : JSON.stringify(await runTenants(seed, { hostile: false }));
        if (JSON.stringify(await runTenants(seed, { hostile: true, leak })) !== expected) break;
        if (seed === 30) throw new Error(`'${leak}' went unseen through ${seed} runs`);
      }
    },
    300_000,
  );
});
