/**
 * The operations of Cloud Storage for one broadcast of one rendition, as the local object store counts them, in the
 * billing classes.
 */
export interface BroadcastLoad {
  readonly segments: number;
  /** Passes of the reconciler while it is open: one a minute. */
  readonly reconciles: number;
}

export interface Operations {
  readonly classA: number;
  readonly classB: number;
}

/** Segment, session playlist, live playlist. */
const A_A_SEGMENT = 3;
/**
 * Bytes and metadata of the session playlist, because Cloud Storage returns no custom metadata with bytes; for live
 * playlist and index the metadata only, since the function that wrote them knows their bytes. One more of each where
 * another instance wrote it.
 */
const B_A_SEGMENT = 4;
/** A list of the session's playlists, and the metadata of the live playlist. */
const A_A_RECONCILE = 1;
const B_A_RECONCILE = 1;
/**
 * The index, once; the session playlist with its end; then, to finish: lists of session playlists, live playlists and
 * segments, the live playlist with ENDLIST, and two recording playlists.
 */
const A_A_BROADCAST = 8;
/** Reads for the last event and to finish, less the live playlist and index that the first event did not find. */
const B_A_BROADCAST = 6;
/** The number of objects in one page of a list. */
const LIST_PAGE = 1000;

/** Counts the operations of a recorded broadcast without repetitions: no retry, no lost event, one session. */
export const storageOperations = ({ segments, reconciles }: BroadcastLoad): Operations => ({
  classA: A_A_SEGMENT * segments + A_A_RECONCILE * reconciles + A_A_BROADCAST + Math.ceil(segments / LIST_PAGE) - 1,
  classB: B_A_SEGMENT * segments + B_A_RECONCILE * reconciles + B_A_BROADCAST,
});
