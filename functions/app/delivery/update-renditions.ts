import { livePlaylistName, mpdName, urlPathOf } from '../../contract/objects/layout';
import { type DescribedRendition, LivePlaylistMetadata, MpdMetadata } from '../../contract/objects/metadata';
import { formatLiveMpd } from '../../core/dash/mpd';
import { advanceCmafIndex, type OfferedRendition } from '../../core/delivery/cmaf-index';
import { goesOn, isSteady, renditionPlaylist, type SessionParts } from '../../core/delivery/rendition-playlist';
import { formatMediaPlaylist, type MediaPlaylist, parseMediaPlaylist } from '../../core/playlist/media-playlist';
import { readRenditionParts } from '../../core/playlist/packaged-segments';
import { pacedWrite, type WriteStep } from './paced-write';
import { readSource } from './read-source';
import { type DeliveryDeps, type PlaylistSource, parseMetadata } from './source';
import { isTakenDown } from './taken-down';
import { writeIndex } from './update-index';

/** PlaylistSource and live playlists as one look found them. */
interface Seen {
  source: PlaylistSource;
  live: MediaPlaylist;
  metadata: LivePlaylistMetadata;
}

const liveNameOf = ({ ref, metadata }: PlaylistSource, rendition: string): string =>
  livePlaylistName({ ...ref, rendition, policy: metadata.policy, broadcastId: metadata.broadcast });

/**
 * Reads the source's live playlist, which all other renditions follow; `undefined` before it exists, and while it
 * continues another session.
 */
async function look(deps: DeliveryDeps, known: PlaylistSource): Promise<Seen | undefined> {
  const source = await readSource(deps, known.ref);
  const object = source && (await deps.delivery(source.metadata.policy).read(liveNameOf(source, source.ref.rendition)));
  if (source === undefined || object === undefined) return undefined;
  const metadata = parseMetadata(LivePlaylistMetadata, object);
  if (metadata.session !== source.ref.sessionId) return undefined;
  return { source, live: parseMediaPlaylist(object.text), metadata };
}

function partsOf({ source }: Seen): SessionParts {
  const { mediaSequence } = parseMediaPlaylist(source.text);
  const parts = readRenditionParts(source.text).map((each, index) => [mediaSequence + index, each] as const);
  const { streamId, sessionId } = source.ref;
  return { policy: source.metadata.policy, streamId, sessionId, parts: new Map(parts) };
}

/** As for the source: no playlist of a broadcast that was taken down is created again. */
const isGone = (deps: DeliveryDeps, { ref, metadata }: PlaylistSource): Promise<boolean> =>
  isTakenDown(deps, { streamId: ref.streamId, policy: metadata.policy, broadcastId: metadata.broadcast });

/** Reads the rendition's own playlist first: what is read after it is at least as new as what it was made of. */
async function stepOf(deps: DeliveryDeps, known: PlaylistSource, rendition: string): Promise<WriteStep<void>> {
  const name = liveNameOf(known, rendition);
  const store = deps.delivery(known.metadata.policy);
  const current = await store.read(name);
  const before = current && parseMediaPlaylist(current.text);
  const isNew = current === undefined;
  const seen = before?.ended === true || (isNew && (await isGone(deps, known))) ? undefined : await look(deps, known);
  const next = seen && renditionPlaylist(seen.live, partsOf(seen), { rendition, before });
  const text = next && formatMediaPlaylist(next);
  if (seen === undefined || text === undefined || text === current?.text) return { result: undefined };
  return { result: undefined, write: { store, name, current, kind: 'playlist', text, metadata: { ...seen.metadata } } };
}

interface LiveRendition extends OfferedRendition {
  playlist: MediaPlaylist;
}

/** The renditions that have a live playlist which goes on, each with it. */
async function offered(deps: DeliveryDeps, { source, live }: Seen): Promise<LiveRendition[]> {
  const store = deps.delivery(source.metadata.policy);
  const all = (source.metadata.renditions ?? []).map(
    async (rendition: DescribedRendition): Promise<LiveRendition[]> => {
      const name = liveNameOf(source, rendition.name);
      const object = await store.read(name);
      const playlist = object && parseMediaPlaylist(object.text);
      return playlist && goesOn(playlist, live) ? [{ ...rendition, uri: urlPathOf(name), playlist }] : [];
    },
  );
  return (await Promise.all(all)).flat();
}

async function mpdStep(deps: DeliveryDeps, known: PlaylistSource): Promise<WriteStep<void>> {
  const { ref, metadata } = known;
  const name = mpdName({ streamId: ref.streamId, policy: metadata.policy, broadcastId: metadata.broadcast });
  const store = deps.delivery(metadata.policy);
  const current = await store.read(name);
  const seen = current === undefined && (await isGone(deps, known)) ? undefined : await look(deps, known);
  if (seen === undefined) return { result: undefined };
  const steady = (await offered(deps, seen)).filter(({ playlist }) => isSteady(playlist, seen.live));
  const renditions = steady.map(({ name: id, ...rest }) => ({ id, ...rest }));
  const starts = current && parseMetadata(MpdMetadata, current).periodStarts;
  const next = formatLiveMpd({ renditions, windowSeconds: metadata.window, timeUrl: urlPathOf(name) }, starts);
  if (next === undefined || next.text === current?.text) return { result: undefined };
  const written = { periodStarts: next.periodStarts };
  return { result: undefined, write: { store, name, current, kind: 'mpd', text: next.text, metadata: written } };
}

/**
 * Brings the renditions of a session in CMAF after its source's live playlist: their live playlists, then the MPD, then
 * the index, each under the rules of every live playlist. Nothing to do for a session in transport streams. Throws as
 * `updateLive`.
 */
export async function updateRenditions(deps: DeliveryDeps, source: PlaylistSource): Promise<void> {
  const renditions = source.metadata.renditions ?? [];
  const others = renditions.filter(({ name }) => name !== source.ref.rendition);
  await Promise.all(others.map(({ name }) => pacedWrite(deps.clock, () => stepOf(deps, source, name))));
  await pacedWrite(deps.clock, () => mpdStep(deps, source));
  const { broadcast, ordinal } = source.metadata;
  await writeIndex(deps, source, async (state) => {
    const seen = await look(deps, source);
    return seen && advanceCmafIndex(state, { broadcast, ordinal, renditions: await offered(deps, seen) });
  });
}
