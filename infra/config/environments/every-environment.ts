import { forEachFunction } from '../../../functions/contract/env/functions';

/** The size of a function for which an environment sets none: the smallest. */
export const SIZES_EVERYWHERE = forEachFunction({
  memory: '256Mi',
  concurrency: 1,
  minInstances: 0,
  maxInstances: 1,
} as const);
