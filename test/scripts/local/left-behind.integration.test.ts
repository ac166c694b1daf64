import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../../../scripts/local/process/is-running';
import { makeScratchFolder } from '../../../scripts/local/process/scratch-folder';

const temp = mkdtempSync(join(tmpdir(), 'srs-live-left-'));
afterAll(() => rmSync(temp, { recursive: true }));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** A process that has ended: its id is free. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid ?? 0;
}

describe('the remains of a stack', () => {
  it('a folder of its own is made, those of stacks that are gone are removed, others stay', async () => {
    const gone = `srs-live-stack-${await deadPid()}-abc`;
    const alive = `srs-live-stack-${process.ppid}-abc`;
    for (const name of [gone, alive, 'somebody-elses']) mkdirSync(join(temp, name));
    const made = await makeScratchFolder(temp);
    expect(made.startsWith(join(temp, `srs-live-stack-${process.pid}-`))).toBe(true);
    expect(readdirSync(temp).sort()).toEqual([made.slice(temp.length + 1), alive, 'somebody-elses'].sort());
  });

  it('a folder that cannot be written is named', async () => {
    writeFileSync(join(temp, 'file'), '');
    await expect(makeScratchFolder(join(temp, 'file'))).rejects.toThrow(
      `folder '${join(temp, 'file')}' cannot be written (ENOTDIR)`,
    );
  });

  it('after a kill the watchdog ends what has no channel and removes the folder', async () => {
    const folder = join(temp, 'killed');
    mkdirSync(folder);
    const orphan = spawn('sleep', ['60'], { stdio: 'ignore' });
    const dog = spawn(process.execPath, ['scripts/local/process/watchdog-child.cjs', folder], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await new Promise((resolve) => dog.send({ pids: [orphan.pid] }, resolve));
    const ended = Promise.all([orphan, dog].map((child) => new Promise((resolve) => child.once('exit', resolve))));
    dog.disconnect();
    await ended;
    expect([isRunning(orphan.pid ?? 0), existsSync(folder)]).toEqual([false, false]);
  });

  it('a function ends when the stack it belongs to is gone', async () => {
    const args = [
      '--require',
      './scripts/local/process/exit-with-parent.cjs',
      '-e',
      'setInterval(() => undefined, 1000)',
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await pause(100);
    child.disconnect();
    expect(await ended).toBe(0);
  });
});
