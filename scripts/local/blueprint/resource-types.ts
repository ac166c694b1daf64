import { StartError } from '../../emulators/server/start-error';
import type { Declared } from './terraform-json';

/**
 * Every resource type of this product: the types that the local stack reads, and those without a meaning on one
 * machine. A type that is in neither list fails, so that each new one needs a decision.
 */
export const INTERPRETED: ReadonlySet<string> = new Set([
  'google_cloud_run_v2_service_iam_member',
  'google_cloud_scheduler_job',
  'google_cloudfunctions2_function',
  'google_compute_backend_bucket',
  'google_compute_backend_service',
  'google_compute_instance_template',
  'google_compute_region_instance_group_manager',
  'google_compute_region_network_endpoint_group',
  'google_compute_url_map',
  'google_firestore_database',
  'google_firestore_field',
  'google_firestore_index',
  'google_pubsub_subscription',
  'google_pubsub_topic',
  'google_service_account',
  'google_storage_bucket',
  'google_storage_bucket_iam_member',
]);

const IGNORED: ReadonlySet<string> = new Set([
  'google_artifact_registry_repository',
  'google_artifact_registry_repository_iam_member',
  'google_bigquery_dataset',
  'google_bigquery_dataset_iam_member',
  'google_bigquery_table',
  'google_billing_budget',
  'google_certificate_manager_certificate',
  'google_certificate_manager_certificate_map',
  'google_certificate_manager_certificate_map_entry',
  'google_certificate_manager_dns_authorization',
  'google_compute_address',
  'google_compute_firewall',
  'google_compute_forwarding_rule',
  'google_compute_global_address',
  'google_compute_global_forwarding_rule',
  'google_compute_health_check',
  'google_compute_instance_from_template',
  'google_compute_network',
  'google_compute_region_autoscaler',
  'google_compute_region_backend_service',
  'google_compute_region_health_check',
  'google_compute_router',
  'google_compute_router_nat',
  'google_compute_security_policy',
  'google_compute_ssl_policy',
  'google_compute_subnetwork',
  'google_compute_target_http_proxy',
  'google_compute_target_https_proxy',
  'google_compute_target_ssl_proxy',
  'google_dns_record_set',
  'google_firestore_backup_schedule',
  'google_logging_metric',
  'google_logging_project_bucket_config',
  'google_logging_project_exclusion',
  'google_logging_project_sink',
  'google_monitoring_alert_policy',
  'google_monitoring_custom_service',
  'google_monitoring_dashboard',
  'google_monitoring_notification_channel',
  'google_monitoring_slo',
  'google_monitoring_uptime_check_config',
  'google_project_iam_custom_role',
  'google_project_iam_member',
  'google_pubsub_subscription_iam_member',
  'google_pubsub_topic_iam_member',
  'google_secret_manager_secret',
  'google_secret_manager_secret_iam_member',
  'google_storage_bucket_object',
  'google_vpc_access_connector',
]);

/** Rejects a type that is in neither list, and names the resource. */
export function checkTypes(declared: Iterable<Declared>): void {
  for (const { kind, type, name } of declared) {
    if (kind === 'resource' && !INTERPRETED.has(type) && !IGNORED.has(type))
      throw new StartError(
        `${type}.${name}: resource type '${type}' is neither interpreted nor ignored; ` +
          'list it in scripts/local/blueprint/resource-types.ts',
      );
  }
}
