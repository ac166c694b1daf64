import { z } from 'zod';
import { IdentityProvider } from '../identity';
import { jsonText } from '../json-text';
import { ApiLimits } from '../limits';
import { NodeGroupPolicy } from '../node-group';
import { Cdns } from '../objects/cdns';
import { PackagingOffer } from '../packaging';
import { SigningKeysSecret } from '../signing-keys';
import { TurnSecret, TurnUrls } from '../turn';
import { budgetGuard, eventRelay } from './event-functions';
import { RegionalIngests } from './ingests';

/**
 * The functions and their environments. Infra types a function's variables by `z.input` of its schema, the function
 * parses them at boot. `secrets` are mounted from Secret Manager: infra knows their names only.
 */
const required = z.string().min(1);
const wholeNumber = z
  .string()
  .regex(/^[0-9]{1,6}$/, 'use a whole number')
  .transform(Number);

const webOrigins = z
  .string()
  .default('*')
  .transform((text) => text.split(',').map((origin) => origin.trim()));

/** Seals the content secrets of sessions. Another value makes every recording unreadable that was encrypted before. */
const contentSecret = z.string().min(32);

/** Only one machine sets these: where Google's services are stood in for. */
const standIns = {
  STORAGE_API_ENDPOINT: z.url().optional(),
  PUBSUB_API_ENDPOINT: z.url().optional(),
  CDN_API_ENDPOINT: z.url().optional(),
};

/** JSON of the CDNs beside the public host's; absent: there are none. */
const otherCdns = { CDNS: jsonText(Cdns).optional() };

export const hlsPublisher = {
  name: 'hls-publisher',
  trigger: 'storage-finalized',
  env: z.object({
    INGEST_BUCKET: required,
    OPEN_BUCKET: required,
    GATED_BUCKET: required,
    PROJECT_ID: required,
    /** The topic for a stream that sends too many events. */
    RUNAWAY_TOPIC: required,
    /** More events of one stream than this, within a minute and in one instance, are a loop: an encoder makes tens. */
    RUNAWAY_EVENTS_PER_MINUTE: wholeNumber.default(300),
    /** Only an environment with two regions sets it: the newest media may lie in the one that was lost. */
    TWO_REGIONS: z.literal('true').optional(),
    /** Only the second region sets it: the time after which it acts on an event that the home region got too. */
    STANDBY_SECONDS: wholeNumber.default(0),
    ...otherCdns,
    ...standIns,
  }),
  secrets: z.object({}),
} as const;

export const srsHooks = {
  name: 'srs-hooks',
  trigger: 'http',
  env: z.object({ FIRESTORE_DATABASE: required, PROJECT_ID: required, EVENTS_TOPIC: required, ...standIns }),
  secrets: z.object({
    /** The keys of the play tokens, which the API makes. */
    TOKEN_KEYS: SigningKeysSecret,
    CONTENT_SECRET: contentSecret,
  }),
} as const;

export const reconciler = {
  name: 'reconciler',
  trigger: 'schedule',
  env: z.object({
    FIRESTORE_DATABASE: required,
    PROJECT_ID: required,
    EVENTS_TOPIC: required,
    INGEST_BUCKET: required,
    OPEN_BUCKET: required,
    GATED_BUCKET: required,
    /** The URL map of the public host, where CDN caches are invalidated. */
    URL_MAP: required,
    /** Days a recording is kept whose stream says nothing; 0: for good. */
    RECORDING_DAYS: wholeNumber,
    /** JSON of the group of origins that idle nodes are taken out of. */
    NODE_GROUP: jsonText(NodeGroupPolicy),
    /** Only one machine sets it: its node is no VM, and nobody takes it away. */
    NODE_GROUP_ABSENT: z.literal('true').optional(),
    ...otherCdns,
    ...standIns,
  }),
  secrets: z.object({}),
} as const;

export const api = {
  name: 'api',
  trigger: 'http',
  env: z.object({
    FIRESTORE_DATABASE: required,
    PROJECT_ID: required,
    EVENTS_TOPIC: required,
    /** The topic on which a delivery to a webhook is ordered again. */
    DELIVERIES_TOPIC: required,
    INGEST_BUCKET: required,
    OPEN_BUCKET: required,
    GATED_BUCKET: required,
    /** The URL map of the public host, where CDN caches are invalidated. */
    URL_MAP: required,
    /** `https://host`: what playback URLs begin with. */
    PUBLIC_ORIGIN: z.url(),
    /** `rtmp://host/live`: what an encoder's server field takes. */
    RTMP_SERVER: z.string().regex(/^rtmp:\/\/[^/?#]+\/live$/, 'use rtmp://<host>/live'),
    /** The same behind TLS, `rtmps://host/live`; empty where there is none. */
    RTMPS_SERVER: z.string().regex(/^(rtmps:\/\/[^/?#]+\/live)?$/, 'use rtmps://<host>/live, or nothing'),
    /** JSON of the ingest of each region, the own region first; absent where there is one region. */
    INGESTS: jsonText(RegionalIngests).optional(),
    /** Default reconnect window of a new stream, in seconds. */
    RECONNECT_WINDOW_SECONDS: wholeNumber,
    /** JSON of what the nodes can make of a stream, and what they make of one that says nothing. */
    PACKAGING: jsonText(PackagingOffer),
    /** Pages of other hosts that may use the API, with commas between; `*`: any. */
    ALLOWED_ORIGINS: webOrigins,
    /** JSON list of `turn:` URLs; empty where there are no TURN servers. */
    TURN_URLS: TurnUrls,
    /** Playback grants of one stream that may be unexpired at a time. */
    GRANTS_PER_STREAM: wholeNumber,
    /** JSON of what callers may have and ask. */
    API_LIMITS: jsonText(ApiLimits),
    /** JSON of whose JWTs are taken besides API keys. */
    IDENTITY_PROVIDER: jsonText(IdentityProvider).optional(),
    /** ID tokens for the agents of nodes come from there. */
    METADATA_URL: z.url().default('http://metadata.google.internal'),
    /** Set where the environment has the function `chat`. */
    CHAT: z.literal('true').optional(),
    /** Only one machine sets it: receivers of webhooks may be on loopback. */
    WEBHOOK_LOOPBACK: z.literal('true').optional(),
    ...otherCdns,
    ...standIns,
  }),
  secrets: z.object({
    ADMIN_KEY: z.string().min(32),
    /** The keys of Cloud CDN's signed requests. */
    SIGNING_KEYS: SigningKeysSecret,
    /** The keys of the platform's own tokens. */
    TOKEN_KEYS: SigningKeysSecret,
    TURN_SECRET: TurnSecret,
    CONTENT_SECRET: contentSecret,
  }),
} as const;

/** Exists where `chat.maxInstances` is above 0. */
export const chat = {
  name: 'chat',
  trigger: 'http',
  env: z.object({
    FIRESTORE_DATABASE: required,
    PROJECT_ID: required,
    ALLOWED_ORIGINS: webOrigins,
    /** Readers of one instance: Cloud Run lets 1000 requests in, and messages need room too. */
    MAX_READERS: wholeNumber.default(950),
    ...standIns,
  }),
  secrets: z.object({ TOKEN_KEYS: SigningKeysSecret }),
} as const;

/** Every function that has a bundle; infra and the build go through this list. */
export const FUNCTIONS = {
  'hls-publisher': hlsPublisher,
  'srs-hooks': srsHooks,
  reconciler,
  api,
  chat,
  'event-relay': eventRelay,
  'budget-guard': budgetGuard,
} as const;
export type FunctionName = keyof typeof FUNCTIONS;

/** Functions that every environment has. */
export type StandardFunction = Exclude<FunctionName, 'chat'>;
const STANDARD = Object.keys(FUNCTIONS).filter((name) => name !== chat.name);

const namesAllFunctions = <T>(record: Readonly<Record<string, T>>): record is Record<StandardFunction, T> =>
  STANDARD.every((name) => name in record);

/** Makes a record with `value` for each function that every environment has, in the order of the list. */
export function forEachFunction<T>(value: T): Record<StandardFunction, T> {
  const record = Object.fromEntries(STANDARD.map((name) => [name, value]));
  if (!namesAllFunctions(record)) throw new Error('a function is missing');
  return record;
}

/** The folder of a function's bundle, relative to the repository: the folder that is uploaded. */
export const bundleFolder = (name: FunctionName): string => `dist/functions/${name}`;
/** The entry point every bundle registers: the function's own name. */
export const entryPoint = (name: FunctionName): string => name;
