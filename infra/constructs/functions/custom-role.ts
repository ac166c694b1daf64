import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

/** A custom role, where Google's smallest role permits more than is needed. */
export interface CustomRoleProps {
  /** The part of the role's name that names its purpose, e.g. `node-keeper`. */
  readonly thing: string;
  /** The title before `of <environment>`. */
  readonly title: string;
  readonly description: string;
  readonly permissions: string[];
}

/**
 * Makes a custom role in the project. It outlives environments: the name of a deleted role is blocked for up to 37
 * days.
 */
export class CustomRole extends Construct {
  constructor(scope: Construct, id: string, { names, projectId: project }: Deployment, props: CustomRoleProps) {
    super(scope, id);
    const { thing, title, description, permissions } = props;
    new ProjectIamCustomRole(this, 'role', {
      project,
      roleId: names.role(thing),
      title: `${title} of ${names.environment}`,
      description,
      permissions,
    });
  }
}

/** Names the role of an environment, as a grant takes it. */
export const customRoleName = ({ names, projectId }: Deployment, { thing }: Pick<CustomRoleProps, 'thing'>): string =>
  `projects/${projectId}/roles/${names.role(thing)}`;
