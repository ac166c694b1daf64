import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { EnvironmentConfig, PlatformConfig } from '../config/schema';
import { Certificate } from '../constructs/certificate';
import { Delivery } from '../constructs/delivery';
import { Edge } from '../constructs/edge';
import { FunctionBuild } from '../constructs/function-build';
import { Identity } from '../constructs/identity';
import { Ingest, ingestAddress } from '../constructs/ingest';
import { Network } from '../constructs/network';
import { NodeImages } from '../constructs/node-images';
import { Pages } from '../constructs/pages';
import { Secret } from '../constructs/secret';
import { StreamRegistry } from '../constructs/stream-registry';
import { Names } from '../names';
import { LiveFunctions } from './live-functions';
import { LiveMedia } from './live-media';
import { LiveOrigins } from './live-origins';
import { connect } from './terraform';

export interface LiveStackProps {
  readonly config: EnvironmentConfig;
  readonly platform: PlatformConfig;
  /** Path of a function's archive, made by the build. */
  readonly archive: (name: string) => string;
  /** Folder of the built pages. */
  readonly pages: string;
}

/** One environment, whole. Who may touch what stands here, in one paragraph. */
export class LiveStack extends TerraformStack {
  constructor(scope: Construct, id: string, { config, platform, archive, pages }: LiveStackProps) {
    super(scope, id);
    connect(this, `environments/${config.name}`, config, platform);
    const { projectId, region, destroyable, domain } = config;
    const names = new Names(config.name, projectId);
    const place = { names, projectId, region };

    const media = new LiveMedia(this, 'media', { ...place, config });
    new Pages(this, 'pages', { bucketName: media.pages.bucketName, folder: pages });
    const registry = new StreamRegistry(this, 'registry', { ...place, destroyable });
    const adminKey = new Secret(this, 'admin-key', place, 'admin-key');
    const node = new Identity(this, 'node', place, 'node', 'SRS VMs');
    const images = new NodeImages(this, 'images', place);
    const address = ingestAddress(this, place);
    const certificate = new Certificate(this, 'certificate', { ...place, domain, dnsZone: config.dnsZone.name });
    const build = new FunctionBuild(this, 'function-build', { ...place, destroyable });
    const functions = new LiveFunctions(this, 'functions', {
      ...place,
      config,
      archive,
      build,
      media,
      registry,
      adminKey,
      publicOrigin: `https://${certificate.domain}`,
      rtmpServer: `rtmp://${address.address}/live`,
    });
    const network = new Network(this, 'network', place);
    const origins = new LiveOrigins(this, 'origins', {
      ...place,
      config,
      media,
      node,
      network,
      images,
      hooks: functions.srsHooks,
    });
    new Ingest(this, 'ingest', { ...place, instanceGroup: origins.instanceGroup, address });
    const delivery = new Delivery(this, 'delivery', { ...place, buckets: media.deliveryNames });
    const api = functions.api.functionName;
    new Edge(this, 'edge', { ...place, delivery, certificate, apiService: api, domain, dnsZone: config.dnsZone.name });

    images.grantPull(node);
    functions.srsHooks.grantInvoke(node);
    functions.api.grantInvoke({ grantId: 'everyone', member: 'allUsers' });
    for (const user of [functions.srsHooks, functions.api, functions.reconciler]) registry.grantUse(user);
    media.ingest.grantWrite(node);
    media.ingest.grantRead(functions.hlsPublisher);
    media.ingest.grantRead(functions.reconciler);
    for (const bucket of [media.open, media.gated]) {
      bucket.grantRead(node);
      bucket.grantCreate(node);
      for (const writer of [functions.hlsPublisher, functions.reconciler]) bucket.grantWrite(writer);
    }
    for (const bucket of media.all) bucket.grantWrite(functions.api);
  }
}
