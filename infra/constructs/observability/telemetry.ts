import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Identity } from '../functions/identity';

/** Grants a VM's account the right to write logs and metrics. These roles exist on projects only. */
export class Telemetry extends Construct {
  constructor(scope: Construct, id: string, project: string, { member }: Identity) {
    super(scope, id);
    new ProjectIamMember(this, 'logs', { project, role: 'roles/logging.logWriter', member });
    new ProjectIamMember(this, 'metrics', { project, role: 'roles/monitoring.metricWriter', member });
  }
}
