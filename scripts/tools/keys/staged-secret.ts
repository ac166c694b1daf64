import { randomBytes } from 'node:crypto';
import type { SigningKey } from '../../../functions/contract/signing-keys';
import { CliError } from '../google/cli-error';
import { byAge, newKey, newName } from './key-names';
import type { SecretVersions } from './secret-versions';
import { readKeys } from './signing-rotation';

/** Makes 256 bits, in characters that every place accepts. */
export const randomSecret = (): string => randomBytes(32).toString('hex');

/**
 * A secret of several values: the first signs, and all verify. Verifiers read it at their start, and signers at another
 * time: so a new value is added behind, and moves to the front once all verifiers were restarted.
 */
export interface StagedSecret<T> {
  readonly secret: SecretVersions;
  readonly parse: (text: string | undefined) => readonly T[];
  readonly format: (values: readonly T[]) => string;
  readonly make: (present: readonly T[]) => T;
  readonly nameOf: (value: T) => string;
}

/** `signs`: it is the only value, or the newest was in front already. */
type StagingOutcome = { readonly kind: 'signs' | 'staged'; readonly name: string };

/** Adds a value behind the one that signs. Repeated, it adds none: a staged value waits for its promotion. */
export async function stageValue<T>(staged: StagedSecret<T>): Promise<StagingOutcome> {
  const present = staged.parse(await staged.secret.read());
  const waiting = waitingOf(staged, present);
  if (waiting !== undefined) return { kind: 'staged', name: staged.nameOf(waiting) };
  const made = staged.make(present);
  await staged.secret.write(staged.format([...present.slice(0, 1), made]));
  return { kind: present.length === 0 ? 'signs' : 'staged', name: staged.nameOf(made) };
}

/** Moves the staged value to the front. */
export async function promoteValue<T>(staged: StagedSecret<T>): Promise<StagingOutcome> {
  const present = staged.parse(await staged.secret.read());
  const waiting = waitingOf(staged, present);
  if (waiting === undefined)
    throw new CliError(
      `secret ${staged.secret.secretId}: nothing waits to be promoted; add a value without --promote first`,
    );
  await staged.secret.write(staged.format(byAge(present, staged.nameOf)));
  await staged.secret.forgetOld();
  return { kind: 'signs', name: staged.nameOf(waiting) };
}

function waitingOf<T>({ nameOf }: StagedSecret<T>, present: readonly T[]): T | undefined {
  const [newest] = byAge(present, nameOf);
  return newest === present[0] ? undefined : newest;
}

/** Makes the keys of the platform's own tokens. */
export const tokenKeys = (secret: SecretVersions, now: Date): StagedSecret<SigningKey> => ({
  secret,
  parse: (text) => readKeys(secret.secretId, text),
  format: (keys) => JSON.stringify(keys),
  make: (present) => newKey(now, present),
  nameOf: ({ name }) => name,
});

/** Makes lines, as coturn takes them: a name, a dot, and a random text. */
export const turnSecret = (secret: SecretVersions, now: Date): StagedSecret<string> => {
  const nameOf = (line: string): string => line.split('.')[0] ?? '';
  return {
    secret,
    parse: (text = '') => text.split('\n').filter((line) => line.trim() !== ''),
    format: (lines) => lines.join('\n'),
    make: (present) => `${newName(now, present.map(nameOf))}.${randomSecret()}`,
    nameOf,
  };
};
