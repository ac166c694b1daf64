import { Rendition } from '../../contract/ids';
import { livePlaylistName, streamPrefix } from '../../contract/objects/layout';
import { LivePlaylistMetadata, type OnAir } from '../../contract/objects/metadata';
import { formatMediaPlaylist, parseMediaPlaylist } from '../../core/playlist/media-playlist';
import type { LiveState } from './advance';
import { followSource } from './hot-backup/follow-source';
import { removeUnseen } from './hot-backup/remove-unseen';
import { pacedWrite, type WriteStep } from './paced-write';
import { listSources, readSource, readUnlessBad, skipped } from './read-source';
import { type DeliveryDeps, type ListedSource, parseMetadata, type SourceRef } from './source';
import { updateIndex } from './update-index';
import { type LiveRef, liveRefOf, readLive, updateLive } from './update-live';
import { updateRenditions } from './update-renditions';
import { type BroadcastToFinish, writeRecording } from './write-recording';

/** Lists the renditions that have a live playlist; `recording.m3u8` lies in the same folder and is not one. */
async function liveRenditions(deps: DeliveryDeps, { stream, broadcastId }: BroadcastToFinish): Promise<Rendition[]> {
  const prefix = `${streamPrefix(stream.policy, 'p', stream.id)}${broadcastId}/`;
  const objects = await deps.delivery(stream.policy).list(prefix);
  const files = objects.flatMap(({ name }) => /^([^/]+)\.m3u8$/.exec(name.slice(prefix.length))?.[1] ?? []);
  return files.filter((file) => Rendition.safeParse(file).success && file !== 'recording');
}

/**
 * The live playlist with everything its sessions still had for it. A session that never said it ended has ended now.
 */
async function mergeAll(
  deps: DeliveryDeps,
  live: LiveState | undefined,
  sources: readonly ListedSource[],
): Promise<LiveState | undefined> {
  let merged = live;
  const readEnded = async (ref: SourceRef) => {
    const source = await readUnlessBad(deps, ref);
    return source && { ...source, metadata: { ...source.metadata, ended: true } };
  };
  for (const { ref } of sources) {
    const source = await readEnded(ref);
    const readSession = (sessionId: SourceRef['sessionId']) => readEnded({ ...ref, sessionId });
    const follow = source && followSource(deps, { live: merged, source, readSession });
    const next = await follow?.catch((error: unknown) => skipped(deps.log, { ...ref }, error));
    if (next?.kind === 'write') merged = { text: next.text, metadata: next.metadata };
  }
  return merged;
}

/** The outcome: is there a live playlist, and which segments of its sessions did it have. */
interface Ended {
  exists: boolean;
  onAir?: readonly OnAir[] | undefined;
}

async function lookToEnd(
  deps: DeliveryDeps,
  ref: LiveRef,
  sources: readonly ListedSource[],
): Promise<WriteStep<Ended>> {
  const { current, live } = await readLive(deps, ref);
  const merged = await mergeAll(deps, live, sources);
  const playlist = merged && parseMediaPlaylist(merged.text);
  if (merged === undefined || playlist === undefined) return { result: { exists: false } };
  const { onAir } = merged.metadata;
  if (playlist.ended) return { result: { exists: true, onAir } };
  const text = formatMediaPlaylist({ ...playlist, ended: true });
  const store = deps.delivery(ref.policy);
  const metadata = { ...merged.metadata };
  return {
    result: { exists: true, onAir },
    write: { store, name: livePlaylistName(ref), current, kind: 'playlist', text, metadata },
  };
}

/**
 * Ends a broadcast for its viewers and makes its recording: merges what an event lost, writes ENDLIST once, lists what
 * the index lacks, then writes the recording playlists if the stream records. A broadcast without a segment leaves
 * nothing. What a backup uploaded and nobody saw is removed. Idempotent, also when two run at once. A malformed session
 * playlist is logged and left out. Throws DomainError `unavailable` if others kept writing: to be run again.
 */
export async function finishBroadcast(deps: DeliveryDeps, broadcast: BroadcastToFinish): Promise<void> {
  const { stream, broadcastId, sessions } = broadcast;
  const listed = await Promise.all(sessions.map(({ id }) => listSources(deps, { streamId: stream.id, sessionId: id })));
  const sources = listed.flat();
  // The source first: the others, which have no session playlist of their own, follow it.
  const renditions = new Set([...sources.map(({ ref }) => ref.rendition), ...(await liveRenditions(deps, broadcast))]);
  for (const rendition of renditions) {
    const ownSources = sources.filter(({ ref }) => ref.rendition === rendition);
    const ref = { streamId: stream.id, policy: stream.policy, broadcastId, rendition };
    const { exists, onAir } = await pacedWrite(deps.clock, () => lookToEnd(deps, ref, ownSources));
    if (exists) await removeUnseen(deps, broadcast, { sources, onAir });
    const newest = ownSources.at(-1);
    if (exists && newest) await bringAfter(deps, newest);
  }
  if (stream.recording) await writeRecording(deps, broadcast, sources);
}

/** Index, and whatever else follows the live playlist of the newest session. */
async function bringAfter(deps: DeliveryDeps, newest: ListedSource): Promise<void> {
  if (newest.metadata.renditions === undefined) return updateIndex(deps, newest);
  const source = await readSource(deps, newest.ref);
  if (source !== undefined) await updateRenditions(deps, source);
}

async function isContained(deps: DeliveryDeps, source: ListedSource): Promise<boolean> {
  const ref = liveRefOf(source);
  const object = await deps.delivery(ref.policy).stat(livePlaylistName(ref));
  if (object === undefined) return false;
  const { session, ordinal, generation } = parseMetadata(LivePlaylistMetadata, object);
  if (session !== source.ref.sessionId) return ordinal >= source.metadata.ordinal;
  return BigInt(source.generation) <= BigInt(generation);
}

/**
 * Brings in what an event lost: every playlist of the session whose generation the live playlist lacks. Throws as
 * `updateLive`.
 */
export async function mergeSession(deps: DeliveryDeps, session: Omit<SourceRef, 'rendition'>): Promise<void> {
  for (const source of await listSources(deps, session)) {
    if (!(await isContained(deps, source))) await updateLive(deps, source.ref);
  }
}
