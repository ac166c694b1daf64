import { SecretManagerSecret } from '@cdktf/provider-google/lib/secret-manager-secret';
import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Place } from '../names';
import type { Grantee } from './identity';

/** The container of a secret. Its value is put in by a script, so that it is never in a Terraform state. */
export class Secret extends Construct {
  readonly secretId: string;
  /** `projects/<project>/secrets/<id>`: a literal, for texts that a VM reads. */
  readonly resourceName: string;

  /** `annotations`: what the script that makes the values has to know. */
  constructor(
    scope: Construct,
    id: string,
    { names, projectId, region }: Place,
    thing: string,
    annotations?: Record<string, string>,
  ) {
    super(scope, id);
    this.resourceName = `projects/${projectId}/secrets/${names.resource(thing)}`;
    this.secretId = new SecretManagerSecret(this, 'secret', {
      project: projectId,
      secretId: names.resource(thing),
      replication: { userManaged: { replicas: [{ location: region }] } },
      labels: { ...names.labels(thing) },
      ...(annotations && { annotations }),
    }).secretId;
  }

  /** Answers the grant: a function that mounts the secret fails without it. */
  grantRead({ grantId, member }: Grantee): ITerraformDependable {
    const { secretId } = this;
    return new SecretManagerSecretIamMember(this, `reader-${grantId}`, {
      secretId,
      role: 'roles/secretmanager.secretAccessor',
      member,
    });
  }
}
