import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { GcsBackend, type TerraformStack } from 'cdktf';
import type { PlatformConfig } from '../config/schema';

/** `import` blocks came with 1.5; OpenTofu began at 1.6. */
const OLDEST_TERRAFORM = '>= 1.5.0';

/** Provider and remote state of a stack. Without a backend of its own cdktf writes a path of this machine into the output. */
export function connect(
  stack: TerraformStack,
  prefix: string,
  place: { projectId: string; region: string },
  { stateBucket }: PlatformConfig,
): void {
  new GoogleProvider(stack, 'google', {
    project: place.projectId,
    region: place.region,
    // Budgets and other calls on a billing account name the project that is charged for the call.
    userProjectOverride: true,
    billingProject: place.projectId,
  });
  new GcsBackend(stack, { bucket: stateBucket, prefix });
  stack.addOverride('terraform.required_version', OLDEST_TERRAFORM);
}
