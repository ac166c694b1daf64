import { spawnSync } from 'node:child_process';

/** Returns why containers cannot be built or run here; `undefined` where they can. */
export function dockerMissing(): string | undefined {
  const { error, status } = spawnSync('docker', ['info'], { timeout: 5000, stdio: 'ignore' });
  if (error !== undefined) return 'no docker command';
  return status === 0 ? undefined : 'no Docker engine answers';
}
