/**
 * The discovery documents, and of each the collections whose request bodies are checked: those that the platform's
 * stacks make.
 */
export const COLLECTIONS: Readonly<Record<string, readonly string[]>> = {
  'artifactregistry.v1': ['repositories'],
  'bigquery.v2': ['datasets', 'tables'],
  'billingbudgets.v1': ['budgets'],
  'certificatemanager.v1': ['certificates', 'certificateMaps', 'certificateMapEntries', 'dnsAuthorizations'],
  'cloudfunctions.v2': ['functions'],
  'cloudresourcemanager.v1': ['projects'],
  'cloudscheduler.v1': ['jobs'],
  'compute.v1': [
    ...[
      'addresses',
      'globalAddresses',
      'backendBuckets',
      'backendServices',
      'regionBackendServices',
      'firewalls',
      'forwardingRules',
    ],
    ...[
      'globalForwardingRules',
      'healthChecks',
      'regionHealthChecks',
      'instances',
      'instanceTemplates',
      'networks',
      'subnetworks',
    ],
    ...[
      'regionAutoscalers',
      'regionInstanceGroupManagers',
      'regionNetworkEndpointGroups',
      'routers',
      'securityPolicies',
    ],
    ...['sslPolicies', 'targetHttpProxies', 'targetHttpsProxies', 'targetSslProxies', 'urlMaps'],
  ],
  'dns.v1': ['changes'],
  'firestore.v1': ['databases', 'fields', 'indexes', 'backupSchedules'],
  'iam.v1': ['serviceAccounts', 'roles', 'workloadIdentityPools', 'providers'],
  'logging.v2': ['metrics', 'exclusions', 'sinks', 'buckets'],
  'monitoring.v1': ['dashboards'],
  'monitoring.v3': [
    'alertPolicies',
    'notificationChannels',
    'uptimeCheckConfigs',
    'services',
    'serviceLevelObjectives',
  ],
  'pubsub.v1': ['topics', 'subscriptions'],
  'run.v2': ['services', 'jobs'],
  'secretmanager.v1': ['secrets'],
  'storage.v1': ['buckets'],
  'vpcaccess.v1': ['connectors'],
};
