import { heldPrefix, type MediaRef, mediaName, parseHeldName } from '../../contract/objects/layout';
import type { Broadcast, Session, Stream } from '../../contract/state';
import type { MoveMedia, StreamStore } from '../../ports/stores';
import { inParallel } from '../in-parallel';
import type { DeliveryDeps } from './source';
import { writeRecording } from './write-recording';

export interface PutBackDeps extends DeliveryDeps {
  streamStore: Pick<StreamStore, 'listSessions' | 'getBroadcast' | 'changeStream'>;
  move: MoveMedia;
}

interface HeldMedia {
  name: string;
  ref: MediaRef;
}

const PARALLEL_MOVES = 32;

/**
 * The recordings that were taken down can be watched again, under the stream's newest epoch: a URL of before leads
 * nowhere. A broadcast that is not closed yet waits for its own end. Idempotent: the epoch counts suspensions, so what
 * failed half-way ends in one place.
 */
export async function putBack(stream: Stream, deps: PutBackDeps): Promise<void> {
  const waiting = new Set(stream.unfinished.map(({ id }) => id));
  for (const [broadcastId, held] of await heldByBroadcast(stream, deps))
    if (!waiting.has(broadcastId)) await putBackBroadcast(stream, { broadcastId, held }, deps);
}

/** The one broadcast, at its end. */
export async function putBackOne(stream: Stream, broadcastId: Broadcast['id'], deps: PutBackDeps): Promise<void> {
  const held = (await heldByBroadcast(stream, deps)).get(broadcastId);
  if (held !== undefined) await putBackBroadcast(stream, { broadcastId, held }, deps);
}

async function heldByBroadcast(stream: Stream, deps: PutBackDeps): Promise<Map<Broadcast['id'], HeldMedia[]>> {
  const objects = await deps.delivery('gated').list(heldPrefix(stream.policy, stream.id));
  if (objects.length === 0) return new Map();
  const broadcastOf = new Map(
    (await deps.streamStore.listSessions(stream.id)).map(({ id, broadcastId }) => [id, broadcastId]),
  );
  const found = new Map<Broadcast['id'], HeldMedia[]>();
  for (const { name } of objects) {
    const ref = parseHeldName(name);
    const broadcastId = ref && broadcastOf.get(ref.sessionId);
    if (ref === undefined || broadcastId === undefined) deps.log.warn('held_segment_skipped', { name });
    else {
      const others = found.get(broadcastId);
      if (others) others.push({ name, ref });
      else found.set(broadcastId, [{ name, ref }]);
    }
  }
  return found;
}

async function putBackBroadcast(
  stream: Stream,
  { broadcastId, held }: { broadcastId: Broadcast['id']; held: readonly HeldMedia[] },
  deps: PutBackDeps,
): Promise<void> {
  const broadcast = await deps.streamStore.getBroadcast(stream.id, broadcastId);
  if (broadcast === undefined) return deps.log.warn('held_broadcast_skipped', { streamId: stream.id, broadcastId });
  const epoch = stream.mediaEpoch ?? 0;
  // Before anything lies there: who looks for its recording from now on looks in the right place.
  await note(stream, { ...broadcast, epoch }, deps);
  await inParallel(held, PARALLEL_MOVES, async ({ name, ref }) => {
    await deps.move({ bucket: 'gated', name }, { bucket: stream.policy, name: mediaName({ ...ref, epoch }) });
  });
  const sessions = await sessionsOf(stream, broadcastId, deps);
  await writeRecording(deps, { stream, broadcastId, sessions, epoch }, []);
  deps.log.info('recording_put_back', { streamId: stream.id, broadcastId, epoch, segments: held.length });
}

/** One that is not among the unfinished is closed, whatever it was when it was read. */
const note = ({ id }: Stream, { epoch, ...broadcast }: Broadcast, { streamStore }: PutBackDeps): Promise<void> =>
  streamStore.changeStream<void>(id, (current) => {
    if (current === undefined) return { result: undefined };
    const known = current.unfinished.find((each) => each.id === broadcast.id);
    const noted = { ...(known ?? { ...broadcast, state: 'closed' as const }), ...(epoch !== undefined && { epoch }) };
    const unfinished = current.unfinished.map((each) => (each.id === noted.id ? noted : each));
    return { change: { stream: { ...current, unfinished }, broadcasts: [noted] }, result: undefined };
  });

const sessionsOf = async (
  { id }: Stream,
  broadcastId: Broadcast['id'],
  { streamStore }: PutBackDeps,
): Promise<Session[]> => (await streamStore.listSessions(id)).filter((session) => session.broadcastId === broadcastId);
