import { Construct } from 'constructs';
import {
  api,
  chat,
  hlsPublisher,
  reconciler,
  type StandardFunction,
  srsHooks,
} from '../../functions/contract/env/functions';
import type { RegionalIngest } from '../../functions/contract/env/ingests';
import type { NodeGroupPolicy } from '../../functions/contract/node-group';
import { pairingOf } from '../config/regions';
import type { EnvironmentConfig } from '../config/schema';
import { CloudFunction } from '../constructs/functions/cloud-function';
import type { FunctionBuild } from '../constructs/functions/function-build';
import type { Identity } from '../constructs/functions/identity';
import { Schedule } from '../constructs/functions/schedule';
import { storageTrigger } from '../constructs/functions/storage-trigger';
import type { StreamRegistry } from '../constructs/media/stream-registry';
import type { Deployment, Names } from '../names';
import type { LiveEvents } from './events';
import type { LiveMedia } from './media';
import type { LiveSecrets } from './secrets';

export interface LiveFunctionsProps extends Deployment {
  readonly config: EnvironmentConfig;
  readonly archive: (name: string) => string;
  readonly build: Pick<FunctionBuild, 'repository' | 'builder' | 'upload'>;
  readonly media: LiveMedia;
  readonly registry: StreamRegistry;
  readonly topics: LiveEvents['topics'];
  /** The connector by which the api reaches nodes. */
  readonly connector: string;
  readonly secrets: LiveSecrets;
  /** `https://<host>` */
  readonly publicOrigin: string;
  /** `rtmp://<host>/live` */
  readonly rtmpServer: string;
  /** `rtmps://<host>/live` */
  readonly rtmpsServer: string;
  /** `turn:` URLs of all TURN servers. */
  readonly turnUrls: readonly string[];
  /** The ingest of each region, the own one first; empty where there is one region. */
  readonly ingests: readonly RegionalIngest[];
  /** The names of what stands in the home region alone. */
  readonly homeNames: Names;
  /** The same functions in the home region, whose accounts and grants they have. @default none: they are those */
  readonly home?: LiveFunctions | undefined;
}

/** Google's limit for event-driven functions is 540 s; a playlist that late is of no use. */
const EVENT_SECONDS = 60;
/** An agent waits less than this for an answer. */
const HOOK_SECONDS = 10;
/** Google's limit. A reader of a chat moves on after 15 minutes at most. */
const REQUEST_SECONDS = 3600;
/** Google's limit of requests that one instance serves at a time. */
const CHAT_REQUESTS = 1000;
/** Shorter than the minute between two runs: they never overlap. */
const RECONCILE_SECONDS = 55;
/** The home region has dealt with an event by then, so that its twin mostly finds nothing to write. */
const STANDBY_SECONDS = 2;

/** The functions of an environment, with the schedule and the trigger that call them. */
export class LiveFunctions extends Construct {
  readonly hlsPublisher: CloudFunction<typeof hlsPublisher>;
  readonly srsHooks: CloudFunction<typeof srsHooks>;
  readonly reconciler: CloudFunction<typeof reconciler>;
  readonly api: CloudFunction<typeof api>;
  /** Absent where the environment has no chat. */
  readonly chat: CloudFunction<typeof chat> | undefined;
  /** The account that calls the reconciler. */
  private scheduler: Identity | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LiveFunctionsProps,
  ) {
    super(scope, id);
    this.hlsPublisher = this.makeHlsPublisher();
    this.srsHooks = new CloudFunction(this, 'srs-hooks', {
      ...this.shared(srsHooks),
      home: props.home?.srsHooks,
      ingress: 'ALLOW_INTERNAL_ONLY',
      timeoutSeconds: HOOK_SECONDS,
      env: { ...this.registryEnv(), ...this.eventsEnv() },
      secrets: { TOKEN_KEYS: props.secrets.tokenKeys, CONTENT_SECRET: props.secrets.contentSecret },
    });
    this.reconciler = this.makeReconciler();
    this.api = new CloudFunction(this, 'api', {
      ...this.shared(api),
      home: props.home?.api,
      ingress: 'ALLOW_INTERNAL_AND_GCLB',
      timeoutSeconds: REQUEST_SECONDS,
      env: {
        ...this.registryEnv(),
        ...this.eventsEnv(),
        ...this.bucketEnv(),
        ...this.cdnEnv(),
        DELIVERIES_TOPIC: props.topics.deliveries.topicName,
        PUBLIC_ORIGIN: props.publicOrigin,
        RTMP_SERVER: props.rtmpServer,
        RTMPS_SERVER: props.rtmpsServer,
        RECONNECT_WINDOW_SECONDS: String(props.config.reconnectWindowSeconds),
        PACKAGING: JSON.stringify(props.config.packaging),
        TURN_URLS: JSON.stringify(props.turnUrls),
        GRANTS_PER_STREAM: String(props.config.playback.grantsPerStream),
        API_LIMITS: JSON.stringify(props.config.api.limits),
        ...this.cdnsEnv(),
        ...(props.ingests.length > 0 && { INGESTS: JSON.stringify(props.ingests) }),
        ...(props.config.chat.maxInstances > 0 && { CHAT: 'true' as const }),
        ...(props.config.api.identityProvider && {
          IDENTITY_PROVIDER: JSON.stringify(props.config.api.identityProvider),
        }),
      },
      secrets: {
        ADMIN_KEY: props.secrets.adminKey,
        SIGNING_KEYS: props.secrets.signingKeys,
        TOKEN_KEYS: props.secrets.tokenKeys,
        TURN_SECRET: props.secrets.turnSecret,
        CONTENT_SECRET: props.secrets.contentSecret,
      },
      // The api calls nodes by their own addresses for WHIP, WHEP and FLV.
      connector: props.connector,
    });
    this.chat = this.makeChat();
  }

  private makeChat(): CloudFunction<typeof chat> | undefined {
    const { maxInstances } = this.props.config.chat;
    if (maxInstances === 0) return undefined;
    return new CloudFunction(this, 'chat', {
      ...this.place(),
      contract: chat,
      home: this.props.home?.chat,
      build: this.props.build,
      archive: this.props.archive(chat.name),
      size: { memory: '512Mi', concurrency: CHAT_REQUESTS, minInstances: 0, maxInstances },
      ingress: 'ALLOW_INTERNAL_AND_GCLB',
      timeoutSeconds: REQUEST_SECONDS,
      env: this.registryEnv(),
      secrets: { TOKEN_KEYS: this.props.secrets.tokenKeys },
    });
  }

  private makeHlsPublisher(): CloudFunction<typeof hlsPublisher> {
    const { media, config, home } = this.props;
    const location = pairingOf(config.regions)?.bucket;
    const { caller, eventTrigger } = storageTrigger(this.place(), media.ingest.bucketName, location);
    const publisher = new CloudFunction(this, 'hls-publisher', {
      ...this.shared(hlsPublisher),
      home: home?.hlsPublisher,
      ingress: 'ALLOW_INTERNAL_ONLY',
      timeoutSeconds: EVENT_SECONDS,
      env: {
        ...this.bucketEnv(),
        PROJECT_ID: this.props.projectId,
        RUNAWAY_TOPIC: this.props.topics.runaway.topicName,
        ...this.cdnsEnv(),
        ...(config.regions.length > 1 && { TWO_REGIONS: 'true' as const }),
        ...(home !== undefined && { STANDBY_SECONDS: String(STANDBY_SECONDS) }),
      },
      secrets: {},
      trigger: eventTrigger,
    });
    publisher.grantInvoke(caller);
    return publisher;
  }

  private makeReconciler(): CloudFunction<typeof reconciler> {
    const made = new CloudFunction(this, 'reconciler', {
      ...this.shared(reconciler),
      home: this.props.home?.reconciler,
      ingress: 'ALLOW_INTERNAL_ONLY',
      timeoutSeconds: RECONCILE_SECONDS,
      env: {
        ...this.registryEnv(),
        ...this.eventsEnv(),
        ...this.bucketEnv(),
        ...this.cdnEnv(),
        RECORDING_DAYS: String(this.props.config.recordingDays),
        NODE_GROUP: JSON.stringify(this.nodeGroup()),
        ...this.cdnsEnv(),
      },
      secrets: {},
    });
    const schedule = new Schedule(this, 'reconcile', {
      ...this.place(),
      thing: 'scheduler',
      cron: '* * * * *',
      uri: made.uri,
      deadlineSeconds: RECONCILE_SECONDS,
      caller: this.props.home?.scheduler,
    });
    this.scheduler = schedule.caller;
    made.grantInvoke(schedule.caller);
    return made;
  }

  /**
   * The group of the origins, named and not referenced: `LiveNodes` is made after the functions that its nodes call.
   */
  private nodeGroup(): NodeGroupPolicy {
    const { names, region, config } = this.props;
    const { minNodes, targetPublishers, scaleIn } = config.origin;
    const { idleSeconds, drainSeconds } = scaleIn;
    const name = names.resource('origin');
    return { name, region, minNodes, publishersPerNode: targetPublishers, idleSeconds, drainSeconds };
  }

  private place(): Deployment {
    const { names, projectId, region } = this.props;
    return { names, projectId, region };
  }

  private shared<C extends { readonly name: StandardFunction }>(contract: C) {
    const { build, archive, config } = this.props;
    return { ...this.place(), contract, build, archive: archive(contract.name), size: config.functions[contract.name] };
  }

  private registryEnv() {
    return { FIRESTORE_DATABASE: this.props.registry.databaseName, PROJECT_ID: this.props.projectId };
  }

  private eventsEnv() {
    return { EVENTS_TOPIC: this.props.topics.events.topicName };
  }

  /** The URL map, named and not referenced: it leads to the functions, so it is made after them. */
  private cdnEnv() {
    return { URL_MAP: this.props.homeNames.resource('web') };
  }

  /** Nothing where there is one CDN. */
  private cdnsEnv() {
    const { cdns = [] } = this.props.config;
    return cdns.length === 0 ? {} : { CDNS: JSON.stringify(cdns) };
  }

  private bucketEnv() {
    const { ingest, open, gated } = this.props.media;
    return { INGEST_BUCKET: ingest.bucketName, OPEN_BUCKET: open.bucketName, GATED_BUCKET: gated.bucketName };
  }
}
