import { builtInLaunch } from './built-in-launch';
import { composeLaunch } from './compose-launch';
import { dockerLaunch } from './docker-launch';
import type { LocalOrigin, OriginOptions } from './origin';
import { OriginProcess } from './origin-process';
import { srsLaunch } from './srs-launch';

export type { LocalOrigin, OriginOptions } from './origin';

/**
 * Creates the origin that the options ask for; nothing runs before `start`, which returns SRS's API URL. Rejects with
 * one sentence when `srsBin` is not a working SRS.
 */
export async function createOrigin(options: OriginOptions): Promise<LocalOrigin> {
  if (options.compose !== undefined) return new OriginProcess(options, composeLaunch(options.compose));
  if (options.srsBin !== undefined) return new OriginProcess(options, await srsLaunch(options, options.srsBin));
  const docker = options.docker === false ? undefined : await dockerLaunch(options);
  return new OriginProcess(options, docker ?? builtInLaunch(options));
}
