import { at, reference } from '../../support/synth';
import { type Rule, target, texts, unless } from './rule';

/** The account by which Google's load balancers read a private bucket. */
const LOAD_BALANCER = /@https-lb\./;

/** The one list of what anybody on the internet may do. */
const PUBLIC_GRANTS: Readonly<Record<string, string>> = {
  'functions/api/invoker-everyone': 'roles/run.invoker',
  'functions/chat/invoker-everyone': 'roles/run.invoker',
  'second/functions/api/invoker-everyone': 'roles/run.invoker',
  'second/functions/chat/invoker-everyone': 'roles/run.invoker',
};

/** Roles that can only be given on a whole project, and those that need a condition to be narrow all the same. */
const PROJECT_ROLES: Readonly<Record<string, 'whole' | 'conditional'>> = {
  'roles/datastore.user': 'conditional',
  'roles/storage.objectViewer': 'conditional',
  'roles/eventarc.eventReceiver': 'whole',
  'roles/eventarc.serviceAgent': 'whole',
  'roles/pubsub.publisher': 'whole',
  'roles/pubsub.serviceAgent': 'whole',
  'roles/logging.logWriter': 'whole',
  'roles/ondemandscanning.admin': 'whole',
  'roles/monitoring.metricWriter': 'whole',
};

/** The permissions of custom roles, by their holders. */
const OWN_ROLES: Readonly<Record<string, readonly string[]>> = {
  'night-keeper/role': [
    'compute.autoscalers.get',
    'compute.autoscalers.update',
    'compute.instanceGroupManagers.get',
    'compute.instanceGroupManagers.update',
    'compute.instanceGroupManagers.use',
  ],
  'cdn-cleaner/role': ['compute.globalOperations.get', 'compute.urlMaps.get', 'compute.urlMaps.invalidateCache'],
  'node-keeper/role': [
    'compute.autoscalers.get',
    'compute.instanceGroupManagers.get',
    'compute.instanceGroupManagers.update',
  ],
};
const OWN_ROLE = /^projects\/[\w-]+\/roles\/srs_live_[a-z]+_(node_keeper|night_keeper|cdn_cleaner)$/;

export const IAM: readonly Rule[] = [
  {
    name: 'a role of our own holds what is listed',
    reason: 'it is made because Google has none so narrow',
    types: /^google_project_iam_custom_role$/,
    wrong: ({ path, attributes }) => {
      const more = texts(attributes.permissions).filter(
        (permission) => !OWN_ROLES[path.replace(/^\w+\//, '')]?.includes(permission),
      );
      return unless(more.length === 0, `${more} is not listed`);
    },
    planted: {
      type: 'google_project_iam_custom_role',
      path: 'dev/node-keeper/role',
      attributes: { permissions: ['compute.instanceGroupManagers.update', 'compute.instances.setMetadata'] },
    },
  },
  {
    name: 'only the listed grants are everybody’s',
    reason: 'a bucket or function that is public by mistake is found by others first',
    types: /_iam_(member|binding|policy)$/,
    wrong: ({ path, attributes }) =>
      texts(attributes).some((text) => /^all(Authenticated)?Users$/.test(text))
        ? unless(PUBLIC_GRANTS[path] === attributes.role, `${attributes.role} is given to everybody`)
        : undefined,
    planted: {
      type: 'google_storage_bucket_iam_member',
      path: 'media/gated/public',
      attributes: { role: 'roles/storage.objectViewer', member: 'allUsers' },
    },
  },
  {
    name: 'the load balancer reads what is open, and neither lists it nor reads what is gated',
    reason: 'what it may read it serves to anybody without a signature; a list of objects is a list of every stream',
    types: /^google_storage_bucket_iam_member$/,
    where: ({ attributes }) => LOAD_BALANCER.test(String(attributes.member)),
    wrong: ({ attributes }) =>
      unless(
        attributes.role === 'roles/storage.legacyObjectReader' &&
          /^google_storage_bucket\.media_open_bucket_\w+$/.test(target(attributes.bucket)),
        `${attributes.role} on ${attributes.bucket}`,
      ),
    planted: {
      type: 'google_storage_bucket_iam_member',
      attributes: {
        bucket: reference('google_storage_bucket.media_gated_bucket_12AB.name'),
        role: 'roles/storage.legacyObjectReader',
        member: `serviceAccount:service-${reference('data.google_project.a.number')}@https-lb.iam.gserviceaccount.com`,
      },
    },
  },
  {
    name: 'who writes media cannot write a page',
    reason: 'pages lie in the same bucket, and a script on the public host acts as the person who is signed in there',
    types: /^google_storage_bucket_iam_member$/,
    where: ({ attributes }) =>
      target(attributes.bucket).startsWith('google_storage_bucket.media_open_') &&
      /object(Creator|User|Admin)$/.test(String(attributes.role)),
    wrong: ({ attributes }) =>
      unless(
        /^resource\.name\.startsWith\("projects\/_\/buckets\/[\w-]+\/objects\/open\/"\)$/.test(
          String(at(attributes, 'condition.expression')),
        ),
        'it may write anywhere in the bucket',
      ),
    planted: {
      type: 'google_storage_bucket_iam_member',
      attributes: {
        bucket: reference('google_storage_bucket.media_open_bucket_12AB.name'),
        role: 'roles/storage.objectUser',
      },
    },
  },
  {
    name: 'no primitive and no administrator’s role',
    reason: 'a leaked account must not be able to give itself more',
    types: /_iam_(member|binding|policy)$/,
    wrong: ({ attributes: { role } }) =>
      unless(
        // It is called so, and may start scans and nothing else; Google has no lesser one that may.
        role === 'roles/ondemandscanning.admin' || !/^roles\/(owner|editor|viewer|.*[aA]dmin)$/.test(String(role)),
        `${role} is too much`,
      ),
    planted: { type: 'google_project_iam_member', attributes: { role: 'roles/editor' } },
  },
  {
    name: 'a role on the project is listed, and narrowed where it can be',
    reason: 'what can be given on one resource is given there',
    types: /^google_project_iam_(member|binding|policy|audit_config)$/,
    wrong: ({ attributes }) => {
      if (OWN_ROLE.test(String(attributes.role))) return undefined;
      const allowed = PROJECT_ROLES[String(attributes.role)];
      if (allowed === undefined) return `${attributes.role} is not listed`;
      return unless(allowed === 'whole' || at(attributes, 'condition.expression') !== undefined, 'it has no condition');
    },
    planted: { type: 'google_project_iam_member', attributes: { role: 'roles/datastore.user' } },
  },
  {
    name: 'grants are members, never bindings or policies',
    reason: 'those take away what others were given',
    types: /_iam_(?!custom_role)/,
    wrong: ({ type }) => unless(type.endsWith('_iam_member'), 'it is authoritative'),
    planted: { type: 'google_project_iam_binding', attributes: {} },
  },
  {
    name: 'a service account has no key',
    reason: 'a key is a password that never ends; VMs and functions get tokens instead',
    types: /^google_(service_account|service_account_key)$/,
    wrong: ({ type }) => unless(type === 'google_service_account', 'it is a key'),
    planted: { type: 'google_service_account_key', attributes: {} },
  },
  {
    name: 'nobody is a default account',
    reason: 'the default Compute and App Engine accounts may do anything in the project',
    types:
      /^google_(compute_instance_template|cloudfunctions2_function|cloudbuild_trigger|pubsub_subscription|cloud_scheduler_job)$/,
    wrong: ({ attributes }) =>
      unless(
        !texts(attributes).some((text) => /-compute@developer|@appspot\.gserviceaccount|^default$/.test(text)),
        'it is a default account',
      ),
    planted: {
      type: 'google_compute_instance_template',
      attributes: { service_account: { email: '123-compute@developer.gserviceaccount.com' } },
    },
  },
  {
    name: 'Google’s own accounts are found by the project’s number',
    reason: 'a number that is typed in belongs to another project in the next environment',
    types: /_iam_member$/,
    where: ({ attributes }) => /gcp-sa-|cloud-cdn-fill|https-lb/.test(String(attributes.member)),
    wrong: ({ attributes }) =>
      unless(
        /service-\$\{data\.google_project\.[\w-]+\.number\}@/.test(String(attributes.member)),
        String(attributes.member),
      ),
    planted: {
      type: 'google_project_iam_member',
      attributes: { member: 'serviceAccount:service-123@gcp-sa-pubsub.iam.gserviceaccount.com' },
    },
  },
];
