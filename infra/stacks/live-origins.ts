import { Construct } from 'constructs';
import { agentEnv } from '../../srs-image/render/agent-env';
import type { EnvironmentConfig } from '../config/schema';
import type { Identity } from '../constructs/identity';
import type { Network } from '../constructs/network';
import type { NodeImages } from '../constructs/node-images';
import { OriginGroup } from '../constructs/origin-group';
import type { Place } from '../names';
import type { LiveMedia } from './live-media';

export interface LiveOriginsProps extends Place {
  readonly config: EnvironmentConfig;
  readonly media: LiveMedia;
  readonly node: Identity;
  readonly network: Network;
  readonly images: NodeImages;
  /** The function agents relay hooks to. */
  readonly hooks: { readonly uri: string };
}

/** Half of the tmpfs is the spool's, half is SRS's own window of segments. */
const SPOOL_SHARE = 0.5;

/** The nodes that take publishers, told where everything is. */
export class LiveOrigins extends Construct {
  readonly instanceGroup: string;

  constructor(scope: Construct, id: string, { config, media, node, network, images, hooks, ...place }: LiveOriginsProps) {
    super(scope, id);
    const { origin, zones } = config;
    const group = new OriginGroup(this, 'group', {
      ...place,
      identity: node,
      network,
      zones,
      machineType: origin.machineType,
      nodes: origin.minNodes,
      image: images.reference(origin.imageTag),
      mediaMebibytes: origin.mediaMebibytes,
      diskGigabytes: origin.diskGigabytes,
      agentEnv: agentEnv({
        role: 'origin',
        hooksUrl: hooks.uri,
        ingestBucket: media.ingest.bucketName,
        openBucket: media.open.bucketName,
        gatedBucket: media.gated.bucketName,
        heartbeatSeconds: config.heartbeatSeconds,
        sessionWindowSeconds: config.sessionWindowSeconds,
        spoolLimitBytes: origin.mediaMebibytes * (1 << 20) * SPOOL_SHARE,
      }),
    });
    this.instanceGroup = group.instanceGroup;
  }
}
