import { ComputeBackendBucket } from '@cdktf/provider-google/lib/compute-backend-bucket';
import { Construct } from 'constructs';
import type { Policy } from '../../../functions/contract/ids';
import { BACKENDS, type BackendName } from '../../../functions/contract/objects/cache';
import type { Deployment } from '../../names';
import { LoadBalancerAgent } from '../network/load-balancer-agent';
import type { MediaBucket } from './media-bucket';

export interface DeliveryProps extends Deployment {
  /** The bucket of each playback policy; the pages are in the open one. */
  readonly buckets: Readonly<Record<Policy, MediaBucket>>;
  /** The id of the edge policy that restricts viewers; `undefined` without a restriction. */
  readonly edgePolicy: string | undefined;
  /** Seconds for which Cloud CDN keeps signed answers, regardless of the object's headers. */
  readonly signedMaxAgeSeconds: { readonly playlists: number; readonly segments: number };
}

/** A path prefix of the public host and the backend that answers it. */
export interface BackendRoute {
  readonly pathPrefix: string;
  readonly backend: string;
}

/** `X-Cache: HIT` and so on, which shows the hit ratio without logs. */
const CACHE_STATUS = 'X-Cache: {cdn_cache_status}';

/**
 * Cloud CDN in front of the delivery buckets, which are private: one backend for each row of the cache table. The
 * headers of the objects themselves say how long they are kept (`USE_ORIGIN_HEADERS`). The load balancer's own account
 * reads the open bucket; only Cloud CDN's account reads the gated one, for signed requests.
 * https://cloud.google.com/cdn/docs/configure-private-bucket-access
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
    const { playlists, segments } = props.signedMaxAgeSeconds;
    const open = this.backend('open', 0);
    this.routes = [
      { pathPrefix: BACKENDS.open.pathPrefix, backend: open.id },
      { pathPrefix: BACKENDS['gated-playlists'].pathPrefix, backend: this.backend('gated-playlists', playlists).id },
      { pathPrefix: BACKENDS['gated-segments'].pathPrefix, backend: this.backend('gated-segments', segments).id },
    ];
    this.pagesBackend = open.id;
    // Google makes the account with the first backend bucket, if it was not there before.
    props.buckets.open.grantOpenRead(new LoadBalancerAgent(this, 'load-balancer', props), [open]);
  }

  private backend(name: BackendName, signedUrlCacheMaxAgeSec: number): ComputeBackendBucket {
    const { policy, compress } = BACKENDS[name];
    const { buckets, edgePolicy } = this.props;
    return new ComputeBackendBucket(this, name, {
      project: this.props.projectId,
      name: this.props.names.resource(name),
      bucketName: buckets[policy].bucketName,
      enableCdn: true,
      compressionMode: compress ? 'AUTOMATIC' : 'DISABLED',
      customResponseHeaders: [CACHE_STATUS],
      ...(edgePolicy !== undefined && { edgeSecurityPolicy: edgePolicy }),
      // The provider sends 0 or false for a field that is left out here, and not the API's default. This cache mode
      // takes no TTLs.
      cdnPolicy: {
        cacheMode: 'USE_ORIGIN_HEADERS',
        signedUrlCacheMaxAgeSec,
        serveWhileStale: 0,
        negativeCaching: false,
        requestCoalescing: true,
      },
    });
  }
}
