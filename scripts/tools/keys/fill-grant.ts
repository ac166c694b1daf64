import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type GoogleApi, GoogleApiError } from '../google/google-api';

const Project = z.object({ name: z.string().regex(/^projects\/\d+$/) });
const Binding = z.looseObject({
  role: z.string(),
  members: z.array(z.string()).default([]),
  condition: z.unknown().optional(),
});
const BucketPolicy = z.looseObject({
  etag: z.string(),
  version: z.int().optional(),
  bindings: z.array(Binding).default([]),
});

const ROLE = 'roles/storage.objectViewer';
/** Google refuses a member that does not exist yet, and names it. */
const FILL = 'cloud-cdn-fill';
/** Statuses of a change that came between reading and writing. */
const CONFLICTS = [409, 412];

export interface FillGrantOptions {
  readonly projectId: string;
  readonly bucket: string;
  /** The number of attempts while Google does not know the account yet, and the time between them. */
  readonly tries: number;
  readonly waitMs: number;
}

/**
 * Lets Cloud CDN read a private bucket. Google creates its account only after the first key was added to a backend of
 * the project, so Terraform cannot grant it.
 * https://cloud.google.com/cdn/docs/using-signed-urls#configuring_permissions
 */
export async function grantFill(
  api: GoogleApi,
  options: FillGrantOptions,
): Promise<'granted' | 'was there' | 'not yet'> {
  const { projectId, tries, waitMs } = options;
  const { name } = await api.call(Project, {
    method: 'GET',
    path: `cloudresourcemanager.googleapis.com/v3/projects/${projectId}`,
  });
  const member = `serviceAccount:service-${name.split('/')[1]}@${FILL}.iam.gserviceaccount.com`;
  for (let tried = 0; tried < tries; tried++) {
    if (tried > 0) await sleep(waitMs);
    const outcome = await grantOnce(api, options.bucket, member);
    if (outcome !== 'again') return outcome;
  }
  return 'not yet';
}

async function grantOnce(api: GoogleApi, bucket: string, member: string): Promise<'granted' | 'was there' | 'again'> {
  const path = `storage.googleapis.com/storage/v1/b/${bucket}/iam`;
  const policy = await api.call(BucketPolicy, { method: 'GET', path, query: [['optionsRequestedPolicyVersion', '3']] });
  const own = policy.bindings.find(({ role, condition }) => role === ROLE && condition === undefined);
  if (own?.members.includes(member)) return 'was there';
  const others = policy.bindings.filter((binding) => binding !== own);
  const bindings = [...others, { role: ROLE, members: [...(own?.members ?? []), member] }];
  try {
    await api.call(z.unknown(), { method: 'PUT', path, body: { ...policy, bindings } });
    return 'granted';
  } catch (error) {
    const again =
      error instanceof GoogleApiError &&
      (CONFLICTS.includes(error.status) || (error.status === 400 && error.reason.includes(FILL)));
    if (again) return 'again';
    throw error;
  }
}
