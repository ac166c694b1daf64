import { contentKeyPath } from '../../contract/objects/encryption';
import { ordinalOf, parseSegmentName, type SegmentRef, urlPathOf } from '../../contract/objects/layout';
import { SegmentMetadata } from '../../contract/objects/metadata';
import type { StoredObject } from '../../ports/stores';
import { defined } from '../defined';
import { commonSegmentKey } from '../encryption/common-segment-key';
import { rangesOfRecording } from '../playlist/date-ranges';
import type { MediaPlaylist, MediaSegment, SegmentKey } from '../playlist/media-playlist';

/** A segment as it lies in the delivery bucket. */
export interface RecordedSegment {
  ref: SegmentRef;
  uri: string;
  sizeBytes: number;
  metadata: SegmentMetadata;
}

/** Reads a listed object as a segment; `undefined` if its name or its metadata is not a segment's. */
export function recordedSegment(object: StoredObject): RecordedSegment | undefined {
  const ref = parseSegmentName(object.name);
  const metadata = SegmentMetadata.safeParse(object.metadata).data;
  return ref && metadata && { ref, uri: urlPathOf(object.name), sizeBytes: object.sizeBytes, metadata };
}

const byPosition = ({ ref: a }: RecordedSegment, { ref: b }: RecordedSegment): number =>
  ordinalOf(a.sessionId) - ordinalOf(b.sessionId) || a.number - b.number;

const followsOn = (segment: RecordedSegment, before: RecordedSegment | undefined): boolean =>
  before === undefined ||
  (before.ref.sessionId === segment.ref.sessionId && before.ref.number + 1 === segment.ref.number);

const positionOf = ({ ref: { sessionId, number } }: RecordedSegment): string => `${sessionId} ${number}`;

/** A segment of the rendition in the place of the source's, or a gap. */
function entryOf(
  source: RecordedSegment,
  own: RecordedSegment | undefined,
): Pick<MediaSegment, 'uri' | 'map' | 'key' | 'gap'> {
  if (own === undefined) return { uri: source.uri, gap: true };
  const { init } = own.metadata;
  const key = keyOfMetadata(own);
  return {
    uri: own.uri,
    ...(init && { map: `${own.uri.slice(0, own.uri.lastIndexOf('/'))}/${init}` }),
    ...defined({ key }),
  };
}

function keyOfMetadata({ ref, metadata: { keyId, iv, scheme } }: RecordedSegment): SegmentKey | undefined {
  if (keyId === undefined) return undefined;
  if (scheme !== undefined) return commonSegmentKey(ref.streamId, keyId, scheme);
  return iv === undefined ? undefined : { method: 'AES-128', uri: contentKeyPath(ref.streamId, keyId), iv };
}

/**
 * The VOD playlist of one rendition of a broadcast, from what is in the bucket: by session, then by number. A
 * discontinuity stands where the agent saw one, where a session begins and where a number is missing. `source`: the
 * segments of the rendition whose numbers, dates and discontinuities all others have; what this one lacks of them is a
 * gap.
 */
export function recordingPlaylist(segments: readonly RecordedSegment[], source = segments): MediaPlaylist {
  const inOrder = [...source].sort(byPosition);
  const { ranges } = rangesOfRecording(inOrder.flatMap(({ metadata }) => metadata.dateRanges ?? []));
  const own = new Map(segments.map((segment) => [positionOf(segment), segment]));
  return {
    targetDurationSeconds: inOrder.reduce(
      (max, { metadata }) => Math.max(max, Math.round(metadata.durationMs / 1000)),
      1,
    ),
    mediaSequence: 0,
    discontinuitySequence: 0,
    ended: true,
    playlistType: 'VOD',
    ...(ranges.length > 0 && { dateRanges: ranges }),
    segments: inOrder.map((segment, index) => ({
      ...entryOf(segment, own.get(positionOf(segment))),
      durationMs: segment.metadata.durationMs,
      programDateTimeMs: Date.parse(segment.metadata.programDateTime),
      discontinuity: segment.metadata.discontinuity || !followsOn(segment, inOrder[index - 1]),
    })),
  };
}

/**
 * Computes the peak bit/s of the segments, for a rendition that no node describes any more. The short last segment of a
 * stream does not count.
 */
export function peakBandwidth(segments: readonly RecordedSegment[]): number {
  const longest = segments.reduce((max, { metadata }) => Math.max(max, metadata.durationMs), 1);
  const whole = segments.filter(({ metadata }) => metadata.durationMs >= longest / 2);
  return whole.reduce(
    (peak, { sizeBytes, metadata }) => Math.max(peak, Math.ceil((sizeBytes * 8000) / metadata.durationMs)),
    1,
  );
}
