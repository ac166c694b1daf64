import { SecretManagerSecretIamMember } from '@cdktf/provider-google/lib/secret-manager-secret-iam-member';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Grantee } from './identity';

/** A secret whose container `bootstrap` made, and its readers. It needs a value before its first reader is made. */
export class Secret extends Construct {
  readonly secretId: string;
  /** `projects/<project>/secrets/<id>`: a literal, for texts that a VM reads. */
  readonly resourceName: string;

  constructor(scope: Construct, id: string, { names, projectId }: Deployment, thing: string) {
    super(scope, id);
    this.secretId = names.resource(thing);
    this.resourceName = `projects/${projectId}/secrets/${this.secretId}`;
  }

  /** Grants read access, and returns the grant: a function that mounts the secret fails without it. */
  grantRead({ grantId, member }: Grantee): ITerraformDependable {
    return new SecretManagerSecretIamMember(this, `reader-${grantId}`, {
      secretId: this.resourceName,
      role: 'roles/secretmanager.secretAccessor',
      member,
    });
  }
}
