import type { BroadcastId, Policy } from '../../contract/ids';
import { livePlaylistName } from '../../contract/objects/layout';
import { LivePlaylistMetadata } from '../../contract/objects/metadata';
import type { StoredObject } from '../../ports/stores';
import type { Advance, LiveState } from './advance';
import { followSource } from './hot-backup/follow-source';
import { followedBy, unreadableLive, withGaps } from './lost-region';
import { pacedWrite, type WriteStep } from './paced-write';
import { readSource, readUnlessBad } from './read-source';
import { type DeliveryDeps, type PlaylistSource, parseMetadata, type SourceRef } from './source';
import { isTakenDown } from './taken-down';
import { updateIndex } from './update-index';
import { updateRenditions } from './update-renditions';

/**
 * The outcome for a session playlist: `absent` when it is not (or no longer) in the ingest bucket, or its broadcast was
 * taken down.
 */
export type LiveUpdate = Advance['kind'] | 'absent';

/** The object name of the live playlist of a session's broadcast. */
export interface LiveRef extends Omit<SourceRef, 'sessionId'> {
  policy: Policy;
  broadcastId: BroadcastId;
}

/** The live playlist as it is now: the object to write over, and its state. Throws as `parseMetadata`. */
export async function readLive(
  deps: DeliveryDeps,
  ref: LiveRef,
): Promise<{ current: StoredObject | undefined; live: LiveState | undefined }> {
  const current = await deps.delivery(ref.policy).read(livePlaylistName(ref));
  return { current, live: current && { text: current.text, metadata: parseMetadata(LivePlaylistMetadata, current) } };
}

export const liveRefOf = ({ ref, metadata }: Pick<PlaylistSource, 'ref' | 'metadata'>): LiveRef => ({
  streamId: ref.streamId,
  rendition: ref.rendition,
  policy: metadata.policy,
  broadcastId: metadata.broadcast,
});

/** The playlist of the session on air; `undefined` too where it lies in a region that was lost. */
const readUnlessLost = (deps: DeliveryDeps, ref: SourceRef): Promise<PlaylistSource | undefined> =>
  readUnlessBad(deps, ref).catch((error: unknown) => {
    if (deps.bothRegions === undefined) throw error;
    deps.log.warn('session_playlist_unreadable', { ...ref, error });
    return undefined;
  });

/** `read`, once for each session: what cannot be had is waited for long enough at the first time. */
function once<T>(read: (sessionId: string) => T): (sessionId: string) => T {
  const known = new Map<string, T>();
  return (sessionId) => {
    const found = known.get(sessionId) ?? read(sessionId);
    known.set(sessionId, found);
    return found;
  };
}

async function look(
  deps: DeliveryDeps,
  ref: SourceRef,
): Promise<WriteStep<{ source?: PlaylistSource; next?: Advance }>> {
  const source = await readSource(deps, ref);
  if (source === undefined) return { result: {} };
  const liveRef = liveRefOf(source);
  const { current, live } = await readLive(deps, liveRef).catch((error: unknown) =>
    unreadableLive(error, deps, { live: liveRef, session: ref }),
  );
  if (current === undefined && (await isTakenDown(deps, liveRef))) return { result: {} };
  const readSession = once((sessionId: string) => readUnlessLost(deps, { ...ref, sessionId }));
  const decide = (from: LiveState | undefined) => followSource(deps, { live: from, source, readSession });
  const first = await decide(live);
  const joins = first.kind === 'write' && live !== undefined && first.metadata.session !== live.metadata.session;
  const next = joins ? await decide(await withGaps(live, deps, liveRef)) : first;
  const result = { source, next };
  if (next.kind !== 'write') return { result };
  const { text } = next;
  const metadata = deps.bothRegions ? { ...next.metadata, after: followedBy(text) } : next.metadata;
  const store = deps.delivery(liveRef.policy);
  return {
    result,
    write: { store, name: livePlaylistName(liveRef), current, kind: 'playlist', text, metadata: { ...metadata } },
  };
}

/**
 * Brings what a session playlist says into its broadcast's live playlist, then into the stream's index. When it
 * returns, what the session playlist said is contained or superseded (or is not enough to begin with). Safe to run any
 * number of times, at once and in any order. Throws DomainError `bad_playlist` for a malformed source, `unavailable` if
 * others kept writing.
 */
export async function updateLive(deps: DeliveryDeps, ref: SourceRef): Promise<LiveUpdate> {
  const { kind, followed } = await advanceLive(deps, ref);
  if (followed !== undefined) await updateRenditions(deps, followed);
  return kind;
}

/**
 * The same for the source's own rendition alone. `followed`: the session has other renditions, which are to be brought
 * after it by `updateRenditions`; the next news of the source need not wait for that.
 */
export async function advanceLive(
  deps: DeliveryDeps,
  ref: SourceRef,
): Promise<{ kind: LiveUpdate; followed?: PlaylistSource }> {
  const { source, next } = await pacedWrite(deps.clock, () => look(deps, ref));
  if (source === undefined || next === undefined) return { kind: 'absent' };
  if (next.kind === 'write' && next.targetDurationRaised) {
    // The alert is for the person who can set a keyframe interval.
    const told = { ...ref, ...next.targetDurationRaised };
    if (source.metadata.browser === true) deps.log.info('browser_segment_long', told);
    else deps.log.warn('target_duration_raised', told);
  }
  if (next.kind === 'write' && next.changedFrom !== undefined)
    deps.log.warn('delivery_changed_over', { ...ref, fromSessionId: next.changedFrom });
  const { kind } = next;
  if (kind !== 'write' && kind !== 'contained') return { kind };
  if (source.metadata.renditions !== undefined) return { kind, followed: source };
  await updateIndex(deps, source);
  return { kind };
}
