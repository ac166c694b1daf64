import type { Origin, OriginOptions } from './origin';

export type { Origin, OriginOptions } from './origin';

/**
 * The origin these options ask for; nothing runs before `start`, which answers SRS's API URL. Rejects with one sentence when
 * `srsBin` is not a working SRS.
 */
export async function createOrigin(options: OriginOptions): Promise<Origin> {
  throw new Error(`no origin for ${options.nodeId} yet`);
}
