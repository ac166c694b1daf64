import { isComplete, pendingOf, type SessionState } from '../session/session-state';

/**
 * The progress of an uploader. `said`: the content of the session playlist in the bucket; absent when that is not
 * known. Times in milliseconds.
 */
export interface UploadProgress {
  said?: string;
  segmentDueAt: number;
  playlistDueAt: number;
}

export type Job =
  | { kind: 'segment' }
  | { kind: 'playlist' }
  | { kind: 'finish' }
  | { kind: 'idle' }
  | { kind: 'wait'; ms: number };

/**
 * Tells two session playlists apart without writing them. What it says of the rendition goes along with the next
 * segment.
 */
export function saying(state: SessionState): string {
  const ended = state.final ? ' ended, final' : ' ended';
  return `${state.firstNumber + state.uploaded}${saidOfRungs(state)}${isComplete(state) ? ended : ''}`;
}

/** The number of the first segment whose rungs are still to come; nothing where there are none. */
function saidOfRungs(state: SessionState): string {
  if (state.cmaf === undefined) return '';
  const waiting = state.kept.slice(0, state.uploaded).findIndex(({ packaged }) => packaged?.rungs === 'wait');
  return waiting < 0 ? '' : ` rungs to ${state.firstNumber + waiting}`;
}

/**
 * The next thing to do for a session. A due playlist goes before the next segment, so viewers get on during a long
 * catch-up; between two due times segments run ahead, and one playlist then names them all.
 */
export function nextJob(state: SessionState, progress: UploadProgress, nowMs: number): Job {
  const segmentWaits = pendingOf(state).length > 0;
  const playlistWaits = state.uploaded > 0 && progress.said !== saying(state);
  if (playlistWaits && nowMs >= progress.playlistDueAt) return { kind: 'playlist' };
  if (segmentWaits && nowMs >= progress.segmentDueAt) return { kind: 'segment' };
  if (!segmentWaits && !playlistWaits) return { kind: isComplete(state) ? 'finish' : 'idle' };
  const due = [...(segmentWaits ? [progress.segmentDueAt] : []), ...(playlistWaits ? [progress.playlistDueAt] : [])];
  return { kind: 'wait', ms: Math.min(...due) - nowMs };
}
