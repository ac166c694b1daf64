/**
 * What the CDN and players may keep, by kind of object: one table for agent, functions, infra and the local edge.
 * A backend bucket is a path prefix with one set of Cloud CDN settings. `/p/` and `/s/` are apart because Cloud CDN ignores an
 * object's Cache-Control on signed requests and has one lifetime per backend.
 */
export const OBJECT_KINDS = {
  playlist: { cacheControl: 'public, max-age=1, s-maxage=1', contentType: 'application/vnd.apple.mpegurl' },
  recording: { cacheControl: 'public, max-age=86400', contentType: 'application/vnd.apple.mpegurl' },
  segment: { cacheControl: 'public, max-age=86400, immutable', contentType: 'video/mp2t' },
  /** In the private ingest bucket: nobody caches it. */
  sessionPlaylist: { cacheControl: 'no-store', contentType: 'application/vnd.apple.mpegurl' },
} as const;
export type ObjectKind = keyof typeof OBJECT_KINDS;

/** The four backend buckets. `signedMaxAgeSeconds`: what Cloud CDN keeps a signed answer, whatever the object says. */
export const BACKENDS = {
  'open-playlists': { policy: 'open', pathPrefix: '/open/p/', signedMaxAgeSeconds: 1, compress: true },
  'open-segments': { policy: 'open', pathPrefix: '/open/s/', signedMaxAgeSeconds: 300, compress: false },
  'gated-playlists': { policy: 'gated', pathPrefix: '/gated/p/', signedMaxAgeSeconds: 1, compress: true },
  'gated-segments': { policy: 'gated', pathPrefix: '/gated/s/', signedMaxAgeSeconds: 300, compress: false },
} as const;
export type BackendName = keyof typeof BACKENDS;
