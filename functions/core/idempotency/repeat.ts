import type { IdempotencyRecord } from '../../contract/state';

/** Time for which an answer is kept, should the request be sent again. */
export const KEPT_MS = 86_400_000;
/** The API ends a request within 30 s: work that began longer ago was cut off, and may be done again. */
const ABANDONED_MS = 60_000;

export interface Attempt {
  id: string;
  requestHash: string;
  nowMs: number;
}

/**
 * `first`: to be worked on, once it is noted as begun. `answered`: give what was sealed. `in_progress`: the first is
 * still being worked on. `other_request`: the key belongs to another request.
 */
export type Repeat =
  | { kind: 'first' }
  | { kind: 'answered'; sealed: string }
  | { kind: 'in_progress' }
  | { kind: 'other_request' };

/** Makes the record of a request that begins. */
export const begunRecord = ({ id, requestHash, nowMs }: Attempt): IdempotencyRecord => ({
  id,
  requestHash,
  startedAt: nowMs,
  expiresAt: nowMs + KEPT_MS,
});

/** Decides about a request with this key, given what is noted under it. */
export function decideRepeat(found: IdempotencyRecord, { requestHash, nowMs }: Attempt): Repeat {
  if (found.expiresAt <= nowMs) return { kind: 'first' };
  if (found.requestHash !== requestHash) return { kind: 'other_request' };
  if (found.sealed !== undefined) return { kind: 'answered', sealed: found.sealed };
  return nowMs - found.startedAt < ABANDONED_MS ? { kind: 'in_progress' } : { kind: 'first' };
}
