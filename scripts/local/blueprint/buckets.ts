import { z } from 'zod';
import type { BucketBlueprint } from './blueprint';
import { block, blocks, type SynthesisedResources } from './terraform';

const Bucket = z.object({
  name: z.string(),
  website: block(z.object({ main_page_suffix: z.string() })).optional(),
  cors: blocks(
    z.object({
      origin: z.array(z.string()).default([]),
      method: z.array(z.string()).default([]),
      response_header: z.array(z.string()).default([]),
      max_age_seconds: z.number().default(3600),
    }),
  ),
  lifecycle_rule: blocks(
    z.object({
      action: block(z.object({ type: z.string() })),
      condition: block(z.object({ days_since_custom_time: z.number().optional() })),
    }),
  ),
});
const BucketGrant = z.object({ bucket: z.string(), role: z.string(), member: z.string() });

/**
 * Principals under which a load balancer sends requests.
 * https://cloud.google.com/cdn/docs/configure-private-bucket-access
 */
const LOAD_BALANCERS = /^(allUsers|serviceAccount:service-\d+@https-lb\.iam\.gserviceaccount\.com)$/;

/** Roles that let a member read an object by its name. */
const READ_ROLES = ['roles/storage.objectViewer', 'roles/storage.legacyObjectReader', 'roles/storage.objectAdmin'];

export function readBuckets(terraform: SynthesisedResources): BucketBlueprint[] {
  const grants = terraform.all('google_storage_bucket_iam_member', BucketGrant).map(({ value }) => value);
  return terraform.all('google_storage_bucket', Bucket).map(({ address, value }) => {
    const own = grants.filter(({ bucket }) => bucket === value.name || bucket === address);
    const days = value.lifecycle_rule.find(({ action }) => action.type === 'Delete')?.condition.days_since_custom_time;
    return {
      name: value.name,
      cors: value.cors.map((rule) => ({
        origins: rule.origin,
        methods: rule.method,
        responseHeaders: rule.response_header,
        maxAgeSeconds: rule.max_age_seconds,
      })),
      ...(days === undefined ? {} : { deleteDaysAfterCustomTime: days }),
      ...(value.website === undefined ? {} : { indexPage: value.website.main_page_suffix }),
      loadBalancerReads: own.some(({ role, member }) => LOAD_BALANCERS.test(member) && READ_ROLES.includes(role)),
      grants: own.map(({ role, member }) => ({ role, member })),
    };
  });
}
