/**
 * The endpoint of each API, by the provider's variable that replaces it.
 * https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/guides/provider_reference
 */
const APIS: Readonly<Record<string, string>> = {
  ARTIFACT_REGISTRY: 'artifactregistry.googleapis.com/v1/',
  BIG_QUERY: 'bigquery.googleapis.com/bigquery/v2/',
  BILLING: 'billingbudgets.googleapis.com/v1/',
  CERTIFICATE_MANAGER: 'certificatemanager.googleapis.com/v1/',
  CLOUD_BILLING: 'cloudbilling.googleapis.com/v1/',
  CLOUD_BUILD: 'cloudbuild.googleapis.com/v1/',
  CLOUD_QUOTAS: 'cloudquotas.googleapis.com/v1/',
  CLOUDFUNCTIONS2: 'cloudfunctions.googleapis.com/v2/',
  CLOUD_RESOURCE_MANAGER: 'cloudresourcemanager.googleapis.com/',
  CLOUD_RUN_V2: 'run.googleapis.com/v2/',
  CLOUD_SCHEDULER: 'cloudscheduler.googleapis.com/v1/',
  COMPUTE: 'compute.googleapis.com/compute/v1/',
  CORE_BILLING: 'cloudbilling.googleapis.com/v1/',
  DNS: 'dns.googleapis.com/dns/v1/',
  EVENTARC: 'eventarc.googleapis.com/v1/',
  FIRESTORE: 'firestore.googleapis.com/v1/',
  IAM: 'iam.googleapis.com/v1/',
  IAM_BETA: 'iam.googleapis.com/v1/',
  IAM_CREDENTIALS: 'iamcredentials.googleapis.com/v1/',
  IAP: 'iap.googleapis.com/v1/',
  LOGGING: 'logging.googleapis.com/v2/',
  MONITORING: 'monitoring.googleapis.com/',
  NETWORK_SERVICES: 'networkservices.googleapis.com/v1/',
  ORG_POLICY: 'orgpolicy.googleapis.com/v2/',
  OS_LOGIN: 'oslogin.googleapis.com/v1/',
  PUBSUB: 'pubsub.googleapis.com/v1/',
  RESOURCE_MANAGER: 'cloudresourcemanager.googleapis.com/v1/',
  RESOURCE_MANAGER_V3: 'cloudresourcemanager.googleapis.com/v3/',
  SECRET_MANAGER: 'secretmanager.googleapis.com/v1/',
  SERVICE_USAGE: 'serviceusage.googleapis.com/v1/',
  STORAGE: 'storage.googleapis.com/storage/v1/',
  TAGS: 'cloudresourcemanager.googleapis.com/v3/',
  VPC_ACCESS: 'vpcaccess.googleapis.com/v1/',
};

/**
 * Returns the environment with which Terraform, its backend and the project's own commands call only a stand-in at
 * `origin`.
 */
export const endpointsAt = (origin: string): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(APIS).map(([api, base]) => [`GOOGLE_${api}_CUSTOM_ENDPOINT`, `${origin}/${base}`]),
  ),
  GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT: `${origin}/storage.googleapis.com/storage/v1/`,
  SRS_LIVE_GOOGLE_ENDPOINT: origin,
  HTTPS_PROXY: origin,
});
