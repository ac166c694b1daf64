import { ServiceAccount } from '@cdktf/provider-google/lib/service-account';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

/** The receiver of a grant: `grantId` becomes part of the grant's construct id, `member` is the IAM member. */
export interface Grantee {
  readonly grantId: string;
  readonly member: string;
}

/** An account that another stack made, by its name. */
export const knownAccount = (
  { names }: Pick<Deployment, 'names'>,
  thing: string,
): Grantee & { readonly email: string } => ({
  grantId: thing,
  email: names.email(thing),
  member: `serviceAccount:${names.email(thing)}`,
});

/** A service account without any role: every grant is made where the resource is. */
export class Identity extends Construct implements Grantee {
  readonly grantId: string;
  readonly member: string;
  readonly email: string;
  /** `projects/<project>/serviceAccounts/<e-mail>` */
  readonly resourceName: string;

  constructor(scope: Construct, id: string, { names, projectId }: Deployment, thing: string, displayName: string) {
    super(scope, id);
    const account = new ServiceAccount(this, 'account', {
      project: projectId,
      accountId: names.serviceAccount(thing),
      displayName,
    });
    this.grantId = thing;
    this.member = account.member;
    this.email = account.email;
    this.resourceName = account.name;
  }
}
