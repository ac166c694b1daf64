import { heldName, heldPrefix, parseMediaRef, segmentPrefix, streamPrefix } from '../../contract/objects/layout';
import { PUBLIC_PREFIXES } from '../../contract/routes';
import type { Broadcast, Session, Stream } from '../../contract/state';
import type { MoveMedia, StoredObject, StreamStore } from '../../ports/stores';
import { inParallel } from '../in-parallel';
import { unseenOf } from './hot-backup/seen-segments';
import { removeAll } from './remove-objects';
import type { DeliveryDeps } from './source';
import { markTakenDown } from './taken-down';

export interface TakeDownDeps extends Pick<DeliveryDeps, 'delivery' | 'log'> {
  streamStore: Pick<StreamStore, 'listSessions' | 'listBroadcasts'>;
  move: MoveMedia;
  /** The CDN forgets everything below this path. */
  forget: (stream: Pick<Stream, 'id' | 'owner'>, path: string) => Promise<void>;
}

/** `hold`: recorded media is kept where no one can watch it. `remove`: all media is deleted. */
export type TakeDownMode = 'hold' | 'remove';

const PARALLEL_MOVES = 32;
/** The second look finds a playlist that was being written when the stream was marked; a third finds nothing. */
const MAX_LOOKS = 3;

/**
 * Makes the stream unplayable, also from caches: playlists are removed first, so that none names a removed segment, and
 * the CDN is told to forget each object as soon as it left its bucket. Idempotent: a step that failed, or an object
 * that a node wrote late, is taken at the next run.
 */
export async function takeDown(stream: Stream, mode: TakeDownMode, deps: TakeDownDeps): Promise<void> {
  const { id: streamId, policy, unfinished, session } = stream;
  const newest = session === undefined ? [] : [session.broadcastId];
  for (const broadcastId of new Set([...unfinished.map(({ id }) => id), ...newest]))
    await markTakenDown(deps, { policy, streamId, broadcastId });
  // While there are playlists that tell what was on air.
  const isKept = mode === 'hold' ? await recordedSegments(stream, deps) : () => false;
  for (let look = 0; look < MAX_LOOKS && (await removePlaylists(stream, deps)); look += 1);
  await deps.forget(stream, pathBelow(stream, 'p'));
  await takeSegments(stream, { mode, isKept }, deps);
  await removePlaylists(stream, deps);
  await deps.forget(stream, pathBelow(stream, 's'));
  if (stream.latency === 'low') await deps.forget(stream, `${PUBLIC_PREFIXES.live}${streamId}/*`);
}

const pathBelow = ({ policy, id }: Stream, kind: 'p' | 's'): string => `/${streamPrefix(policy, kind, id)}*`;

/** False when there was none. */
async function removePlaylists({ id, policy }: Stream, { delivery }: TakeDownDeps): Promise<boolean> {
  const prefix = streamPrefix(policy, 'p', id);
  if ((await delivery(policy).list(prefix)).length === 0) return false;
  await removeAll(delivery(policy), prefix);
  return true;
}

async function takeSegments(
  stream: Stream,
  { mode, isKept }: { mode: TakeDownMode; isKept: (object: StoredObject) => boolean },
  deps: TakeDownDeps,
): Promise<void> {
  const { policy, id } = stream;
  const store = deps.delivery(policy);
  const objects = await store.list(streamPrefix(policy, 's', id));
  await inParallel(objects, PARALLEL_MOVES, async (object) => {
    const ref = parseMediaRef(object.name);
    if (ref === undefined || !isKept(object)) await store.remove(object.name);
    else await deps.move({ bucket: policy, name: object.name }, { bucket: 'gated', name: heldName(ref) });
  });
  if (mode === 'remove') await removeAll(deps.delivery('gated'), heldPrefix(policy, id));
  deps.log.info('media_taken_down', { streamId: id, mode, segments: objects.length });
}

/** The segments of one session at their first place: those a node uploaded after they were taken. */
export async function holdSession(
  { id: streamId, policy }: Stream,
  sessionId: Session['id'],
  deps: Pick<TakeDownDeps, 'delivery' | 'move'>,
) {
  const objects = await deps.delivery(policy).list(segmentPrefix({ policy, streamId, sessionId }));
  await inParallel(objects, PARALLEL_MOVES, async ({ name }) => {
    const ref = parseMediaRef(name);
    if (ref !== undefined) await deps.move({ bucket: policy, name }, { bucket: 'gated', name: heldName(ref) });
  });
}

/**
 * Returns the segments that belong to a recording: not those that a backup uploaded and nobody saw. One of an unknown
 * session is kept: a stream that is only suspended loses nothing.
 */
async function recordedSegments(
  stream: Stream,
  { streamStore, delivery }: TakeDownDeps,
): Promise<(object: StoredObject) => boolean> {
  const [sessions, broadcasts] = await Promise.all([
    streamStore.listSessions(stream.id),
    streamStore.listBroadcasts(stream.id),
  ]);
  const unrecorded = sessionsOf(
    sessions,
    broadcasts.filter(({ recording = stream.recording }) => !recording),
  );
  const isUnseen = await unseenOf(stream, sessions, { delivery });
  return ({ name }) => {
    const ref = parseMediaRef(name);
    return ref === undefined || !(unrecorded.has(ref.sessionId) || isUnseen(ref));
  };
}

function sessionsOf(sessions: readonly Session[], broadcasts: readonly Broadcast[]): Set<string> {
  const ids = new Set(broadcasts.map(({ id }) => id));
  return new Set(sessions.filter(({ broadcastId }) => ids.has(broadcastId)).map(({ id }) => id));
}
