import { join } from 'node:path';
import { systemClock } from '../../functions/adapters/system';
import { api } from '../../functions/contract/env/functions';
import { defined } from '../../functions/core/defined';
import { type FirestoreFaults, firestoreServer, NO_FIRESTORE_FAULTS } from '../emulators/firestore';
import { objectStoreServer } from '../emulators/gcs';
import { metadataServer } from '../emulators/metadata/server';
import { createTokens, type Tokens } from '../emulators/metadata/tokens';
import { type PubsubServer, pubsubServer } from '../emulators/pubsub';
import { type EventFaults, NO_EVENT_FAULTS } from '../emulators/server/event-faults';
import type { LocalService } from '../emulators/server/local-service';
import { StartError } from '../emulators/server/start-error';
import type { Blueprint } from './blueprint/blueprint';
import { Compose } from './compose/compose';
import { ComposeService } from './compose/compose-service';
import { composeTurn } from './compose/compose-turn';
import { edgeServer } from './edge/server';
import { functionHost } from './functions/host';
import { createOrigin, type LocalOrigin, type OriginOptions } from './origin';
import { srsVariables } from './origin/compose-launch';
import { type HasPackaging, localPackaging, packagingOffer } from './packaging';
import { watchdog } from './process/watchdog';
import { besideCdns, localCdns, secondCdn } from './second-cdn';
import { createSecrets, type LocalSecrets } from './secrets';
import { AgentProcess } from './services/agent';
import { declaredIn } from './services/declared-pubsub';
import { GateProcess } from './services/gate';
import { originKeeper } from './services/origin-keeper';
import { pages } from './services/pages';
import { scheduler } from './services/scheduler';
import { storageTriggers } from './services/storage-triggers';
import type { StackControls, StackOptions } from './stack-options';
import { turnUrlsOf } from './turn/turn-conf';
import { TurnProcess } from './turn/turn-process';

export interface PartsOptions extends StackOptions {
  readonly blueprint: Blueprint;
  /** The URLs of functions, by name. */
  readonly urls: ReadonlyMap<string, string>;
  /** A folder that is removed when the stack stops. */
  readonly scratch: string;
}

export interface Parts {
  /** The services in the order of their start. */
  readonly services: readonly LocalService[];
  readonly controls: StackControls;
  readonly adminKey: string;
  readonly hlsRoot: string;
}

/** A made-up number: a project's number is only compared with itself. */
export const PROJECT_NUMBER = '100000000001';
/** The one node of this machine. */
const NODE_ID = 'local-origin-1';
/** Twenty minutes of a stream at 1 Mbit/s. */
const EDGE_CACHE_BYTES = 192 << 20;

/** Creates every part of the stack, wired as the blueprint says; nothing runs yet. */
export async function createParts(options: PartsOptions): Promise<Parts> {
  const { blueprint, ports, log } = options;
  const tokens = await createTokens();
  const store = objectStoreServer({ port: ports.storage, buckets: blueprint.buckets, spillFolder: options.scratch });
  const eventFaults: EventFaults = { ...NO_EVENT_FAULTS };
  const messageFaults: EventFaults = { ...NO_EVENT_FAULTS };
  const databaseFaults: FirestoreFaults = { ...NO_FIRESTORE_FAULTS };
  const pubsub = createPubsub(options, tokens, messageFaults);
  const secrets = createSecrets();
  const packaging = await localPackaging(options.root);
  const functions = createFunctions(options, tokens, { ...secrets, packaging });
  const compose = options.containers === true ? createCompose(options) : undefined;
  const origin = await createOrigin({ ...originOptions(options), ...(compose && { compose }) });
  const turn = createTurn(options, secrets.turnSecret);
  const agent = createAgent(options, { isSrs: origin.isSrs, packaging });
  const keeper = originKeeper(origin, log);
  const gate = new GateProcess({ ...options, gateEnv: blueprint.node.gateEnv });
  const clock = scheduler({ jobs: blueprint.schedules, tokens, log });
  const urlOf = urlLookup(options);
  const metadata = createMetadata(options, tokens);
  const edge = createEdge(options, secrets);
  const second = options.secondCdnWeight === undefined ? undefined : secondCdn(options);
  const database = createDatabase(options, databaseFaults, compose);
  return {
    services: [
      watchdog({ ...options, folder: options.scratch, pids: () => [origin, turn].flatMap((part) => part?.pid ?? []) }),
      metadata,
      createApiMetadata(options, tokens),
      store,
      database,
      ...(compose === undefined
        ? []
        : [composeTurn({ compose, ports, file: turnConf(options), secret: secrets.turnSecret })]),
      ...(turn === undefined ? [] : [turn]),
      functions,
      pubsub,
      storageTriggers({ functions: blueprint.functions, store, tokens, urlOf, faults: eventFaults }),
      pages({ blueprint, folder: join(options.root, 'dist/web'), store: new URL(`http://127.0.0.1:${ports.storage}`) }),
      edge,
      ...(second === undefined ? [] : [second]),
      agent,
      keeper,
      gate,
      clock,
    ],
    controls: {
      store,
      eventFaults,
      pubsub,
      messageFaults,
      functions,
      agent,
      gate,
      origin,
      originKeeper: keeper,
      scheduler: clock,
      databaseFaults,
      outages: { database, metadata, edge, messages: pubsub },
      ...(second && { secondCdn: second }),
    },
    adminKey: secrets.adminKey,
    hlsRoot: hlsRootOf(options.scratch),
  };
}

const urlLookup =
  ({ urls }: PartsOptions) =>
  (name: string): string => {
    const url = urls.get(name);
    if (url === undefined) throw new StartError(`function '${name}' is not in the blueprint`);
    return url;
  };

/** Makes the metadata of the only function that calls nodes, by ID tokens of its own account. */
const createApiMetadata = ({ blueprint, ports }: PartsOptions, tokens: Tokens): LocalService =>
  metadataServer({
    port: ports.apiMetadata,
    tokens,
    projectId: blueprint.projectId,
    projectNumber: PROJECT_NUMBER,
    instance: api.name,
    serviceAccount: blueprint.functions.find(({ entryPoint }) => entryPoint === api.name)?.serviceAccount ?? '',
  });

const createMetadata = ({ blueprint, ports }: PartsOptions, tokens: Tokens): LocalService =>
  metadataServer({
    port: ports.metadata,
    tokens,
    projectId: blueprint.projectId,
    projectNumber: PROJECT_NUMBER,
    instance: NODE_ID,
    serviceAccount: blueprint.node.serviceAccount,
  });

function createDatabase(options: PartsOptions, faults: FirestoreFaults, compose: Compose | undefined): LocalService {
  const { firestore: port } = options.ports;
  if (options.databaseAt !== undefined) return options.databaseAt(port);
  if (compose === undefined) return createFirestore(options, faults);
  return new ComposeService({ compose, service: 'firestore', port });
}

const createFirestore = ({ blueprint: { database }, ports }: PartsOptions, faults: FirestoreFaults): LocalService =>
  firestoreServer({
    port: ports.firestore,
    databases: [database.name],
    indexes: database.indexes,
    ttl: database.ttlFields,
    faults,
  });

function createPubsub({ blueprint, ports }: PartsOptions, tokens: Tokens, faults: EventFaults): PubsubServer {
  const idToken = (identity: { email: string; audience: string }) => tokens.issue(identity);
  return pubsubServer({ port: ports.pubsub, ...declaredIn(blueprint.topics, blueprint.projectId), idToken, faults });
}

function createFunctions(
  options: PartsOptions,
  tokens: Tokens,
  { secretOf, packaging }: Pick<LocalSecrets, 'secretOf'> & HasPackaging,
) {
  const { blueprint, ports, root, output, log } = options;
  return functionHost({
    functions: blueprint.functions,
    root,
    bundleOf: (entryPoint) => join(root, 'dist/functions', entryPoint),
    urlOf: urlLookup(options),
    standIns: {
      METADATA_URL: `http://127.0.0.1:${ports.apiMetadata}`,
      STORAGE_API_ENDPOINT: `http://127.0.0.1:${ports.storage}`,
      FIRESTORE_EMULATOR_HOST: `127.0.0.1:${ports.firestore}`,
      METADATA_SERVER_DETECTION: 'none',
      PUBSUB_API_ENDPOINT: `http://127.0.0.1:${ports.pubsub}`,
      CDN_API_ENDPOINT: `http://127.0.0.1:${ports.cdnApi}`,
      // The only node here is a process, which no function removes.
      NODE_GROUP_ABSENT: 'true',
      // Receivers of webhooks may be on this machine, too.
      WEBHOOK_LOOPBACK: 'true',
      PACKAGING: JSON.stringify(packagingOffer(packaging)),
      CDNS: JSON.stringify(localCdns(options)),
      ...(hasTurn(options) && { TURN_URLS: turnUrlsOf(ports.turn) }),
    },
    secretOf,
    tokens,
    output,
    log,
  });
}

function createEdge(options: PartsOptions, { signingKeys }: LocalSecrets): LocalService {
  const { blueprint, ports, log, record } = options;
  const urlOf = urlLookup(options);
  return edgeServer({
    port: ports.edge,
    apiPort: ports.cdnApi,
    edge: besideCdns(blueprint.edge, localCdns(options), ports.edge),
    buckets: blueprint.buckets,
    store: new URL(`http://127.0.0.1:${ports.storage}`),
    functionPort: (name) => Number(new URL(urlOf(name)).port),
    nodePort: ports.agentPublic,
    signingKeysOf: (backend) => (isOpen(blueprint, backend) ? [] : signingKeys),
    cacheBytes: EDGE_CACHE_BYTES,
    onRequest: record?.request,
    clock: systemClock,
    log,
  });
}

/** Tells whether a backend's bucket is served without a signature: such a backend gets no keys. */
const isOpen = ({ edge, buckets }: Blueprint, backend: string): boolean => {
  const bucket = edge.backendBuckets.find(({ name }) => name === backend)?.bucket;
  return buckets.find(({ name }) => name === bucket)?.loadBalancerReads === true;
};

const hlsRootOf = (scratch: string): string => join(scratch, 'hls');

const createAgent = (
  { blueprint, ports, root, scratch, output, log }: PartsOptions,
  { isSrs, packaging }: Pick<LocalOrigin, 'isSrs'> & HasPackaging,
): AgentProcess =>
  new AgentProcess({
    root,
    agentEnv: blueprint.node.agentEnv,
    overrides: {
      srsApiUrl: `http://127.0.0.1:${ports.srsApi}`,
      gateUrl: `http://127.0.0.1:${ports.gateStatus}`,
      hlsRoot: hlsRootOf(scratch),
      spoolRoot: join(scratch, 'spool'),
      hooksPort: ports.agentHooks,
      publicPort: ports.agentPublic,
      storageApiEndpoint: `http://127.0.0.1:${ports.storage}`,
      monitoringApiEndpoint: 'none',
      metadataUrl: `http://127.0.0.1:${ports.metadata}`,
      jwksUrl: `http://127.0.0.1:${ports.metadata}/certs`,
      packaging,
      srsHttpUrl: `http://127.0.0.1:${ports.srsHttp}`,
      srtPort: isSrs ? ports.srt : undefined,
    },
    nodeId: NODE_ID,
    output,
    log,
  });

const originOptions = ({ ports, scratch, srsBin, docker, log, record }: PartsOptions): OriginOptions => ({
  rtmpPort: ports.srsRtmp,
  apiPort: ports.srsApi,
  hooksUrl: `http://127.0.0.1:${ports.agentHooks}`,
  media: { httpPort: ports.srsHttp, srtPort: ports.srt, rtcPort: ports.rtc },
  hlsRoot: hlsRootOf(scratch),
  nodeId: NODE_ID,
  tempFolder: scratch,
  log,
  ...(record && { record: record.line }),
  ...defined({ srsBin, docker }),
});

const turnConf = ({ scratch }: PartsOptions): string => join(scratch, 'turnserver.conf');

const hasTurn = ({ containers, turnBin }: PartsOptions): boolean => containers === true || turnBin !== undefined;

function createTurn(
  { ports, turnBin, scratch, output, containers }: PartsOptions,
  secret: string,
): TurnProcess | undefined {
  if (containers === true || turnBin === undefined) return undefined;
  return new TurnProcess({ ports, secret, turnBin, folder: scratch, output });
}

const createCompose = (options: PartsOptions): Compose =>
  new Compose(options.root, `srs-live-${options.ports.edge}`, {
    ...srsVariables(originOptions(options)),
    TURN_CONF: turnConf(options),
    FIRESTORE_PORT: String(options.ports.firestore),
  });
