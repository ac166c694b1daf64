import { randomBytes } from 'node:crypto';
import type { SigningKey } from '../../../functions/contract/signing-keys';

/** `k` and the time at which it was made, in UTC: names sort by age, and keys made elsewhere are not called so. */
const NAME = /^k(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
const SECOND_MS = 1000;

/** Returns the name of a key made now; a taken name is passed over. */
export function newName(now: Date, taken: readonly string[]): string {
  const name = `k${now.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  return taken.includes(name) ? newName(new Date(now.getTime() + SECOND_MS), taken) : name;
}

/** Makes a new signing key: 128 random bits. */
export const newKey = (now: Date, taken: readonly SigningKey[]): SigningKey => ({
  name: newName(
    now,
    taken.map(({ name }) => name),
  ),
  value: `${randomBytes(16).toString('base64url')}==`,
});

export const isOwn = (name: string): boolean => NAME.test(name);

/** Returns the seconds since a key was made; `undefined` for one that was made elsewhere. */
export function ageSeconds(name: string, now: Date): number | undefined {
  const [, ...parts] = NAME.exec(name) ?? [];
  if (parts.length === 0) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return (now.getTime() - Date.UTC(year, month - 1, day, hour, minute, second)) / SECOND_MS;
}

/** Sorts newest first; keys made elsewhere count as older, and keep their order. */
export const byAge = <T>(values: readonly T[], nameOf: (value: T) => string): T[] =>
  values.toSorted((a, b) => {
    const own = isOwn(nameOf(a));
    const other = isOwn(nameOf(b));
    return own && other ? nameOf(b).localeCompare(nameOf(a)) : Number(other) - Number(own);
  });

export const newestFirst = (keys: readonly SigningKey[]): SigningKey[] => byAge(keys, ({ name }) => name);
