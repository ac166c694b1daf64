import { type SigningKeys, SigningKeysSecret } from '../../../functions/contract/signing-keys';
import { CliError } from '../google/cli-error';
import type { CdnKeys } from './cdn-keys';
import { ageSeconds, isOwn, newestFirst, newKey } from './key-names';
import type { SecretVersions } from './secret-versions';

export interface Rotation {
  readonly secret: SecretVersions;
  /** Every backend that verifies gated requests: all of them hold the same keys. */
  readonly backends: readonly CdnKeys[];
  /** The number of valid keys afterwards: the one that signs and the earlier ones. */
  readonly keep: number;
  /**
   * True: rotates even if the last rotation is so young that running functions may still sign with the key that is
   * removed.
   */
  readonly force: boolean;
  /** True: makes no new key, and only finishes an interrupted rotation. */
  readonly finishOnly: boolean;
  /** True: reports the changes and makes none. */
  readonly dryRun: boolean;
  readonly now: Date;
  readonly say: (line: string) => void;
}

/** Cloud CDN takes three keys for each backend, and a new one is added before the oldest is removed. */
const MOST = 3;

/** Functions read their secrets when an instance starts, and an instance outlives its last request by minutes. */
const YOUNG_SECONDS = 3600;

/**
 * Rotates the signing keys of Cloud CDN. No viewer is refused at any moment: a key verifies at every backend before
 * anything signs with it, and verifies on after the next one signs. What was done is read from Secret Manager and the
 * backends, so a rotation that broke off anywhere is finished by the next run:
 *
 * 1. the new key is added to the secret *behind* the one that signs (its value can be read nowhere else);
 * 2. it is added to every backend;
 * 3. it moves to the front of the secret: now it signs, and the oldest leaves the secret;
 * 4. what is no more in the secret leaves the backends.
 */
export async function rotate(rotation: Rotation): Promise<void> {
  const { secret, backends, finishOnly, say } = rotation;
  const keys = readKeys(secret.secretId, await secret.read());
  const held = await Promise.all(backends.map((backend) => backend.names()));
  const begun = keys.length > 0 && (newestFirst(keys)[0] !== keys[0] || held.some((names) => differs(names, keys)));
  if (begun) say('a rotation was begun before: finishing it, without a further key');
  if (!begun && finishOnly) return;
  const staged = begun ? keys : await stage(keys, rotation);
  await removeOthers(staged, [], rotation);
  await addMissing(staged, rotation);
  await promote(staged, rotation);
}

/** Step 1. The first key of all stands alone. */
async function stage(keys: SigningKeys, { secret, keep, force, dryRun, now, say }: Rotation): Promise<SigningKeys> {
  const age = Math.min(...keys.map(({ name }) => ageSeconds(name, now) ?? Number.POSITIVE_INFINITY));
  if (age < YOUNG_SECONDS && !force && keep > 1)
    throw new CliError(
      `the last rotation was ${Math.round(age / 60)} min ago, and running functions may still sign with the key ` +
        `that would be removed: wait until it is ${YOUNG_SECONDS / 60} min, or use --now`,
    );
  const key = newKey(now, keys);
  say(`${verb(dryRun, 'make', 'made')} key ${key.name}`);
  const staged = [...keys.slice(0, MOST - 1), key];
  if (!dryRun) await secret.write(JSON.stringify(staged));
  return staged;
}

/** Step 2. */
async function addMissing(keys: SigningKeys, { backends, dryRun, say }: Rotation): Promise<void> {
  for (const backend of backends) {
    const names = await backend.names();
    const missing = keys.filter(({ name }) => !names.includes(name));
    const strangers = names.filter((name) => !isOwn(name) && !keys.some((key) => key.name === name));
    if (missing.length > 0 && strangers.length + keys.length > MOST)
      throw new CliError(
        `${backend.backend}: keys ${strangers.join(', ')} are not this command's and leave no room; ` +
          "delete them with 'gcloud compute backend-buckets delete-signed-url-key'",
      );
    for (const key of missing) {
      if (!dryRun) await backend.add(key);
      say(`${verb(dryRun, 'add', 'added')} ${key.name} to ${backend.backend}`);
    }
  }
}

/** Steps 3 and 4. */
async function promote(keys: SigningKeys, rotation: Rotation): Promise<void> {
  const { secret, keep, dryRun, say } = rotation;
  const live = newestFirst(keys).slice(0, keep);
  if (JSON.stringify(live) !== JSON.stringify(keys)) {
    if (!dryRun) await secret.write(JSON.stringify(live));
    say(`${verb(dryRun, 'sign', 'will sign')} with ${live[0]?.name}: every function that starts from now on`);
    await removeOthers(live, keys, rotation);
  }
  const forgotten = dryRun ? 0 : await secret.forgetOld();
  if (forgotten > 0) say(`destroyed ${forgotten} old versions of ${secret.secretId}`);
  if (!dryRun) say(`live: ${live.map(({ name }) => name).join(', ')}`);
}

/** Removes from the backends each key that is not in `keys` and was made here, or was in the secret before. */
async function removeOthers(
  keys: SigningKeys,
  before: SigningKeys,
  { backends, dryRun, say }: Rotation,
): Promise<void> {
  const wanted = new Set(keys.map(({ name }) => name));
  for (const backend of backends) {
    const ours = (name: string): boolean => isOwn(name) || before.some((key) => key.name === name);
    for (const name of (await backend.names()).filter((one) => ours(one) && !wanted.has(one))) {
      if (!dryRun) await backend.remove(name);
      say(`${verb(dryRun, 'remove', 'removed')} ${name} from ${backend.backend}`);
    }
  }
}

const differs = (names: readonly string[], keys: SigningKeys): boolean =>
  keys.some(({ name }) => !names.includes(name)) ||
  names.some((name) => isOwn(name) && !keys.some((key) => key.name === name));

const verb = (dryRun: boolean, would: string, did: string): string => (dryRun ? `would ${would}` : did);

/** Reads the keys of a secret's value; none of a secret without a value. */
export function readKeys(secretId: string, text: string | undefined): SigningKeys {
  if (text === undefined) return [];
  const parsed = SigningKeysSecret.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CliError(`secret ${secretId}: ${parsed.error.issues.map(({ message }) => message).join('; ')}`);
}
