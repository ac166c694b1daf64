import { Aspects, type IAspect, TerraformResource, type TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';

/**
 * Resources that cannot be restored by a deploy: media, the database, reports, keys, and addresses that encoders and
 * DNS know.
 */
const KEPT: ReadonlySet<string> = new Set([
  'google_bigquery_table',
  'google_compute_address',
  'google_compute_global_address',
  'google_firestore_database',
  'google_secret_manager_secret',
  'google_storage_bucket',
]);

const refuse: IAspect = {
  visit(node: IConstruct): void {
    if (node instanceof TerraformResource && KEPT.has(node.terraformResourceType))
      node.lifecycle = { ...node.lifecycle, preventDestroy: true };
  },
};

/**
 * Makes Terraform refuse a plan that destroys or replaces a resource that cannot be restored, before anything is
 * changed and regardless of Google's own protection.
 * https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy
 */
export function protect(stack: TerraformStack): void {
  Aspects.of(stack).add(refuse);
}
