import { accessSync, constants, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RAM = '/dev/shm';

/**
 * Makes a folder in memory where the system has one, else among the temporary ones: for disks that thousands of runs
 * write to.
 */
export function ramFolder(prefix: string): string {
  return mkdtempSync(join(isWritable(RAM) ? RAM : tmpdir(), prefix));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
