import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Puts the lock files that are kept (`infra/locks/<stack>.terraform.lock.hcl`) beside the synthesised stacks, so that
 * `cdktf deploy` takes the plugins a stack was deployed with, as `npm run deploy` does. A stack without one takes what
 * the registry has.
 */
export function putLocks(kept: string, outdir: string, stacks: readonly string[]): void {
  for (const stack of stacks) {
    const lock = join(kept, `${stack}.terraform.lock.hcl`);
    if (existsSync(lock)) copyFileSync(lock, join(outdir, 'stacks', stack, '.terraform.lock.hcl'));
  }
}
