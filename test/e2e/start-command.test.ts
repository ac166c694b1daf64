import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { close, listen } from '../../scripts/emulators/server/listen';
import { runStart } from '../../scripts/local/command/run-start';
import { get } from '../support/platform/viewer';
import { freeBase } from '../support/platform/worker-ports';
import { startScanned } from '../support/secrets/scanned-platform';
import type { Place } from '../support/secrets/secret-scan';

const folder = mkdtempSync(join(tmpdir(), 'srs-live-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The demo is on air before anybody can listen, and nothing happens after that. */
const ALREADY_SAID: readonly Place[] = ['event', 'webhook'];

/** Every process that descends from this one and is not this listing. */
function descendants(): string[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((row) => {
      const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
      return pid === undefined || parent === undefined ? [] : [{ pid, parent, args: args ?? '' }];
    });
  const below = (pid: string): { pid: string; args: string }[] =>
    rows.filter((row) => row.parent === pid).flatMap((row) => [row, ...below(row.pid)]);
  return below(String(process.pid))
    .map(({ args }) => args)
    .filter((args) => !args.startsWith('ps ') && !args.includes('esbuild'));
}

describe('./scripts/start', () => {
  it('--json says once that the demo plays, and ends with nothing left', async () => {
    const temp = join(folder, 'temp');
    execFileSync('mkdir', ['-p', temp]);
    const platform = await startScanned([], { TMPDIR: temp }, ALREADY_SAID);
    expect((await get(platform.demo?.hls ?? ''))?.text).toContain('#EXT-X-STREAM-INF');
    expect(await platform.end('SIGINT')).toBe(0);
    expect(platform.stdout()).toHaveLength(1);
    expect(descendants()).toEqual([]);
    expect(readdirSync(temp)).toEqual([]);
  }, 120_000);

  it('ends as cleanly on SIGTERM', async () => {
    const platform = await startScanned(['--no-demo'], {}, ALREADY_SAID);
    expect(platform.demo).toBeUndefined();
    expect(await platform.end('SIGTERM')).toBe(0);
    expect(descendants()).toEqual([]);
  }, 120_000);

  it.each([
    ['a broken SRS_BIN', ['--no-demo'], { SRS_BIN: '/nowhere/srs' }, '/nowhere/srs'],
    ['an SRS_BIN that is something else', ['--no-demo'], { SRS_BIN: '/bin/true' }, '/bin/true'],
    ['an option nobody knows', ['--sideways'], {}, '--sideways'],
    ['a port that is none', ['--port-base', 'many'], {}, 'many'],
  ])(
    'says in one sentence what is wrong with %s and ends with 1',
    async (_, args, env, named) => {
      const run = runStart(['--port-base', `${await freeBase()}`, ...args], env);
      expect(await run.exited).toBe(1);
      const said = run.out.stderr.split('\n').filter((line) => line.includes(named));
      expect(said).toHaveLength(1);
      expect(run.out.stderr).not.toMatch(/\n\s+at /);
      expect(run.out.stdout).toBe('');
    },
    60_000,
  );

  it('names the port that is taken', async () => {
    const base = await freeBase();
    const squatter = createServer();
    await listen(squatter, base, 'squatter');
    try {
      const run = runStart(['--no-demo', '--port-base', `${base}`]);
      expect(await run.exited).toBe(1);
      expect(run.out.stderr).toContain(`port ${base} (edge) is taken`);
      expect(run.out.stderr).not.toMatch(/\n\s+at /);
    } finally {
      await close(squatter);
    }
    expect(descendants()).toEqual([]);
  }, 60_000);

  it('names the folder it cannot write', async () => {
    const blocked = join(folder, 'blocked');
    writeFileSync(blocked, 'a file where a folder is wanted');
    chmodSync(blocked, 0o444);
    const run = runStart(['--no-demo', '--port-base', `${await freeBase()}`], { TMPDIR: blocked });
    expect(await run.exited).toBe(1);
    expect(run.out.stderr).toContain(blocked);
    expect(run.out.stderr).not.toMatch(/\n\s+at /);
  }, 60_000);
});
