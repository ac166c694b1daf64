import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { pairingOf } from '../config/regions';
import { type EnvironmentConfig, homeOf, type PlatformConfig } from '../config/schema';
import { encrypt } from '../constructs/functions/encryption';
import { FunctionBuild } from '../constructs/functions/function-build';
import { Identity } from '../constructs/functions/identity';
import { CdnCleaner } from '../constructs/media/cdn-cleaner';
import { Pages } from '../constructs/media/pages';
import { protect } from '../constructs/media/protection';
import { StreamRegistry } from '../constructs/media/stream-registry';
import { Certificate } from '../constructs/network/certificate';
import { Ingest } from '../constructs/network/ingest';
import { Network } from '../constructs/network/network';
import { SecureIngest } from '../constructs/network/secure-ingest';
import { TlsPolicy } from '../constructs/network/tls-policy';
import { NightsOff } from '../constructs/nodes/nights-off';
import { NodeImages } from '../constructs/nodes/node-images';
import { NodeKeeper } from '../constructs/nodes/node-keeper';
import { Names, secondOf } from '../names';
import { PublicHost } from '../subsystems/edge';
import { LiveEvents } from '../subsystems/events';
import { LiveFunctions } from '../subsystems/functions';
import { LiveMedia } from '../subsystems/media';
import { LiveNodes } from '../subsystems/nodes';
import { LiveObservability } from '../subsystems/observability';
import { LiveReceivers } from '../subsystems/receivers';
import { ingestHost, ingestsOf, rtmpServer, SecondRegion, serversOf } from '../subsystems/second-region';
import { liveSecrets } from '../subsystems/secrets';
import { LiveTurn } from '../subsystems/turn';
import { sayNext } from './next';
import { connect } from './terraform';

export interface LiveStackProps {
  readonly config: EnvironmentConfig;
  readonly platform: PlatformConfig;
  /** Path of a function's archive, made by the build. */
  readonly archive: (name: string) => string;
  /** Folder of the built pages. */
  readonly pages: string;
}

/** One environment, complete. All its grants stand below, in one paragraph. */
export class LiveStack extends TerraformStack {
  constructor(scope: Construct, id: string, { config, platform, archive, pages }: LiveStackProps) {
    super(scope, id);
    const { projectId, destroyable, backupDays, domain } = config;
    const region = homeOf(config);
    connect(this, { prefix: `environments/${config.name}`, projectId, region, charged: true }, platform);
    if (!destroyable) protect(this);
    encrypt(this, config.encryptionKey);
    sayNext(this, `'npm run keys -- ${config.name} init', then 'npm run smoke -- ${config.name}'`);
    const dnsZone = config.dnsZone.name;
    const names = new Names(config.name, projectId);
    const place = { names, projectId, region };
    const second = secondOf(place, config.regions);
    const pairing = pairingOf(config.regions);

    const media = new LiveMedia(this, 'media', { ...place, config });
    new Pages(this, 'pages', { bucketName: media.open.bucketName, folder: pages });
    const registry = new StreamRegistry(this, 'registry', {
      ...place,
      location: pairing?.database ?? region,
      destroyable,
      backupDays,
      hasChat: config.chat.maxInstances > 0,
    });
    const secrets = liveSecrets(this, place);
    const node = new Identity(this, 'node', place, 'node', 'SRS VMs that take publishers');
    const edge = new Identity(this, 'edge-node', place, 'edge', 'SRS VMs that serve viewers');
    const images = new NodeImages(this, 'images', place, pairing?.images ?? region);
    const tls = new TlsPolicy(this, 'tls', place);
    const certificate = new Certificate(this, 'certificate', { ...place, thing: 'web', domain, dnsZone });
    const rtmps = new Certificate(this, 'rtmps-certificate', {
      ...place,
      thing: 'rtmps',
      domain: `rtmps.${domain}`,
      dnsZone,
    });
    const build = new FunctionBuild(this, 'function-build', place);
    const network = new Network(this, 'network', { ...place, second, connector: config.connector });
    const turn = new LiveTurn(this, 'turn', { ...place, second, config, network, images, secret: secrets.turnSecret });
    const events = new LiveEvents(this, 'events', { ...place, config });
    const ingests = ingestsOf(config);
    const shared = {
      config,
      archive,
      media,
      registry,
      secrets,
      topics: events.topics,
      publicOrigin: `https://${certificate.domain}`,
      rtmpServer: rtmpServer(ingestHost(config)),
      rtmpsServer: `rtmps://${rtmps.domain}/live`,
      turnUrls: turn.urls,
      homeNames: names,
    };
    const functions = new LiveFunctions(this, 'functions', {
      ...place,
      ...shared,
      build,
      ingests: serversOf(ingests),
      connector: network.home.connectorId,
    });
    const receivers = new LiveReceivers(this, 'receivers', { ...place, config, archive, build, registry, events });
    new LiveObservability(this, 'observability', {
      ...place,
      second,
      config,
      platform,
      channels: events.emails.channels,
    });
    const image = images.reference('node', config.origin);
    const nodes = { config, media, node, edge, network, image, api: functions.api };
    const origins = new LiveNodes(this, 'origins', { ...place, ...nodes, hooks: functions.srsHooks });
    if (config.nightsOff !== undefined) new NightsOff(this, 'nights', { ...place, hours: config.nightsOff });
    const { instanceGroup } = origins;
    const host = ingests[0]?.host ?? ingestHost(config);
    const ingest = new Ingest(this, 'ingest', { ...place, instanceGroup, host, dnsZone });
    const there =
      second &&
      new SecondRegion(this, 'second', {
        ...second,
        functions: shared,
        home: functions,
        nodes,
        network,
        ingests,
        ingest,
        build: build.inRegion(second),
      });
    new SecureIngest(this, 'rtmps', {
      ...place,
      tls,
      dnsZone,
      instanceGroups: [instanceGroup, ...(there?.instanceGroups ?? [])],
      certificate: rtmps,
      publishersPerNode: config.origin.targetPublishers,
      ipv6: config.ipv6,
    });
    const nodeGroups = [...origins.viewerGroups, ...(there?.viewerGroups ?? [])];
    const answering = [functions, ...(there ? [there.functions] : [])];
    const apis = answering.map(({ api }) => serviceOf(api));
    const chats = answering.flatMap(({ chat }) => (chat ? [serviceOf(chat)] : []));
    new PublicHost(this, 'edge', { ...place, config, media, certificate, tls, nodeGroups, apis, chats });

    const keeper = new NodeKeeper(this, 'nodes', place);
    const cleaner = new CdnCleaner(this, 'cdn', place);
    grant({ node, edge, images, media, registry, events, functions, receivers, keeper, cleaner, there });
  }
}

const serviceOf = ({ place, functionName: service }: Pick<LiveFunctions['api'], 'place' | 'functionName'>) => ({
  ...place,
  service,
});

interface Granted {
  readonly node: Identity;
  readonly edge: Identity;
  readonly images: NodeImages;
  readonly media: LiveMedia;
  readonly registry: StreamRegistry;
  readonly events: LiveEvents;
  readonly functions: LiveFunctions;
  readonly receivers: LiveReceivers;
  readonly keeper: NodeKeeper;
  readonly cleaner: CdnCleaner;
  readonly there: SecondRegion | undefined;
}

/**
 * Grants every access but two kinds: secrets are granted to the functions that mount them, and invocations to their
 * callers.
 */
function grant(granted: Granted): void {
  const { node, edge, images, media, registry, events, functions, receivers, keeper, cleaner, there } = granted;
  for (const vm of [node, edge]) images.grantPull(vm);
  // The functions of both regions have the same accounts, so that only calls of them are granted for each.
  for (const { srsHooks, api, chat } of [functions, ...(there ? [there.functions] : [])]) {
    for (const vm of [node, edge]) srsHooks.grantInvoke(vm);
    for (const open of [api, chat]) open?.grantInvoke({ grantId: 'everyone', member: 'allUsers' });
  }
  for (const user of [functions.srsHooks, functions.api, functions.reconciler, receivers.relay, receivers.guard])
    registry.grantUse(user);
  if (functions.chat !== undefined) registry.grantUse(functions.chat);
  const { topics } = events;
  for (const teller of [functions.srsHooks, functions.api, functions.reconciler, receivers.guard])
    topics.events.grantPublish(teller);
  for (const sender of [receivers.relay, functions.api]) topics.deliveries.grantPublish(sender);
  topics.dead.grantPublish(receivers.relay);
  topics.runaway.grantPublish(functions.hlsPublisher);
  media.ingest.grantWrite(node);
  media.ingest.grantRead(functions.hlsPublisher);
  media.ingest.grantRead(functions.reconciler);
  for (const bucket of [media.open, media.gated]) {
    bucket.grantRead(node);
    bucket.grantCreate(node);
    for (const writer of [functions.hlsPublisher, functions.reconciler]) bucket.grantWrite(writer);
  }
  for (const bucket of media.all) bucket.grantWrite(functions.api);
  keeper.grantTakeAway(functions.reconciler);
  for (const user of [functions.api, functions.reconciler]) cleaner.grantForget(user);
}
