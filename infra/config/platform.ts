import type { PlatformConfig } from './schema';

/** The location of the Terraform states of all stacks. */
export const platform = {
  projectId: 'srs-live-ops',
  region: 'europe-west1',
  stateBucket: 'srs-live-ops-terraform-state',
} satisfies PlatformConfig;
