import { z } from 'zod';
import { CliError } from '../google/cli-error';
import type { GoogleApi } from '../google/google-api';
import type { StackJson } from '../google/stack-json';
import { CdnKeys } from './cdn-keys';
import { SecretVersions } from './secret-versions';

const SECRETS = ['admin-key', 'signing-keys', 'token-keys', 'turn-secret', 'content-secret'] as const;
type SecretName = (typeof SECRETS)[number];

const SecretBlock = z.object({
  secret_id: z.string(),
  labels: z.object({ component: z.string(), environment: z.string() }),
  annotations: z.object({ live_keys: z.coerce.number().int().min(2).max(3) }).optional(),
});
const BackendBlock = z.object({ name: z.string(), bucket_name: z.string() });
const BucketBlock = z.object({ name: z.string(), labels: z.object({ component: z.string() }) });

/** The keys of an environment, by its Terraform. */
export interface EnvironmentKeys {
  readonly projectId: string;
  readonly secrets: Readonly<Record<SecretName, SecretVersions>>;
  readonly backends: readonly CdnKeys[];
  /** The private bucket behind those backends. */
  readonly bucket: string;
  /** The number of signing keys that are valid at a time. */
  readonly liveKeys: number;
}

/** Finds the keys: `bootstrap` made the secrets, and the environment the rest. */
export function environmentKeys(stack: StackJson, bootstrap: StackJson, api: GoogleApi): EnvironmentKeys {
  const { projectId, environment } = stack;
  const blocks = bootstrap
    .all('google_secret_manager_secret', SecretBlock)
    .filter(({ labels }) => labels.environment === environment);
  const blockOf = (name: SecretName) => {
    const found = blocks.find(({ labels }) => labels.component === name);
    if (found === undefined) throw new CliError(`${environment} has no secret for '${name}'`);
    return found;
  };
  const secret = (name: SecretName) => new SecretVersions(api, projectId, blockOf(name).secret_id);
  const gated = stack.all('google_storage_bucket', BucketBlock).find(({ labels }) => labels.component === 'gated');
  if (gated === undefined) throw new CliError(`${stack.environment} has no gated bucket`);
  return {
    projectId,
    secrets: {
      'admin-key': secret('admin-key'),
      'signing-keys': secret('signing-keys'),
      'token-keys': secret('token-keys'),
      'turn-secret': secret('turn-secret'),
      'content-secret': secret('content-secret'),
    },
    backends: stack
      .all('google_compute_backend_bucket', BackendBlock)
      .filter(({ bucket_name: bucket }) => bucket === gated.name)
      .map(({ name }) => new CdnKeys(api, projectId, name)),
    bucket: gated.name,
    liveKeys: blockOf('signing-keys').annotations?.live_keys ?? 2,
  };
}
