import { conditionNotMet, invalid, notModified } from './storage-error';

/** Numbers as decimal text; a missing object has generation 0 and no metageneration. */
export interface Preconditions {
  readonly ifGenerationMatch?: string;
  readonly ifGenerationNotMatch?: string;
  readonly ifMetagenerationMatch?: string;
  readonly ifMetagenerationNotMatch?: string;
}

type State = { readonly generation: string; readonly metageneration: number } | undefined;

const NAMES = [
  'ifGenerationMatch',
  'ifGenerationNotMatch',
  'ifMetagenerationMatch',
  'ifMetagenerationNotMatch',
] as const;

/** `prefix` is `Source` for the source of a copy. */
export function preconditionsFrom(query: URLSearchParams, prefix = ''): Preconditions {
  const spell = (name: string) => (prefix === '' ? name : `if${prefix}${name.slice(2)}`);
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = query.get(spell(name));
      if (value === null) return [];
      if (!/^\d{1,19}$/.test(value)) throw invalid(`Invalid long value: '${value}'.`, spell(name));
      return [[name, value]];
    }),
  );
}

function matchHolds(wanted: Preconditions, state: State): boolean {
  const { ifGenerationMatch: generation, ifMetagenerationMatch: metageneration } = wanted;
  if (generation !== undefined && BigInt(generation) !== BigInt(state?.generation ?? 0)) return false;
  return metageneration === undefined || Number(metageneration) === state?.metageneration;
}

function notMatchHolds(wanted: Preconditions, state: State): boolean {
  const { ifGenerationNotMatch: generation, ifMetagenerationNotMatch: metageneration } = wanted;
  if (generation !== undefined && BigInt(generation) === BigInt(state?.generation ?? 0)) return false;
  return metageneration === undefined || Number(metageneration) !== state?.metageneration;
}

/** Throws 412 for a precondition that does not hold. */
export function requireForWrite(wanted: Preconditions, state: State): void {
  if (!matchHolds(wanted, state) || !notMatchHolds(wanted, state)) throw conditionNotMet();
}

/** Throws 412 for a match that does not hold, 304 for a reader that has the object already. */
export function requireForRead(wanted: Preconditions, state: State): void {
  if (!matchHolds(wanted, state)) throw conditionNotMet();
  if (!notMatchHolds(wanted, state)) throw notModified();
}
