import { SecretManagerSecret } from '@cdktf/provider-google/lib/secret-manager-secret';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

export interface SecretContainerProps extends Deployment {
  /** The regions that hold its values. */
  readonly regions: readonly string[];
  /** Last part of the name. */
  readonly thing: string;
  /** False: Terraform refuses a plan that would destroy it with all its values. */
  readonly destroyable: boolean;
  /** Values for the script that makes the secret values. */
  readonly annotations?: Record<string, string>;
}

/** The container of a secret. A script adds the value, so that it is never in a Terraform state. */
export class SecretContainer extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { names, projectId, regions, thing, destroyable, annotations }: SecretContainerProps,
  ) {
    super(scope, id);
    new SecretManagerSecret(this, 'secret', {
      project: projectId,
      secretId: names.resource(thing),
      replication: { userManaged: { replicas: regions.map((location) => ({ location })) } },
      labels: { ...names.labels(thing) },
      ...(annotations && { annotations }),
      ...(!destroyable && { lifecycle: { preventDestroy: true } }),
    });
  }
}
