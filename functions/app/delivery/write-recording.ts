import type { BroadcastId, Rendition } from '../../contract/ids';
import { recordingName, segmentPrefix, urlPathOf } from '../../contract/objects/layout';
import type { RenditionAttributes } from '../../contract/objects/metadata';
import type { Session, Stream } from '../../contract/state';
import { byBandwidth, mergeAttributes } from '../../core/delivery/index-playlist';
import { peakBandwidth, type RecordedSegment, recordedSegment, recordingPlaylist } from '../../core/delivery/recording';
import { formatMultivariant } from '../../core/playlist/multivariant';
import { pacedWrite } from './paced-write';
import type { DeliveryDeps, ListedSource } from './source';

/** A broadcast that takes no session in any more. */
export interface BroadcastToFinish {
  stream: Pick<Stream, 'id' | 'policy' | 'recording'>;
  broadcastId: BroadcastId;
  /** Under which its media lies. @default 0 */
  epoch?: number | undefined;
  /** The sessions of this broadcast, by ordinal. */
  sessions: readonly Pick<Session, 'id'>[];
}

async function listSegments(deps: DeliveryDeps, { stream, sessions, epoch }: BroadcastToFinish): Promise<RecordedSegment[]> {
  const prefixes = sessions.map(({ id }) => segmentPrefix({ policy: stream.policy, streamId: stream.id, sessionId: id, epoch }));
  const objects = (await Promise.all(prefixes.map((prefix) => deps.delivery(stream.policy).list(prefix)))).flat();
  return objects.flatMap((object) => {
    const segment = recordedSegment(object);
    if (segment === undefined) deps.log.warn('recording_segment_skipped', { name: object.name });
    return segment ?? [];
  });
}

function byRendition(segments: readonly RecordedSegment[]): Map<Rendition, RecordedSegment[]> {
  const renditions = new Map<Rendition, RecordedSegment[]>();
  for (const segment of segments) {
    const known = renditions.get(segment.ref.rendition);
    if (known) known.push(segment);
    else renditions.set(segment.ref.rendition, [segment]);
  }
  return renditions;
}

/** What the sessions say of a rendition, the newest last; by its segments where no session playlist is left. */
const attributesOf = (sources: readonly ListedSource[], segments: readonly RecordedSegment[]): RenditionAttributes =>
  sources.length === 0
    ? { bandwidth: peakBandwidth(segments) }
    : sources.map(({ metadata }) => metadata.attributes).reduce(mergeAttributes);

async function put(deps: DeliveryDeps, broadcast: BroadcastToFinish, file: { rendition?: Rendition; text: string }) {
  const { policy, id } = broadcast.stream;
  const { text, ...rendition } = file;
  const { broadcastId, epoch } = broadcast;
  const name = recordingName({ policy, streamId: id, broadcastId, epoch, ...rendition });
  const store = deps.delivery(policy);
  await pacedWrite(deps.clock, async () => {
    const current = await store.read(name);
    return current?.text === text ? { result: name } : { result: name, write: { store, name, current, kind: 'recording', text } };
  });
  return urlPathOf(name);
}

/** Writes the VOD playlists of a broadcast over the segments there are; none, if there is no segment. The same again changes nothing. */
export async function writeRecording(
  deps: DeliveryDeps,
  broadcast: BroadcastToFinish,
  sources: readonly ListedSource[],
): Promise<void> {
  const renditions = [...byRendition(await listSegments(deps, broadcast))];
  const variants = await Promise.all(
    renditions.map(async ([rendition, segments]) => ({
      uri: await put(deps, broadcast, { rendition, text: recordingPlaylist(segments) }),
      attributes: attributesOf(
        sources.filter(({ ref }) => ref.rendition === rendition),
        segments,
      ),
    })),
  );
  if (variants.length > 0) await put(deps, broadcast, { text: formatMultivariant(variants.sort(byBandwidth)) });
}
