import { Histogram } from './histogram';

/** Seconds. A segment of 2 s that took longer than that to upload is behind. */
const LAG_BOUNDS = [0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 300];
/** Seconds. SRS holds its client meanwhile; the agent asks the cloud for 10 s at most, and a takeover takes 3 s. */
const HOOK_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts what happened since the start, for `/metrics`. */
export class Counters {
  uploadedSegments = 0;
  uploadedBytes = 0;
  playlistWrites = 0;
  /** Fragments of rungs in the buckets, and segments that go without theirs. */
  rungFragments = 0;
  shedRungSegments = 0;
  /** Packagers that failed, hung, or made something else than whole fragments. */
  packagingFailures = 0;
  storageRetries = 0;
  hookRetries = 0;
  refusedPublishers = 0;
  takeovers = 0;
  kicks = 0;
  /** Reports of sessions, or parts of them, that a heartbeat left out because they are no report. */
  reportsLeftOut = 0;
  /** Segments that were never uploaded: gone before they were linked, or dropped from a full spool. */
  lostSegments = 0;
  /** From the end of a segment's media to its place in the bucket. */
  readonly uploadLag = new Histogram(LAG_BOUNDS);
  /** From a hook of SRS to its answer, by action. */
  private readonly hooks = new Map<string, Histogram>();

  hookAnswered(action: string, seconds: number): void {
    const known = this.hooks.get(action) ?? new Histogram(HOOK_BOUNDS);
    known.observe(seconds);
    this.hooks.set(action, known);
  }

  hookDurations(): readonly (readonly [action: string, histogram: Histogram])[] {
    return [...this.hooks];
  }
}
