import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { GcsBackend, type TerraformStack } from 'cdktf';
import type { PlatformConfig } from '../config/schema';

/** `import` blocks came with 1.5; OpenTofu began at 1.6. */
const OLDEST_TERRAFORM = '>= 1.5.0';

interface StackConnection {
  /** The prefix of the stack's state in the state bucket. */
  readonly prefix: string;
  readonly projectId: string;
  readonly region: string;
  /**
   * True: every call names the project for its quota, so the project's services must be enabled; calls on a billing
   * account need that. False: no service has to be enabled yet. https://cloud.google.com/apis/docs/system-parameters
   */
  readonly charged: boolean;
}

/** Sets the provider and remote state of a stack. Without a backend, cdktf writes a local path into the output. */
export function connect(stack: TerraformStack, place: StackConnection, { stateBucket }: PlatformConfig): void {
  const { prefix, projectId, region, charged } = place;
  new GoogleProvider(stack, 'google', {
    project: projectId,
    region,
    ...(charged && { userProjectOverride: true, billingProject: projectId }),
  });
  new GcsBackend(stack, { bucket: stateBucket, prefix });
  stack.addOverride('terraform.required_version', OLDEST_TERRAFORM);
}
