import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const LOCK = '.terraform.lock.hcl';

/**
 * Returns the folder of the lock files of the stacks in `cdktf.out`: in the repository; for the stacks of
 * `CDKTF_OUTDIR` beside them.
 */
export const locksFolder = (root: string, outdir: string | undefined): string =>
  outdir === undefined ? join(root, 'infra/locks') : join(outdir, 'locks');

/**
 * The plugins with which a stack was deployed, by their hashes: `<stack>.terraform.lock.hcl`. `cdktf.out` is made again
 * each time, so they are kept elsewhere. https://developer.hashicorp.com/terraform/language/files/dependency-lock
 */
export class Locks {
  constructor(private readonly folder: string) {}

  /** Puts the kept lock file into the stack's folder; false if none is kept. */
  async putInto(stackFolder: string, stack: string): Promise<boolean> {
    return copied(this.fileOf(stack), join(stackFolder, LOCK));
  }

  /** Keeps the lock file that Terraform wrote. */
  async keep(stackFolder: string, stack: string): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await copied(join(stackFolder, LOCK), this.fileOf(stack));
  }

  private fileOf(stack: string): string {
    return join(this.folder, `${stack}${LOCK}`);
  }
}

/** Copies a file; false if there is none. */
async function copied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
