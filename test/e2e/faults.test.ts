import { z } from 'zod';
import { runScript } from '../support/platform/run-script';
import { freeBase } from '../support/platform/worker-ports';

const Report = z.object({
  ok: z.int(),
  notOk: z.int(),
  results: z.array(z.object({ name: z.string(), complaints: z.array(z.string()) })),
});

describe('npm run faults -- --short', () => {
  it('survives a row of each kind: nothing whole is lost, every playlist is right, and it heals', async () => {
    const args = ['--short', '--json', '--port-base', String(await freeBase())];
    const { SRS_BIN } = process.env;
    const run = await runScript('scripts/tools/faults/main.ts', args, SRS_BIN === undefined ? {} : { SRS_BIN });
    const { results, ok, notOk } = Report.parse(JSON.parse(run.stdout));
    expect(results.filter(({ complaints }) => complaints.length > 0)).toEqual([]);
    expect([run.code, notOk]).toEqual([0, 0]);
    expect(ok).toBeGreaterThanOrEqual(8);
  }, 420_000);
});
