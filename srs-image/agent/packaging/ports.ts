import type { FragmentTimes } from '../../../functions/core/packaging/fragment';
import type { InitSegment } from '../../../functions/core/packaging/init-segment';
import type { Rung } from '../../../functions/core/packaging/ladder';

/** One fragment of one rendition, with the source's own time stamps, and the init segment it needs. */
export interface PackagedTrack {
  init: InitSegment;
  bytes: Uint8Array;
  times: FragmentTimes;
}

/** Fragments by rendition. */
export type PackagedTracks = ReadonlyMap<string, PackagedTrack>;

/** Tracks of a transport stream segment. */
export interface TracksThere {
  hasVideo: boolean;
  hasAudio: boolean;
}

/**
 * Stateless jobs on one finished segment; nothing remains of one but its result. Both reject with an error when a
 * program fails, hangs, or makes something else than exactly one whole fragment a rendition.
 */
export interface PackagingJobs {
  /** The fragments of the encoder's own media: `source`, and `audio` beside a picture. Sound alone is `source`. */
  source(segment: Uint8Array, tracks: TracksThere): Promise<PackagedTracks>;
  /** The fragments of `source`, made at once without a program; `undefined` for media that only a program can take. */
  withoutProgram(segment: Uint8Array, tracks: TracksThere): PackagedTracks | undefined;
  /** The fragments of the rungs, each as long as the source's and at the same time. */
  rungs(segment: Uint8Array, rungs: readonly Rung[], limitMs: number): Promise<PackagedTracks>;
  /** False on a node without an encoder. */
  readonly makesLadders: boolean;
}
