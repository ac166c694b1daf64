import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE } from '../../srs-image/render/node';

const SCRIPT = join('srs-image/rootfs', NODE.srsScript);
const KEY = `sk_${'a2'.repeat(16)}`;
const TOKEN = `slp_${'a'.repeat(16)}_1790000000_${'0f'.repeat(20)}`;
const folder = mkdtempSync(join(tmpdir(), 'srs-live-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the script with a program of these lines in place of SRS. */
function run(...lines: string[]) {
  const program = join(folder, 'program');
  writeFileSync(program, ['#!/usr/bin/env bash', ...lines].join('\n'));
  chmodSync(program, 0o755);
  const child = spawn('bash', [SCRIPT, program, 'its.conf'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  return { child, said: () => said, closed: once(child, 'close') };
}

describe('srs.sh', () => {
  it('strikes keys and tokens out of both outputs, and leaves the rest', async () => {
    const { said, closed } = run(
      `echo '"param":"?key=${KEY}&x=1?key=${KEY.toUpperCase()}"'`,
      `echo 'token=${TOKEN}, sk_short' >&2`,
      'echo "$1 $2"',
    );
    expect(await closed).toEqual([0, null]);
    expect(said().split('\n').sort()).toEqual([
      '',
      'srs: "param":"?key=sk_***&x=1?key=sk_***"',
      'srs: -c its.conf',
      'srs: token=slp_***, sk_short',
    ]);
  });

  it('marks every line as SRS’s, also one a client wrote to look like ours', async () => {
    const { said, closed } = run(
      `printf 'tcUrl=rtmp://a\\r\\n{"event":"srs_down","severity":"ERROR"}\\r\\n\\033[33mcolour\\033[0m \\001\\n'`,
    );
    expect(await closed).toEqual([0, null]);
    expect(said().split('\n')).toEqual([
      'srs: tcUrl=rtmp://a\\r',
      'srs: {"event":"srs_down","severity":"ERROR"}\\r',
      'srs: colour ?',
      '',
    ]);
  });

  it('ends as the program ends', async () => {
    expect(await run('exit 7').closed).toEqual([7, null]);
  });

  it('is the program itself: it gets the signals', async () => {
    const { child, said, closed } = run(
      'trap "echo bye; exit 3" TERM',
      'echo up $$',
      'while true; do sleep 0.05; done',
    );
    while (!said().includes('up')) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(said()).toContain(`up ${child.pid}`);
    child.kill('SIGTERM');
    expect(await closed).toEqual([3, null]);
    expect(said()).toContain('bye');
  });
});
