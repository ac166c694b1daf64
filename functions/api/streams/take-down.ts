import { stepAll } from '../../app/delivery/invalidations';
import { doMediaWork, type MediaWorkDeps } from '../../app/delivery/media-work';
import type { TakeDownAnswer } from '../../contract/api/take-downs';
import type { StreamId } from '../../contract/ids';
import type { Invalidation, Stream } from '../../contract/state';
import { defined } from '../../core/defined';
import { type Principal, withinReach } from '../../core/identity/principal';
import type { ApiDeps } from '../api-deps';
import { notFoundError } from '../requests/not-found-error';
import { iso } from './stream-answer';

export const mediaWorkDeps = ({ takeDown, ...deps }: ApiDeps): MediaWorkDeps => ({ ...deps, ...takeDown });

/**
 * Takes down or puts back what an order asked for, while the caller waits; what fails here the reconciler goes on with,
 * so the order stands, and `takeDownOf` says how far it is.
 */
export async function carryOut(stream: Stream, deps: ApiDeps): Promise<Stream> {
  const { suspended } = stream;
  // Asked again, it is done again: what came since, or was missed, goes too.
  const mediaWork = stream.mediaWork ?? (suspended && { kind: 'take_down' as const, at: suspended.at });
  if (mediaWork === undefined) return stream;
  await doMediaWork({ ...stream, mediaWork }, mediaWorkDeps(deps)).catch((error: unknown) => {
    deps.log.warn('media_work_left', { streamId: stream.id, kind: mediaWork.kind, error });
  });
  return (await deps.streamStore.getStream(stream.id)) ?? stream;
}

/**
 * Returns the progress of a take-down, also of a deleted stream. Throws `stream_not_found` for callers who may not see
 * it.
 */
export async function takeDownOf(id: StreamId, principal: Principal, deps: ApiDeps): Promise<TakeDownAnswer> {
  const [stream, noted] = await Promise.all([deps.streamStore.getStream(id), deps.takeDown.invalidations.ofStream(id)]);
  const [first] = noted;
  const owner = first?.owner;
  const known = stream ?? (first && { id, ...defined({ owner }) });
  if (withinReach(principal, known) === undefined) throw notFoundError('id');
  const invalidations = await stepAll(noted, mediaWorkDeps(deps));
  return {
    streamId: id,
    state: stateOf(stream, invalidations),
    invalidations: invalidations.map(({ path, state, attempts, requestedAt, changedAt, detail }) => ({
      path,
      state,
      attempts,
      requestedAt: iso(requestedAt),
      changedAt: iso(changedAt),
      ...defined({ detail }),
    })),
  };
}

function stateOf(stream: Stream | undefined, invalidations: readonly Invalidation[]): TakeDownAnswer['state'] {
  if (stream?.mediaWork?.kind === 'put_back') return 'putting_back';
  if (stream?.mediaWork !== undefined) return 'removing';
  if (stream !== undefined && stream.suspended === undefined) return 'none';
  return invalidations.every(({ state }) => state === 'done') ? 'done' : 'invalidating';
}
