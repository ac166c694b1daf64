import type { Construct } from 'constructs';
import type { EnvironmentConfig } from '../config/schema';
import { Secret } from '../constructs/functions/secret';
import { SecretContainer } from '../constructs/functions/secret-container';
import type { Deployment } from '../names';

/** The secrets of an environment, and their readers. */
export const liveSecrets = (scope: Construct, place: Deployment) => ({
  /** The first key of the API. */
  adminKey: new Secret(scope, 'admin-key', place, 'admin-key'),
  /** Shared with TURN servers: one secret a line, the signing one first. */
  turnSecret: new Secret(scope, 'turn-secret', place, 'turn-secret'),
  /** The keys of Cloud CDN's signed requests. */
  signingKeys: new Secret(scope, 'signing-keys', place, 'signing-keys'),
  /** The keys of the platform's own tokens. */
  tokenKeys: new Secret(scope, 'token-keys', place, 'token-keys'),
  /** Seals the content secrets of encrypted streams. */
  contentSecret: new Secret(scope, 'content-secret', place, 'content-secret'),
});
export type LiveSecrets = ReturnType<typeof liveSecrets>;

/**
 * The containers of the secrets. Keys come before the environment, so these do too. The annotation is the number of
 * signing keys that are valid at a time.
 */
export function secretContainers(
  scope: Construct,
  place: Deployment,
  { destroyable, playback, regions }: EnvironmentConfig,
): void {
  const container = (thing: string, annotations?: Record<string, string>) =>
    new SecretContainer(scope, thing, { ...place, thing, regions, destroyable, ...(annotations && { annotations }) });
  for (const thing of ['admin-key', 'turn-secret', 'token-keys', 'content-secret']) container(thing);
  container('signing-keys', { live_keys: String(playback.signingKeys) });
}
