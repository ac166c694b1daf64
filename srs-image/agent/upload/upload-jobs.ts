import { isComplete, pendingOf, type SessionState } from '../session/session-state';

/**
 * The progress of an uploader. `said`: the content of the session playlist in the bucket; absent when that is not
 * known. Times in milliseconds.
 */
export interface UploadProgress {
  said?: string;
  segmentDueAt: number;
  playlistDueAt: number;
  /** The time when the next segment is expected to be in the bucket; absent before the first. */
  nextSegmentAt?: number;
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

/** Cloud Storage takes one write a second to one name. https://cloud.google.com/storage/quotas#objects */
export const PLAYLIST_INTERVAL_MS = 1000;
/** News of rungs alone may make the playlist that names the next segment so much later, */
const MAX_DELAY_OF_SOURCE_MS = 100;
/** and wait so long for a segment that does not come. */
const OVERDUE_MS = 500;

const withoutRungs = (said: string | undefined): string | undefined => said?.replace(/ rungs to \d+/, '');

/**
 * The time from which a playlist may be written. One that has no more to say than a rung that is there now would take
 * the second that the next segment needs: it is written early enough, or goes along with that segment.
 */
function playlistDueAt(state: SessionState, progress: UploadProgress, nowMs: number): number {
  const { said, playlistDueAt: dueAt, nextSegmentAt } = progress;
  const isRungsOnly = said !== undefined && withoutRungs(said) === withoutRungs(saying(state));
  if (!isRungsOnly || nextSegmentAt === undefined) return dueAt;
  const isEarly = Math.max(nowMs, dueAt) + PLAYLIST_INTERVAL_MS <= nextSegmentAt + MAX_DELAY_OF_SOURCE_MS;
  return isEarly ? dueAt : Math.max(dueAt, nextSegmentAt + OVERDUE_MS);
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
  const playlistAt = playlistDueAt(state, progress, nowMs);
  if (playlistWaits && nowMs >= playlistAt) return { kind: 'playlist' };
  if (segmentWaits && nowMs >= progress.segmentDueAt) return { kind: 'segment' };
  if (!segmentWaits && !playlistWaits) return { kind: isComplete(state) ? 'finish' : 'idle' };
  const due = [...(segmentWaits ? [progress.segmentDueAt] : []), ...(playlistWaits ? [playlistAt] : [])];
  return { kind: 'wait', ms: Math.min(...due) - nowMs };
}
