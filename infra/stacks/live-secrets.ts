import type { Construct } from 'constructs';
import type { EnvironmentConfig } from '../config/schema';
import { Secret } from '../constructs/secret';
import type { Place } from '../names';

/** The secrets of an environment: containers only. */
export const liveSecrets = (scope: Construct, place: Place, { playback }: EnvironmentConfig) => ({
  /** The first key of the API. */
  adminKey: new Secret(scope, 'admin-key', place, 'admin-key'),
  /** Shared with TURN servers: a line a secret, the one that signs first. */
  turnSecret: new Secret(scope, 'turn-secret', place, 'turn-secret'),
  /** Of Cloud CDN's signed requests; its label says how many are live at a time. */
  signingKeys: new Secret(scope, 'signing-keys', place, 'signing-keys', { live_keys: String(playback.signingKeys) }),
  /** Of the platform's own tokens. */
  tokenKeys: new Secret(scope, 'token-keys', place, 'token-keys'),
});
export type LiveSecrets = ReturnType<typeof liveSecrets>;
