/**
 * Cache lifetimes for the CDN and players, by kind of object: one table for agent, functions, infra and the local edge.
 * A backend bucket is a path prefix with one set of Cloud CDN settings. Gated media has two, `/p/` and `/s/`, because
 * Cloud CDN ignores an object's Cache-Control on signed requests and has one lifetime a backend. What is open needs
 * one: its lifetimes stand on the objects, and dynamic compression takes texts and leaves MPEG-TS alone.
 * https://cloud.google.com/cdn/docs/dynamic-compression
 */
export const OBJECT_KINDS = {
  playlist: { cacheControl: 'public, max-age=1, s-maxage=1', contentType: 'application/vnd.apple.mpegurl' },
  recording: { cacheControl: 'public, max-age=86400', contentType: 'application/vnd.apple.mpegurl' },
  segment: { cacheControl: 'public, max-age=86400, immutable', contentType: 'video/mp2t' },
  /** A fragment of fragmented MP4, and the init segment it needs (RFC 4337; ISO/IEC 23000-19, 7.3.4). */
  fragment: { cacheControl: 'public, max-age=86400, immutable', contentType: 'video/mp4' },
  audioFragment: { cacheControl: 'public, max-age=86400, immutable', contentType: 'audio/mp4' },
  mpd: { cacheControl: 'public, max-age=1, s-maxage=1', contentType: 'application/dash+xml' },
  /** A player reads it again after its TTL (rfc8216bis 7.2). */
  steering: { cacheControl: 'public, max-age=10', contentType: 'application/json' },
  recordingMpd: { cacheControl: 'public, max-age=86400', contentType: 'application/dash+xml' },
  /** In the private ingest bucket: nobody caches it. */
  sessionPlaylist: { cacheControl: 'no-store', contentType: 'application/vnd.apple.mpegurl' },
} as const;
export type ObjectKind = keyof typeof OBJECT_KINDS;

/** The backend buckets: three, which is what a new project's quota allows. The pages are `open`'s too. */
export const BACKENDS = {
  open: { policy: 'open', pathPrefix: '/open/', compress: true },
  'gated-playlists': { policy: 'gated', pathPrefix: '/gated/p/', compress: true },
  'gated-segments': { policy: 'gated', pathPrefix: '/gated/s/', compress: false },
} as const;
export type BackendName = keyof typeof BACKENDS;
