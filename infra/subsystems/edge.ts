import { Construct } from 'constructs';
import type { EnvironmentConfig } from '../config/schema';
import { Delivery } from '../constructs/media/delivery';
import type { Certificate } from '../constructs/network/certificate';
import { Edge, type EdgeProps } from '../constructs/network/edge';
import { LiveBackends } from '../constructs/network/live-backends';
import { SecurityPolicies } from '../constructs/network/security-policies';
import type { TlsPolicy } from '../constructs/network/tls-policy';
import { EdgeLogs } from '../constructs/observability/edge-logs';
import type { Deployment } from '../names';
import type { LiveMedia } from './media';

export interface PublicHostProps extends Deployment {
  readonly config: EnvironmentConfig;
  readonly media: LiveMedia;
  readonly certificate: Certificate;
  readonly tls: TlsPolicy;
  /** The functions that answer `/api/*`, one a region. */
  readonly apis: EdgeProps['apiServices'];
  /** The functions that answer chats, one a region; empty: there are none. */
  readonly chats: EdgeProps['chatServices'];
  /** Instance groups whose nodes answer `/live/*`. */
  readonly nodeGroups: readonly string[];
}

/** The public host for viewers and callers of the API: protected, cached, and logged by a sample. */
export class PublicHost extends Construct {
  constructor(scope: Construct, id: string, props: PublicHostProps) {
    super(scope, id);
    const { config, media, certificate, tls, apis, chats, nodeGroups: groups, ...place } = props;
    const { signedPlaylistSeconds: playlists, signedSegmentSeconds: segments, ...watching } = config.playback;
    const policies = new SecurityPolicies(this, 'policies', { ...place, ...watching, ...config.api });
    const delivery = new Delivery(this, 'delivery', {
      ...place,
      buckets: media,
      edgePolicy: policies.viewers,
      signedMaxAgeSeconds: { playlists, segments },
    });
    const live = new LiveBackends(this, 'live', {
      ...place,
      groups,
      policy: policies.nodes,
      edgePolicy: policies.viewers,
      logSample: config.logs.cdnSample,
    });
    new Edge(this, 'host', {
      ...place,
      delivery,
      live,
      certificate,
      tls,
      apiServices: apis,
      chatServices: chats,
      apiPolicy: policies.api,
      dnsZone: config.dnsZone.name,
      ipv6: config.ipv6,
      cdnOrigins: (config.cdns ?? []).map(({ host }) => `https://${host}`),
    });
    new EdgeLogs(this, 'logs', { ...place, ...config.logs });
  }
}
