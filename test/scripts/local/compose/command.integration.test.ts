import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

it('./scripts/start --docker ends with 1 and one sentence where no engine answers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'no-docker-'));
  writeFileSync(join(folder, 'docker'), '#!/bin/sh\nexit 1\n');
  chmodSync(join(folder, 'docker'), 0o755);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync('./scripts/start', ['--docker', '--no-demo'], { encoding: 'utf8', env });
  rmSync(folder, { recursive: true });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr.trim().split('\n').at(-1)).toBe(
    'cannot start: --docker: no Docker engine answers, start one; or leave --docker out: nothing needs it',
  );
}, 60_000);
