import { at, resourcesOf, type TerraformJson } from '../../support/synth';
import { type Rule, target, texts, unless } from './rule';

/**
 * The pattern of a key or a password in a text. A regular expression of a filter names such words too, but no value.
 */
const SECRET_TEXT =
  /-----BEGIN|AIza[\w-]{30}|(static-auth-secret|password|secret|api_?key)["']?\s*[=:]\s*["']?[A-Za-z0-9+/_=-]{16,}/i;

/** An environment whose database can go is one that can go. */
const isDestroyable = (json: TerraformJson): boolean =>
  resourcesOf(json, /^google_firestore_database$/).some(({ attributes }) => attributes.deletion_policy === 'DELETE');

export const STORAGE: readonly Rule[] = [
  {
    name: 'buckets have uniform access',
    reason: 'an object’s own ACL would pass by every grant',
    types: /^google_storage_bucket$/,
    wrong: ({ attributes }) => unless(attributes.uniform_bucket_level_access === true, 'objects have ACLs'),
    planted: { type: 'google_storage_bucket', attributes: {} },
  },
  {
    name: 'every bucket is private',
    reason:
      'organisations refuse public ones, and a direct read passes by the CDN, its policy and its log, at a higher price',
    types: /^google_storage_bucket$/,
    wrong: ({ attributes }) => unless(attributes.public_access_prevention === 'enforced', 'it can be made public'),
    planted: {
      type: 'google_storage_bucket',
      path: 'media/open/bucket',
      attributes: { public_access_prevention: 'inherited' },
    },
  },
  {
    name: 'buckets keep nothing that was deleted',
    reason: 'seven days of every overwritten playlist and expired segment would be billed',
    types: /^google_storage_bucket$/,
    where: ({ path }) => path !== 'state',
    wrong: ({ attributes }) =>
      unless(
        at(attributes, 'soft_delete_policy.retention_duration_seconds') === 0 &&
          at(attributes, 'autoclass.enabled') === false,
        'soft delete or autoclass is on',
      ),
    planted: { type: 'google_storage_bucket', attributes: { autoclass: { enabled: false } } },
  },
  {
    name: 'media buckets expire what nobody keeps',
    reason: 'segments that are not recorded, session playlists of nodes that never came back',
    types: /^google_storage_bucket$/,
    where: ({ path }) => /^media\/(ingest|open|gated)\//.test(path),
    wrong: ({ path, attributes }) => {
      const rule = at(attributes, 'lifecycle_rule.0');
      const days = at(rule, path.startsWith('media/ingest') ? 'condition.age' : 'condition.days_since_custom_time');
      return unless(at(rule, 'action.type') === 'Delete' && Number(days) >= 1, 'nothing expires');
    },
    planted: {
      type: 'google_storage_bucket',
      path: 'media/open/bucket',
      attributes: { lifecycle_rule: [{ action: { type: 'Delete' }, condition: { age: 0 } }] },
    },
  },
  {
    name: 'a lifecycle rule never deletes by age what may be a recording',
    reason: 'recordings share the bucket with what expires; only the custom time tells them apart',
    types: /^google_storage_bucket$/,
    where: ({ path }) => /^media\/(open|gated)\//.test(path),
    wrong: ({ attributes }) =>
      unless(
        !texts(Object.keys(Object(at(attributes, 'lifecycle_rule.0.condition')))).includes('age'),
        'it deletes by age',
      ),
    planted: {
      type: 'google_storage_bucket',
      path: 'media/open/bucket',
      attributes: { lifecycle_rule: [{ condition: { age: 30 } }] },
    },
  },
  {
    name: 'the states have versions and cannot be destroyed',
    reason: 'without its state an environment is nobody’s',
    types: /^google_storage_bucket$/,
    where: ({ path }) => path === 'state',
    wrong: ({ attributes }) =>
      unless(
        at(attributes, 'versioning.enabled') === true && at(attributes, 'lifecycle.prevent_destroy') === true,
        'a state could be lost',
      ),
    planted: { type: 'google_storage_bucket', path: 'state', attributes: { versioning: { enabled: true } } },
  },
  {
    name: 'the database can be destroyed whole, or not at all',
    reason: 'the provider’s default leaves it behind, and the next apply answers 409',
    types: /^google_firestore_database$/,
    wrong: ({ attributes }) =>
      unless(
        attributes.name !== '(default)' &&
          ['DELETE DELETE_PROTECTION_DISABLED', 'ABANDON DELETE_PROTECTION_ENABLED'].includes(
            `${attributes.deletion_policy} ${attributes.delete_protection_state}`,
          ),
        `${attributes.deletion_policy}, ${attributes.delete_protection_state}`,
      ),
    planted: {
      type: 'google_firestore_database',
      attributes: { name: 'a', deletion_policy: 'DELETE', delete_protection_state: 'DELETE_PROTECTION_ENABLED' },
    },
  },
  {
    name: 'no secret’s value is in the state',
    reason: 'a state is read by everybody who deploys',
    types: /secret|signed_url_key|service_account_key/,
    wrong: ({ type, attributes }) =>
      unless(
        /^google_secret_manager_secret(_iam_member)?$/.test(type) && !('secret_data' in attributes),
        'its value would be in the state',
      ),
    planted: { type: 'google_secret_manager_secret_version', attributes: { secret_data: 'x' } },
  },
  {
    name: 'no text of any resource is a key or a password',
    reason: 'metadata, variables and user data are in the state too, and read by everybody who may see a VM',
    types: /./,
    wrong: ({ attributes }) => {
      const found = texts(attributes).filter((text) => SECRET_TEXT.test(text));
      return unless(found.length === 0, `${found.length} of its texts look like a secret`);
    },
    planted: {
      type: 'google_compute_instance_template',
      attributes: { metadata: { 'user-data': 'static-auth-secret=0123456789abcdef0123' } },
    },
  },
  {
    name: 'what is protected has backups',
    reason: 'protection from destroying does not bring back what was overwritten',
    types: /^google_firestore_database$/,
    where: ({ attributes }) => attributes.delete_protection_state === 'DELETE_PROTECTION_ENABLED',
    wrong: ({ address, attributes }, json) => {
      const kept = resourcesOf(json, /^google_firestore_backup_schedule$/).filter(
        (one) => target(one.attributes.database) === address,
      );
      return unless(
        kept.length > 0 && attributes.point_in_time_recovery_enablement === 'POINT_IN_TIME_RECOVERY_ENABLED',
        'it has no backups or no recovery to a point in time',
      );
    },
    planted: {
      type: 'google_firestore_database',
      attributes: { delete_protection_state: 'DELETE_PROTECTION_ENABLED' },
    },
  },
  {
    name: 'a protected bucket refuses to be emptied',
    reason: 'destroying prod by mistake must not delete recordings',
    types: /^google_storage_bucket$/,
    where: ({ path }) => /^media\/(ingest|open|gated)\//.test(path),
    wrong: ({ attributes }, json) =>
      unless(
        attributes.force_destroy !== true || isDestroyable(json),
        'force_destroy in an environment that is protected',
      ),
    planted: { type: 'google_storage_bucket', attributes: { force_destroy: true } },
  },
];
