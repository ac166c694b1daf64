import type { PlatformConfig } from './schema';

/** Where the Terraform states of all stacks are. */
export const platform = {
  projectId: 'srs-live-ops',
  region: 'europe-west1',
  stateBucket: 'srs-live-ops-terraform-state',
} satisfies PlatformConfig;
