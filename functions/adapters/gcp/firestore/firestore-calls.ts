import { randomInt } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { DocumentData, DocumentReference, Firestore, Transaction, WriteResult } from '@google-cloud/firestore';
import { DomainError } from '../../../core/errors';
import { afterAwake } from '../../awake-timer';
import { failureCode } from '../google/retry';

/** gRPC codes. https://cloud.google.com/firestore/docs/understand-error-codes */
export const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
export const FAILED_PRECONDITION = 9;
const ABORTED = 10;
/**
 * CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE: of the service, not of the request.
 */
const TRANSIENT = [1, 4, 8, ABORTED, 13, 14];

/** An encoder waits for the answer; who has none after this long is refused. */
const DEADLINE_MS = 4_000;
/**
 * Waits after losing against another transaction: doubled each time, half of it by chance. The client's own begin at a
 * second.
 */
const FIRST_WAIT_MS = 10;
const MAX_WAIT_MS = 400;

export interface Change<R, T> {
  read(transaction: Transaction): Promise<R>;
  /** Queues its writes on the transaction. */
  decide(transaction: Transaction, found: R): T;
}

export interface FirestoreCalls {
  read<T>(run: () => Promise<T>): Promise<T>;
  /** One request, and no transaction. Undefined, and nothing changes, if the document is there. */
  create(document: DocumentReference, data: DocumentData): Promise<WriteResult | undefined>;
  /**
   * Runs `read`, then `decide`, until what was read is still so when what `decide` queued is committed. Nothing is
   * decided after the deadline, so a caller that was told `unavailable` is not overtaken by its own change, except one
   * already on its way.
   */
  transact<R, T>(change: Change<R, T>): Promise<T>;
}

/** Every call ends within `deadlineMs`, with DomainError `unavailable` when Firestore is the reason. */
export function firestoreCalls(firestore: Firestore, deadlineMs = DEADLINE_MS): FirestoreCalls {
  return {
    read: (run) => withDeadline(deadlineMs, run),
    create: (document, data) =>
      unlessRefused([ALREADY_EXISTS], () => withDeadline(deadlineMs, () => document.create(data))),
    transact: ({ read, decide }) =>
      withDeadline(deadlineMs, (signal) => {
        const run = async (transaction: Transaction) => {
          const found = await read(transaction);
          signal.throwIfAborted();
          return decide(transaction, found);
        };
        return untilUncontended(signal, () => firestore.runTransaction(run, { maxAttempts: 1 }));
      }),
  };
}

/** Undefined if Firestore refuses the write with one of these codes; nothing was written then. */
export async function unlessRefused<T>(codes: readonly number[], write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    if (codes.includes(Number(failureCode(error)))) return undefined;
    throw error;
  }
}

async function untilUncontended<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (failureCode(error) !== ABORTED) throw error;
      await sleepFor(randomInt(waitMs / 2, waitMs), undefined, { signal });
    }
  }
}

async function withDeadline<T>(deadlineMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const stop = afterAwake(deadlineMs, () => late.abort());
  const expiry = new Promise<never>((_, reject) => {
    late.signal.addEventListener('abort', () => reject(unavailable(`no answer within ${deadlineMs} ms`)));
  });
  try {
    return await Promise.race([run(late.signal), expiry]);
  } catch (error) {
    throw TRANSIENT.includes(Number(failureCode(error))) ? unavailable('it refused the request for now', error) : error;
  } finally {
    stop();
  }
}

const unavailable = (why: string, cause?: unknown): DomainError =>
  new DomainError('unavailable', `the stream store (Firestore) is not available: ${why}; try again in a few seconds`, {
    cause,
  });
