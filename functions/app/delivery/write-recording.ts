import { type BroadcastId, type Rendition, SOUND_RENDITION, SOURCE_RENDITION } from '../../contract/ids';
import {
  parseInitName,
  recordingMpdName,
  recordingName,
  segmentPrefix,
  urlPathOf,
} from '../../contract/objects/layout';
import type { RenditionAttributes } from '../../contract/objects/metadata';
import type { Session, Stream } from '../../contract/state';
import { formatRecordingMpd } from '../../core/dash/mpd';
import { cmafMultivariant } from '../../core/delivery/cmaf-index';
import { byBandwidth, mergeAttributes } from '../../core/delivery/index-playlist';
import { peakBandwidth, type RecordedSegment, recordedSegment, recordingPlaylist } from '../../core/delivery/recording';
import { rangesOfRecording } from '../../core/playlist/date-ranges';
import { formatMediaPlaylist } from '../../core/playlist/media-playlist';
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
  sessions: readonly Pick<Session, 'id' | 'role'>[];
}

async function listSegments(
  deps: DeliveryDeps,
  { stream, sessions, epoch }: BroadcastToFinish,
): Promise<RecordedSegment[]> {
  const prefixes = sessions.map(({ id }) =>
    segmentPrefix({ policy: stream.policy, streamId: stream.id, sessionId: id, epoch }),
  );
  const objects = (await Promise.all(prefixes.map((prefix) => deps.delivery(stream.policy).list(prefix)))).flat();
  return objects.flatMap((object) => {
    const segment = recordedSegment(object);
    if (segment === undefined && parseInitName(object.name) === undefined)
      deps.log.warn('recording_segment_skipped', { name: object.name });
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

/** Returns what the sessions say of a rendition, the newest last; by its segments where no session playlist is left. */
function attributesOf(
  rendition: Rendition,
  sources: readonly ListedSource[],
  segments: readonly RecordedSegment[],
): RenditionAttributes {
  const said = sources.flatMap(({ ref, metadata: { renditions, attributes } }) => {
    const own = renditions?.find(({ name }) => name === rendition)?.attributes;
    return own ?? (ref.rendition === rendition ? [attributes] : []);
  });
  return said.length === 0 ? { bandwidth: peakBandwidth(segments) } : said.reduce(mergeAttributes);
}

/** The rendition of sound has its name from the agent; all others have a picture, or are the only one. */
const kindOf = (rendition: Rendition): 'video' | 'audio' => (rendition === SOUND_RENDITION ? 'audio' : 'video');
const isCmaf = (segments: readonly RecordedSegment[]): boolean =>
  segments.some(({ metadata }) => metadata.init !== undefined);

interface RecordingFile {
  rendition?: Rendition;
  kind?: 'recording' | 'recordingMpd';
  text: string;
}

async function put(
  deps: DeliveryDeps,
  broadcast: BroadcastToFinish,
  { text, kind = 'recording', ...rendition }: RecordingFile,
) {
  const { policy, id } = broadcast.stream;
  const { broadcastId, epoch } = broadcast;
  const ref = { policy, streamId: id, broadcastId, epoch };
  const name = kind === 'recordingMpd' ? recordingMpdName(ref) : recordingName({ ...ref, ...rendition });
  const store = deps.delivery(policy);
  await pacedWrite(deps.clock, async () => {
    const current = await store.read(name);
    return current?.text === text ? { result: name } : { result: name, write: { store, name, current, kind, text } };
  });
  return urlPathOf(name);
}

/**
 * Writes the VOD playlists of a broadcast over the segments there are; none, if there is no segment. The same again
 * changes nothing.
 */
export async function writeRecording(
  deps: DeliveryDeps,
  broadcast: BroadcastToFinish,
  sources: readonly ListedSource[],
): Promise<void> {
  const renditions = byRendition(await listSegments(deps, broadcast));
  const source = renditions.get(SOURCE_RENDITION);
  const described = await Promise.all(
    [...renditions].map(async ([name, segments]) => {
      const playlist = recordingPlaylist(segments, source);
      const uri = await put(deps, broadcast, { rendition: name, text: formatMediaPlaylist(playlist) });
      return { name, uri, kind: kindOf(name), attributes: attributesOf(name, sources, segments), playlist };
    }),
  );
  if (described.length === 0) return;
  const ranges = (source ?? []).flatMap(({ metadata }) => metadata.dateRanges ?? []);
  if (rangesOfRecording(ranges).isCut)
    deps.log.warn('recording_metadata_cut', { streamId: broadcast.stream.id, broadcastId: broadcast.broadcastId });
  if (source === undefined || !isCmaf(source)) {
    await put(deps, broadcast, { text: formatMultivariant([...described].sort(byBandwidth)) });
    return;
  }
  // Players of an MPD look for no holes: a rung that has one is in the HLS recording alone.
  const whole = described.filter(({ playlist }) => playlist.segments.every(({ gap }) => gap !== true));
  const mpd = formatRecordingMpd({ renditions: whole.map(({ name: id, ...rest }) => ({ id, ...rest })) });
  if (mpd !== undefined) await put(deps, broadcast, { kind: 'recordingMpd', text: mpd });
  await put(deps, broadcast, { text: cmafMultivariant(described) });
}
