import type { Stream } from '../../contract/state';
import type { MoveMedia, StreamStore } from '../../ports/stores';
import { letPlaysBe, tellToEndPlays } from '../publish/order-end-of-plays';
import { type InvalidationDeps, invalidate } from './invalidations';
import { putBack, putBackOne } from './put-back';
import type { DeliveryDeps } from './source';
import { holdSession, type TakeDownDeps, takeDown } from './take-down';

export interface MediaWorkDeps extends DeliveryDeps, InvalidationDeps {
  streamStore: StreamStore;
  move: MoveMedia;
}

/**
 * Does what is to be done with a stream's media: takes it down, or puts it back. Struck off only when all of it is
 * done, and only if nothing else was ordered meanwhile; so it is repeated by the next caller, and two at once end in
 * the same.
 */
export async function doMediaWork(stream: Stream, deps: MediaWorkDeps): Promise<void> {
  const { mediaWork } = stream;
  if (mediaWork === undefined) return;
  if (mediaWork.kind === 'put_back') await letPlaysBe(stream.id, deps);
  else await tellToEndPlays({ streamId: stream.id, reason: mediaWork.kind }, deps);
  if (mediaWork.kind === 'put_back') await putBack(stream, deps);
  else await takeDownStream(stream, mediaWork.kind === 'delete' ? 'remove' : 'hold', deps);
  await deps.streamStore.changeStream<void>(stream.id, (current) => {
    if (current?.mediaWork?.at !== mediaWork.at || current.mediaWork.kind !== mediaWork.kind)
      return { result: undefined };
    const { mediaWork: _, ...rest } = current;
    return { change: { stream: rest }, result: undefined };
  });
}

export const takeDownStream = (stream: Stream, mode: 'hold' | 'remove', deps: MediaWorkDeps): Promise<void> => {
  const forget: TakeDownDeps['forget'] = (of, path) => invalidate(of, path, deps);
  return takeDown(stream, mode, { ...deps, forget });
};

/**
 * A broadcast that was taken down while it went on, at its end: what came late is taken too, and put back if the stream
 * plays again.
 */
export async function finishTakenDown(stream: Stream, broadcastId: string, deps: MediaWorkDeps): Promise<void> {
  if (stream.suspended !== undefined) return takeDownStream(stream, 'hold', deps);
  await holdLate(stream, broadcastId, deps);
  await putBackOne(stream, broadcastId, deps);
}

/** Only this broadcast's: the stream plays others by now. */
async function holdLate(stream: Stream, broadcastId: string, deps: MediaWorkDeps): Promise<void> {
  const sessions = (await deps.streamStore.listSessions(stream.id)).filter(
    (session) => session.broadcastId === broadcastId,
  );
  for (const { id } of sessions) await holdSession(stream, id, deps);
}
