import { SOURCE_RENDITION } from '../../../functions/contract/ids';
import { contentKeyPath } from '../../../functions/contract/objects/encryption';
import type { SessionPlaylistMetadata } from '../../../functions/contract/objects/metadata';
import { commonSegmentKey } from '../../../functions/core/encryption/common-segment-key';
import { fragmentEncryption, segmentEncryption } from '../../../functions/core/encryption/content-keys';
import { shownRanges } from '../../../functions/core/playlist/date-ranges';
import { formatMediaPlaylist, type MediaSegment } from '../../../functions/core/playlist/media-playlist';
import { GAP, type RenditionParts, withRenditionParts } from '../../../functions/core/playlist/packaged-segments';
import { isComplete, isWebRtc, type SessionSegment, type SessionState } from './session-state';
import { dateRangesOf } from './timed-metadata';

/** Content of a session playlist: enough to know whether a newer one would say more. */
export interface PlaylistContent {
  text: string;
  metadata: SessionPlaylistMetadata;
}

/** A rendition that is known and not there is a gap, unless its rung is still to come. */
function partsOf({ packaged }: SessionSegment, { cmaf }: SessionState): RenditionParts {
  if (cmaf === undefined) return {};
  if (packaged === undefined) {
    const others = cmaf.renditions.filter(({ name }) => name !== SOURCE_RENDITION);
    return Object.fromEntries(others.map(({ name }) => [name, GAP]));
  }
  const gaps = cmaf.renditions.filter(({ name }) => {
    const isRung = cmaf.plan.some((rung) => rung.name === name);
    return packaged.inits[name] === undefined && (packaged.rungs === 'settled' || !isRung);
  });
  return { ...packaged.inits, ...Object.fromEntries(gaps.map(({ name }) => [name, GAP])) };
}

/**
 * The session playlist over what is uploaded, or `undefined` before the first segment. `ended` once nothing waits any
 * more, `final` if nothing follows.
 */
export function sessionPlaylist(state: SessionState): PlaylistContent | undefined {
  const { grant, kept, uploaded, cmaf } = state;
  if (uploaded === 0) return undefined;
  const there = kept.slice(0, uploaded);
  const segments = there.map(({ durationMs, programDateTimeMs, discontinuity, packaged }, i) => ({
    uri: `${state.firstNumber + i}.${packaged === undefined ? 'ts' : 'm4s'}`,
    ...keyOf(state, { number: state.firstNumber + i, isWhole: packaged === undefined }),
    durationMs,
    programDateTimeMs,
    discontinuity,
  }));
  const dateRanges = shownRanges(there.flatMap(dateRangesOf));
  const text = formatMediaPlaylist({
    targetDurationSeconds: state.targetDurationSeconds,
    mediaSequence: state.firstNumber,
    discontinuitySequence: state.discontinuitySequence,
    ended: false,
    segments,
    ...(dateRanges.length > 0 && { dateRanges }),
  });
  const parts = there.map((segment) => partsOf(segment, state));
  return { text: cmaf === undefined ? text : withRenditionParts(text, parts), metadata: metadataOf(state, grant) };
}

/**
 * Returns the URI of a segment's key; the key itself is never in a bucket. `isWhole`: a transport stream, which is
 * encrypted whole, also where packaging was given up.
 */
function keyOf(
  { grant, encryption }: SessionState,
  { number, isWhole }: { number: number; isWhole: boolean },
): Pick<MediaSegment, 'key'> {
  if (encryption === undefined) return {};
  const { keyId, iv } = segmentEncryption({ ...grant, number }, encryption);
  const common = fragmentEncryption({ ...grant, number }, encryption);
  if (common !== undefined && !isWhole) return { key: commonSegmentKey(grant.streamId, keyId, common.scheme) };
  return { key: { method: 'AES-128', uri: contentKeyPath(grant.streamId, keyId), iv } };
}

const metadataOf = (state: SessionState, grant: SessionState['grant']): SessionPlaylistMetadata => ({
  policy: grant.policy,
  broadcast: grant.broadcastId,
  ordinal: grant.ordinal,
  window: grant.dvrWindowSeconds,
  ...(isWebRtc(state.publishedAs) && { browser: true }),
  ...(state.encryption && { encrypted: true }),
  ...(grant.role && { role: grant.role }),
  ...(grant.backupOf && { backupOf: grant.backupOf }),
  ended: isComplete(state),
  ...(isComplete(state) && state.final && { final: true }),
  attributes: { ...state.media, bandwidth: state.bandwidth },
  ...(state.cmaf && { renditions: renditionsOf(state.cmaf) }),
});

/** Bytes and media time stay here: what they come to is in the attributes. */
const renditionsOf = ({ renditions }: NonNullable<SessionState['cmaf']>) =>
  renditions.map(({ name, kind, attributes }) => ({ name, kind, attributes }));
