import { ComputeBackendBucket } from '@cdktf/provider-google/lib/compute-backend-bucket';
import { Construct } from 'constructs';
import { BACKENDS, type BackendName } from '../../functions/contract/cache-table';
import type { Policy } from '../../functions/contract/words';
import type { Place } from '../names';

export interface DeliveryProps extends Place {
  /** Name of the bucket of each playback policy, and of the pages. */
  readonly buckets: Readonly<Record<Policy | 'pages', string>>;
  /** Who may watch: an edge policy's id. */
  readonly edgePolicy: string;
  /** Seconds Cloud CDN keeps signed answers, whatever the object says. */
  readonly signedMaxAgeSeconds: { readonly playlists: number; readonly segments: number };
}

/** A path prefix of the public host and the backend that answers it. */
export interface BackendRoute {
  readonly pathPrefix: string;
  readonly backend: string;
}

/** `X-Cache: HIT` and so on, so that the hit ratio is seen without logs. */
const CACHE_STATUS = 'X-Cache: {cdn_cache_status}';

/** Pages are never signed. */
const PAGES = { signedMaxAgeSeconds: 0, compress: true };

/**
 * Cloud CDN in front of the delivery buckets: one backend for each row of the cache table, and one for the pages. What may be
 * kept how long stands on the objects themselves (`USE_ORIGIN_HEADERS`).
 */
export class Delivery extends Construct {
  readonly routes: readonly BackendRoute[];
  readonly pagesBackend: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: DeliveryProps,
  ) {
    super(scope, id);
    this.routes = backendNames().map((name) => ({
      pathPrefix: BACKENDS[name].pathPrefix,
      backend: this.backend(name, props.buckets[BACKENDS[name].policy], this.settings(name)),
    }));
    this.pagesBackend = this.backend('pages', props.buckets.pages, PAGES);
  }

  private settings(name: BackendName): { signedMaxAgeSeconds: number; compress: boolean } {
    const { playlists, segments } = this.props.signedMaxAgeSeconds;
    return { signedMaxAgeSeconds: name.endsWith('-playlists') ? playlists : segments, compress: BACKENDS[name].compress };
  }

  private backend(name: string, bucketName: string, row: { signedMaxAgeSeconds: number; compress: boolean }): string {
    return new ComputeBackendBucket(this, name, {
      project: this.props.projectId,
      name: this.props.names.resource(name),
      bucketName,
      enableCdn: true,
      compressionMode: row.compress ? 'AUTOMATIC' : 'DISABLED',
      customResponseHeaders: [CACHE_STATUS],
      edgeSecurityPolicy: this.props.edgePolicy,
      // The provider sends 0 or false for whatever is left out here, and not the API's default. This cache mode takes no TTLs.
      cdnPolicy: {
        cacheMode: 'USE_ORIGIN_HEADERS',
        signedUrlCacheMaxAgeSec: row.signedMaxAgeSeconds,
        serveWhileStale: 0,
        negativeCaching: false,
        requestCoalescing: true,
      },
    }).id;
  }
}

const backendNames = (): BackendName[] => ['open-playlists', 'open-segments', 'gated-playlists', 'gated-segments'];
