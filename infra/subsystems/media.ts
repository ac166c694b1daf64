import { Construct } from 'constructs';
import { pairingOf } from '../config/regions';
import type { EnvironmentConfig } from '../config/schema';
import { type BucketPair, expireAbandoned, expireUnrecorded, MediaBucket } from '../constructs/media/media-bucket';
import type { Deployment } from '../names';

export interface LiveMediaProps extends Deployment {
  readonly config: EnvironmentConfig;
}

/** The buckets of an environment. */
export class LiveMedia extends Construct {
  /** Session playlists, from nodes to hls-publisher: the only bucket with a trigger. */
  readonly ingest: MediaBucket;
  /** Playlists and segments anyone may watch, by the CDN, below `open/`; and the pages at `/`. */
  readonly open: MediaBucket;
  /** Playlists and segments for signed requests. */
  readonly gated: MediaBucket;

  constructor(scope: Construct, id: string, { config, ...place }: LiveMediaProps) {
    super(scope, id);
    const { destroyable, playerOrigins: corsOrigins } = config;
    const shared = { ...place, destroyable, pair: pairOf(config) };
    const lifecycle = [expireUnrecorded(config.unrecordedDays)];
    const abandoned = expireAbandoned(config.abandonedIngestDays);
    this.ingest = new MediaBucket(this, 'ingest', { ...shared, thing: 'ingest', lifecycle: [abandoned] });
    this.open = new MediaBucket(this, 'open', {
      ...shared,
      thing: 'open',
      corsOrigins,
      lifecycle,
      writePrefix: 'open/',
      indexPage: 'index.html',
    });
    this.gated = new MediaBucket(this, 'gated', { ...shared, thing: 'gated', corsOrigins, lifecycle });
  }

  /** Returns the buckets of media: ingest, open, gated. */
  get all(): readonly MediaBucket[] {
    return [this.ingest, this.open, this.gated];
  }
}

function pairOf({ regions, replication }: EnvironmentConfig): BucketPair | undefined {
  const pairing = pairingOf(regions);
  return pairing && { location: pairing.bucket, regions, turbo: replication === 'turbo' };
}
