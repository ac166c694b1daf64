import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../../emulators/server/errno';
import { StartError } from '../../emulators/server/start-error';
import { isRunning } from './is-running';

const PREFIX = 'srs-live-stack-';

/** Makes a new folder in `parent`, named after this process. Folders of processes that are gone are removed first. */
export async function makeScratchFolder(parent: string = tmpdir()): Promise<string> {
  try {
    await removeAbandoned(parent);
    return await mkdtemp(join(parent, `${PREFIX}${process.pid}-`));
  } catch (cause) {
    throw new StartError(`folder '${parent}' cannot be written (${errnoOf(cause)}): set TMPDIR to one that can`, {
      cause,
    });
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(parent, name), { recursive: true, force: true });
  }
}
