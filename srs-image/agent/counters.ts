/** What happened since the start, for `/metrics`. */
export class Counters {
  uploadedSegments = 0;
  uploadedBytes = 0;
  playlistWrites = 0;
  storageRetries = 0;
  hookRetries = 0;
  refusedPublishers = 0;
  takeovers = 0;
  kicks = 0;
  /** From the end of a segment's media to its place in the bucket, of the last upload. */
  uploadLagMs = 0;
}
