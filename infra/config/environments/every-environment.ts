import type { EnvironmentInput } from '../schema';

/**
 * Sizes of the functions whose load is the same in every environment. A new function begins here; its line moves when
 * they differ.
 */
export const SIZES_EVERYWHERE = {
  'budget-guard': { memory: '256Mi', concurrency: 1, minInstances: 0, maxInstances: 1 },
} as const satisfies Partial<EnvironmentInput['functions']>;
