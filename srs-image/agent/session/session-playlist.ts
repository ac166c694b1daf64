import type { SessionPlaylistMetadata } from '../../../functions/contract/objects/metadata';
import { formatMediaPlaylist } from '../../../functions/core/playlist/media-playlist';
import { isWebRtc, type SessionState } from './session-state';

/** What a session playlist says: enough to know whether a newer one would say more. */
export interface PlaylistContent {
  text: string;
  metadata: SessionPlaylistMetadata;
}

/** The session playlist over what is uploaded, or `undefined` before the first segment. `ended` once nothing waits any more. */
export function sessionPlaylist(state: SessionState): PlaylistContent | undefined {
  const { grant, kept, uploaded } = state;
  if (uploaded === 0) return undefined;
  const segments = kept.slice(0, uploaded).map(({ durationMs, programDateTimeMs, discontinuity }, i) => ({
    uri: `${state.firstNumber + i}.ts`,
    durationMs,
    programDateTimeMs,
    discontinuity,
  }));
  const text = formatMediaPlaylist({
    targetDurationSeconds: state.targetDurationSeconds,
    mediaSequence: state.firstNumber,
    discontinuitySequence: state.discontinuitySequence,
    ended: false,
    segments,
  });
  const metadata = {
    policy: grant.policy,
    broadcast: grant.broadcastId,
    ordinal: grant.ordinal,
    window: grant.dvrWindowSeconds,
    ...(isWebRtc(state.publishedAs) && { browser: true }),
    ended: state.endedAt !== undefined && uploaded === kept.length,
    attributes: { ...state.media, bandwidth: state.bandwidth },
  };
  return { text, metadata };
}
