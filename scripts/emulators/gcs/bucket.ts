/** One rule of a bucket's CORS configuration. https://cloud.google.com/storage/docs/cross-origin */
export interface CorsRule {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly responseHeaders: readonly string[];
  readonly maxAgeSeconds: number;
}

/** The properties of a bucket that the local stack imitates. */
export interface BucketSpec {
  readonly name: string;
  readonly cors?: readonly CorsRule[];
  /** Lifecycle: objects are deleted this many days after their custom time. */
  readonly deleteDaysAfterCustomTime?: number;
  readonly grants?: readonly { readonly role: string; readonly member: string }[];
}

export type BucketPermission = 'storage.objects.get' | 'storage.objects.list';

/** Roles that can be granted to the public. https://cloud.google.com/storage/docs/access-control/iam-roles */
const ROLES: Readonly<Record<string, readonly BucketPermission[]>> = {
  'roles/storage.legacyObjectReader': ['storage.objects.get'],
  'roles/storage.legacyBucketReader': ['storage.objects.list'],
  'roles/storage.objectViewer': ['storage.objects.get', 'storage.objects.list'],
};

/** True if a caller without credentials has `permission`. */
export const anyoneMay = (bucket: BucketSpec, permission: BucketPermission): boolean =>
  (bucket.grants ?? []).some(({ role, member }) => member === 'allUsers' && ROLES[role]?.includes(permission) === true);
