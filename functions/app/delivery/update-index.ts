import type { Policy } from '../../contract/ids';
import { indexName, livePlaylistName, urlPathOf } from '../../contract/objects/layout';
import { IndexMetadata } from '../../contract/objects/metadata';
import { advanceIndex, type IndexState, type RenditionNews } from '../../core/delivery/index-playlist';
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
    const next = await decide(state);
    return {
      result: undefined,
      ...(next && { write: { store: deps.delivery(policy), name, current, kind: 'playlist', ...next } }),
    };
  });
}
