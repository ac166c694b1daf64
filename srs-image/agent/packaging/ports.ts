import type { CommonKey } from '../../../functions/core/packaging/commands';
import type { FragmentTimes } from '../../../functions/core/packaging/fragment';
import type { InitSegment } from '../../../functions/core/packaging/init-segment';
import type { Rung } from '../../../functions/core/packaging/ladder';

/**
 * The setup of an init segment that the agent made for a picture: the decoder's configuration (avcC, in base64), and
 * the ticks that the edit list takes off. Kept with the session, because the next segment needs the same init segment.
 */
export interface PictureSetup {
  avcC: string;
  edit: number;
}

/** One fragment of one rendition, with the source's own time stamps, and the init segment it needs. */
export interface PackagedTrack {
  init: InitSegment;
  bytes: Uint8Array;
  times: FragmentTimes;
  /** The setup of a picture that the agent made without a program. */
  picture?: PictureSetup;
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
  /**
   * The fragments of the encoder's own media: `source`, and `audio` beside a picture. Sound alone is `source`. `key`:
   * their samples are encrypted with it.
   */
  source(segment: Uint8Array, tracks: TracksThere, key?: CommonKey): Promise<PackagedTracks>;
  /**
   * The fragments of `source`, made at once without a program; `undefined` for media that only a program can take.
   * `before`: the picture of the segment before, if it was made so too.
   */
  withoutProgram(segment: Uint8Array, tracks: TracksThere, before?: PictureSetup): PackagedTracks | undefined;
  /** The fragments of the rungs, each as long as the source's and at the same time; encrypted as those of `source`. */
  rungs(segment: Uint8Array, rungs: readonly Rung[], limitMs: number, key?: CommonKey): Promise<PackagedTracks>;
  /** False on a node without an encoder. */
  readonly makesLadders: boolean;
}
