import { broadcastPrefix, sessionPrefix, urlPathOf } from '../../contract/objects/layout';
import type { Broadcast, Invalidation, Session, Stream } from '../../contract/state';
import { defined } from '../../core/defined';
import { sha256Hex } from '../../core/signing/hash';
import type { CdnInvalidator, Clock, InvalidationStore, Log } from '../../ports/stores';

export interface InvalidationDeps {
  invalidations: InvalidationStore;
  cdn: CdnInvalidator;
  clock: Clock;
  log: Log;
}

/**
 * Google takes 500 a minute of a project: what is beyond waits in the queue.
 * https://cloud.google.com/cdn/docs/cache-invalidation-overview
 */
const INVALIDATIONS_A_PASS = 400;

/**
 * Notes that the CDN is to forget a path, and asks at once. It is never lost: what could not be asked now, the
 * reconciler asks.
 */
export async function invalidate(
  { id: streamId, owner }: Pick<Stream, 'id' | 'owner'>,
  path: string,
  deps: InvalidationDeps,
): Promise<void> {
  const at = deps.clock.now();
  const invalidation: Invalidation = {
    id: sha256Hex(path),
    path,
    streamId,
    state: 'queued',
    requestedAt: at,
    changedAt: at,
    attempts: 0,
    ...defined({ owner }),
  };
  await deps.invalidations.put(invalidation);
  await step(invalidation, deps);
}

/**
 * The same for the playlists of a broadcast and the segments of sessions, once their buckets have forgotten them: a CDN
 * keeps a recording for a day.
 */
export async function invalidateMedia(
  stream: Pick<Stream, 'id' | 'owner' | 'policy'>,
  { broadcastId, sessions }: { broadcastId: Broadcast['id']; sessions: readonly Pick<Session, 'id'>[] },
  deps: InvalidationDeps,
): Promise<void> {
  const { id, policy } = stream;
  const prefixes = [
    broadcastPrefix(policy, id, broadcastId),
    ...sessions.map((session) => sessionPrefix(policy, id, session.id)),
  ];
  for (const prefix of prefixes) await invalidate(stream, `${urlPathOf(prefix)}*`, deps);
}

/** One pass over the queue: those that wait are asked for, those that run are looked at. How many are done now. */
export async function runInvalidations(deps: InvalidationDeps): Promise<{ invalidated: number; waiting: number }> {
  const counts = { invalidated: 0, waiting: 0 };
  let isFull = false;
  for (const invalidation of await deps.invalidations.listOpen(INVALIDATIONS_A_PASS)) {
    const next: Invalidation =
      isFull && invalidation.state === 'queued' ? invalidation : await step(invalidation, deps);
    // One that was refused says it for all: asking on would only use up the next minute's.
    isFull ||= next.state === 'queued' && next.attempts > invalidation.attempts;
    if (next.state === 'done') counts.invalidated += 1;
    else counts.waiting += 1;
  }
  return counts;
}

/** These, each one step further if it is not done. */
export const stepAll = (invalidations: readonly Invalidation[], deps: InvalidationDeps): Promise<Invalidation[]> =>
  Promise.all(invalidations.map((each) => (each.state === 'running' ? step(each, deps) : each)));

/** The invalidation as it is afterwards. A failure is noted, and nothing else stops for it. */
async function step(invalidation: Invalidation, deps: InvalidationDeps): Promise<Invalidation> {
  const next = await advance(invalidation, deps).catch((error: unknown) => {
    deps.log.error('invalidation_failed', { path: invalidation.path, attempts: invalidation.attempts, error });
    return {
      ...invalidation,
      attempts: invalidation.attempts + 1,
      detail: error instanceof Error ? error.message : String(error),
    };
  });
  if (next !== invalidation) await deps.invalidations.put({ ...next, changedAt: deps.clock.now() });
  return next;
}

async function advance(invalidation: Invalidation, { cdn, log }: InvalidationDeps): Promise<Invalidation> {
  const { operation, path } = invalidation;
  if (invalidation.state === 'running' && operation !== undefined)
    return (await cdn.isDone(operation)) ? { ...invalidation, state: 'done' } : invalidation;
  const { detail: _, ...asked } = { ...invalidation, attempts: invalidation.attempts + 1 };
  const answer = await cdn.request(path);
  if (answer.kind === 'accepted') return { ...asked, state: 'running', operation: answer.operation };
  log.warn('invalidation_waits', { path, detail: answer.detail });
  return { ...asked, detail: answer.detail };
}
