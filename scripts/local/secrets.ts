import { randomBytes } from 'node:crypto';
import type { SigningKeys } from '../../functions/contract/signing-keys';
import { StartError } from '../emulators/server/start-error';

/** The values that Secret Manager holds in the cloud: made again at every start, in memory only. */
export interface LocalSecrets {
  readonly adminKey: string;
  /** The keys of the CDN's signed requests, newest first: the edge verifies with the same ones. */
  readonly signingKeys: SigningKeys;
  /** The secret that signs TURN credentials. */
  readonly turnSecret: string;
  /** Value of a secret, by its id in the blueprint. */
  secretOf(id: string): string;
}

export function createSecrets(): LocalSecrets {
  const adminKey = randomBytes(24).toString('base64url');
  const signingKeys = twoKeys('cdn');
  const turnSecret = randomBytes(24).toString('base64url');
  const values: Readonly<Record<string, string>> = {
    '-admin-key': adminKey,
    '-signing-keys': JSON.stringify(signingKeys),
    '-token-keys': JSON.stringify(twoKeys('token')),
    '-turn-secret': turnSecret,
    '-content-secret': randomBytes(24).toString('base64url'),
  };
  return {
    adminKey,
    signingKeys,
    turnSecret,
    secretOf: (id) => {
      const found = Object.entries(values).find(([ending]) => id.endsWith(ending));
      if (found !== undefined) return found[1];
      throw new StartError(`secret '${id}' has no value on this machine; give it one in scripts/local/secrets.ts`);
    },
  };
}

/** Makes two keys, as after a rotation: the one that signs, and the one before it. */
const twoKeys = (name: string): SigningKeys =>
  [2, 1].map((number) => ({ name: `${name}-${number}`, value: `${randomBytes(16).toString('base64url')}==` }));
