import type { Policy } from '../../contract/ids';
import { indexName, livePlaylistName, urlPathOf } from '../../contract/objects/layout';
import { IndexMetadata } from '../../contract/objects/metadata';
import { advanceIndex, type IndexState, type RenditionNews } from '../../core/delivery/index-playlist';
import { steered, unsteered } from '../../core/delivery/steering';
import { keepSteering } from './keep-steering';
import { pacedWrite } from './paced-write';
import { type DeliveryDeps, type PlaylistSource, parseMetadata } from './source';

type Described = Pick<PlaylistSource, 'ref' | 'metadata'>;

/** Returns what a session playlist says of its rendition. */
const newsOf = ({ ref, metadata }: Described): RenditionNews => ({
  broadcast: metadata.broadcast,
  ordinal: metadata.ordinal,
  variant: {
    uri: urlPathOf(livePlaylistName({ ...ref, policy: metadata.policy, broadcastId: metadata.broadcast })),
    attributes: metadata.attributes,
  },
});

const readIndex = async (deps: DeliveryDeps, policy: Policy, name: string) => {
  const current = await deps.delivery(policy).read(name);
  return { current, state: current && { text: current.text, metadata: parseMetadata(IndexMetadata, current) } };
};

/**
 * Makes the index show this rendition, unless it shows a newer broadcast. Call it only after its live playlist was
 * written.
 */
export const updateIndex = (deps: DeliveryDeps, source: Described): Promise<void> =>
  writeIndex(deps, source, async (state) => advanceIndex(state, newsOf(source)));

/** Writes what `decide` makes of the stream's index, under the rules of every live playlist. */
export async function writeIndex(
  deps: DeliveryDeps,
  source: Described,
  decide: (state: IndexState | undefined) => Promise<IndexState | undefined>,
): Promise<void> {
  const { policy } = source.metadata;
  const name = indexName(policy, source.ref.streamId);
  await pacedWrite(deps.clock, async () => {
    const { current, state } = await readIndex(deps, policy, name);
    const before = state && { ...state, text: unsteered(state.text) };
    const decided = (await decide(before)) ?? before;
    const next = decided && { ...decided, text: steeredIndex(decided.text, source, deps) };
    if (next === undefined || next.text === current?.text) return { result: undefined };
    // A playlist names nothing that is not there.
    if (policy === 'open') await keepSteering({ cdns: [], ...deps });
    return { result: undefined, write: { store: deps.delivery(policy), name, current, kind: 'playlist', ...next } };
  });
}

/**
 * Gated streams stay on the CDN whose signatures they have, encrypted ones on the host that answers for their keys: a
 * playlist names a key by its path, and another CDN has nothing there.
 */
const steeredIndex = (text: string, { ref, metadata }: Described, { cdns = [] }: DeliveryDeps): string =>
  metadata.policy === 'open' && metadata.encrypted !== true ? steered(text, ref.streamId, cdns) : text;
