import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runScript } from '../../../support/platform/run-script';
import { ENVIRONMENTS, synthEnvironment } from '../../../support/synth';

const folder = mkdtempSync(join(tmpdir(), 'srs-live-cost-'));
beforeAll(() => {
  mkdirSync(join(folder, 'stacks/dev'), { recursive: true });
  writeFileSync(join(folder, 'stacks/dev/cdk.tf.json'), JSON.stringify(synthEnvironment(ENVIRONMENTS.dev)));
});
afterAll(() => rmSync(folder, { recursive: true }));

const cost = (...args: string[]) => runScript('scripts/tools/cost/main.ts', args, { CDKTF_OUTDIR: folder });
const Printed = z.object({ items: z.array(z.object({ of: z.string(), dollars: z.number() })).min(10) });

describe('npm run cost', () => {
  it('prints a month, a stream-hour and a viewer-hour by item', async () => {
    const { code, stdout, stderr } = await cost(
      'dev',
      '--streams',
      '10',
      '--viewers',
      '500',
      '--hours',
      '100',
      '--bitrate',
      '2.5',
    );
    expect([code, stderr]).toEqual([0, '']);
    for (const heading of ['$/month', '$/stream-hour', '$/viewer-hour']) expect(stdout).toContain(heading);
    expect(stdout).toMatch(/^dev: 10 streams and 500 viewers at a time, 100 h a month, 2.5 Mbit\/s\n/);
  });

  it('prints JSON for programs', async () => {
    const { stdout } = await cost('dev', '--json');
    const { items } = Printed.parse(JSON.parse(stdout));
    expect(new Set(items.map(({ of }) => of))).toEqual(new Set(['month', 'stream', 'viewer']));
  });

  it('says all that is wrong with its options at once', async () => {
    const { code, stderr, stdout } = await cost('dev', '--streams', 'many', '--hours', '900', '--bitrate', '0');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      "--streams 'many': use a number from 0 to 100000\n--hours '900': use 0.1 to 744\n--bitrate '0': use 0.05 to 100\n",
    );
  });

  it.each([[[]], [['dev', '--sideways']], [['qa']]])('%j ends with one message', async (args) => {
    const { code, stdout, stderr } = await cost(...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/usage: npm run cost|environment 'qa': use one of/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
