import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchdogScript } from '../../../srs-image/render/watchdog';

describe('the watchdog of a node', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'watchdog-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const standIn = (name: string, script: string): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  };

  /**
   * Looks `times` times at an agent and an SRS; `srs` and `container` say whether it answers and whether it is there.
   * Containers it ended.
   */
  function watch(times: number, { srs = true, container = true } = {}): string[] {
    standIn('sleep', `echo x >> ${folder}/looks; [ $(wc -l < ${folder}/looks) -le ${times} ]`);
    standIn('curl', `case "$*" in *1985*) exit ${srs ? 0 : 28} ;; esac`);
    standIn('docker', `case "$1" in inspect) exit ${container ? 0 : 1} ;; kill) echo "$2" >> ${folder}/killed ;; esac`);
    const { status } = spawnSync('bash', ['-c', watchdogScript()], { env: { PATH: `${folder}:${process.env.PATH}` } });
    expect(status).toBe(0);
    const killed = join(folder, 'killed');
    return existsSync(killed) ? readFileSync(killed, 'utf8').trim().split('\n') : [];
  }

  it('leaves alone what answers', () => {
    expect(watch(10)).toEqual([]);
  });

  it('ends a container that was silent three times in a row, and no other', () => {
    expect(watch(2, { srs: false })).toEqual([]);
    rmSync(join(folder, 'looks'));
    expect(watch(3, { srs: false })).toEqual(['srs']);
  });

  it('gives it the same time again after that', () => {
    expect(watch(6, { srs: false })).toEqual(['srs', 'srs']);
  });

  it('does nothing about a container that is not there: it is being started', () => {
    expect(watch(10, { srs: false, container: false })).toEqual([]);
  });
});
