import { Aspects, type IAspect, TerraformResource, type TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';

/** The place of a customer-managed key in each type of resource, as an override of its block. */
const KEY_AT: Readonly<Record<string, string>> = {
  google_artifact_registry_repository: 'kms_key_name',
  google_bigquery_dataset: 'default_encryption_configuration.kms_key_name',
  google_cloudfunctions2_function: 'kms_key_name',
  google_compute_instance_template: 'disk.0.disk_encryption_key.kms_key_self_link',
  google_firestore_database: 'cmek_config.kms_key_name',
  google_pubsub_topic: 'kms_key_name',
  google_secret_manager_secret: 'replication.user_managed.replicas.0.customer_managed_encryption.kms_key_name',
  google_storage_bucket: 'encryption.default_kms_key_name',
};

const encrypted = (key: string): IAspect => ({
  visit(node: IConstruct): void {
    const at = node instanceof TerraformResource ? KEY_AT[node.terraformResourceType] : undefined;
    if (node instanceof TerraformResource && at !== undefined) node.addOverride(at, key);
  },
});

/**
 * Encrypts every resource in `scope` that keeps data by a key of the customer. Google's account of each service must be
 * allowed to use the key before. https://cloud.google.com/kms/docs/cmek
 */
export function encrypt(scope: IConstruct | TerraformStack, key: string | undefined): void {
  if (key !== undefined) Aspects.of(scope).add(encrypted(key));
}
