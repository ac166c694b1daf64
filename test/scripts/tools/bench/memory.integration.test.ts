import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { watchMemory } from '../../../../scripts/tools/bench/memory';
import { realPart } from '../../../support/platform/real-part';

/** Says "there" once it holds what it takes, and ends with its standard input. */
const HOLDS_80_MB = `const held = Buffer.alloc(80e6, 1); process.stdin.on('end', () => held.length).resume(); console.log('there');`;
/** A process that starts another one, in its group. */
const STARTS_ANOTHER = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(HOLDS_80_MB)}], { stdio: 'inherit' });`;

realPart('the memory of a process group', existsSync('/proc/self/stat') ? undefined : 'no /proc on this system', () => {
  it('the memory of a process counts the processes it started', async () => {
    const child = spawn(process.execPath, ['-e', STARTS_ANOTHER], {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const peak = watchMemory(child.pid ?? 0);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.stdin.end();
    await new Promise((resolve) => child.once('close', resolve));
    const megabytes = peak() / 1e6;
    expect(megabytes).toBeGreaterThan(100);
    expect(megabytes).toBeLessThan(600);
  }, 30_000);
});
