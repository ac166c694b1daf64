import { setTimeout as sleep } from 'node:timers/promises';
import { FirestoreError } from './wire/firestore-error';

/** Faults of a database, changed while it runs. Rates from 0 to 1, of all calls that they concern. */
export interface FirestoreFaults {
  /** Delay before each answer, in milliseconds. */
  delayMs: number;
  /** Commits refused with ABORTED, as by another transaction on the same documents. */
  abortRate: number;
  /** Calls of any kind refused with UNAVAILABLE. */
  unavailableRate: number;
}

/** No fault: every call is answered at once. */
export const NO_FIRESTORE_FAULTS: Readonly<FirestoreFaults> = { delayMs: 0, abortRate: 0, unavailableRate: 0 };

const COMMITS: readonly string[] = ['Commit', 'BatchWrite'];

/** Says whether a call meets any fault at all: without one, calls are answered in the turn they come in. */
export const isStruck = ({ delayMs, abortRate, unavailableRate }: FirestoreFaults): boolean =>
  delayMs > 0 || abortRate > 0 || unavailableRate > 0;

/** Waits as long as the faults say, then throws the refusal of `call`. `random`: from 0 to below 1. */
export async function strike(faults: FirestoreFaults, call: string, random: () => number): Promise<void> {
  if (faults.delayMs > 0) await sleep(faults.delayMs);
  if (random() < faults.unavailableRate) throw new FirestoreError('UNAVAILABLE', 'Fault put in for every call.');
  if (COMMITS.includes(call) && random() < faults.abortRate)
    throw new FirestoreError('ABORTED', 'Too much contention on these documents. Please try again.');
}
