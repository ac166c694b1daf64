import { z } from 'zod';
import { forEachFunction } from '../../functions/contract/env/functions';
import { EnvironmentName } from '../../functions/contract/ids';
import { MAX_DVR_WINDOW_SECONDS, ReconnectWindowSeconds, SessionWindowSeconds } from '../../functions/contract/limits';
import { Cdns } from '../../functions/contract/objects/cdns';
import { PackagingOffer } from '../../functions/contract/packaging';
import { WEB_ORIGIN } from '../../functions/contract/web-origin';
import { dnsName, like, sound } from './fields';
import { ChatConfig, Connector, EdgeConfig, FunctionSize, OriginConfig, origin, Turn } from './machines';
import { NightsOffConfig } from './nights-off';
import { Observability } from './observability';
import { Api, BudgetConfig, Logs, PlaybackConfig } from './operations';
import { PAIRS, pairingOf, zonesIn } from './regions';

const DAY_SECONDS = 86_400;

const region = like(/^[a-z]+-[a-z]+[0-9]{1,2}$/, 'use a region, such as europe-west1');

const environment = {
  name: EnvironmentName.describe('The name of the environment, the same as of its file. It cannot be changed.'),
  /** https://cloud.google.com/resource-manager/docs/creating-managing-projects */
  projectId: like(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'use a project id: 6-30 of a-z, 0-9, -').describe(
    'The Google Cloud project of the environment. It cannot be changed.',
  ),
  regions: z
    .array(region)
    .min(1)
    .max(2, 'use one region, or two that can be a pair: a dual-region bucket has no third')
    .refine((regions) => new Set(regions).size === regions.length, 'must not name a region twice')
    .refine((regions) => regions.length < 2 || pairingOf(regions) !== undefined, `must be one region, or ${PAIRS}`)
    .describe(
      'The regions of the environment. The first one is the home region, which has the resources that exist only ' +
        'once. With a second one, either may be lost: each has nodes, ingest and functions, and media and database ' +
        'are in both. The list cannot be changed.',
    ),
  /** https://cloud.google.com/storage/docs/availability-durability#turbo-replication */
  replication: z
    .enum(['default', 'turbo'])
    .optional()
    .describe(
      'The replication of media to the second region. `default`: nearly all within an hour. `turbo`: all within 15 ' +
        'minutes, at a price per GB. If absent, `default`. Allowed only with two regions.',
    ),
  zones: z
    .array(like(/^[a-z]+-[a-z]+[0-9]{1,2}-[a-z]$/, 'use a zone, such as europe-west1-b'))
    .min(1)
    .max(8)
    .describe('The zones of `regions` in which nodes may run.'),
  domain: dnsName.describe('The one public host: CDN, API and pages.'),
  dnsZone: z.strictObject(
    {
      name: like(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/, 'use the name of a managed zone').describe(
        'The Cloud DNS zone that `domain` lies in, in the same project.',
      ),
      domain: dnsName.describe('The domain of that zone.'),
    },
    'domain needs the Cloud DNS zone that it lies in: { name, domain }',
  ),
  destroyable: z
    .boolean()
    .describe(
      'True: `destroy` deletes everything, including recordings. ' +
        'False: the buckets and the database refuse to be deleted.',
    ),
  ipv6: z.boolean().describe('True: web and RTMPS answer on IPv6 too, for three more forwarding rules.'),
  nightsOff: NightsOffConfig.optional().describe(
    'The hours in which no node runs. If absent, nodes always run. Allowed only if destroyable is true.',
  ),
  encryptionKey: like(
    /^projects\/[a-z0-9-]+\/locations\/[a-z0-9-]+\/keyRings\/[\w-]+\/cryptoKeys\/[\w-]+$/,
    'use projects/<project>/locations/<region>/keyRings/<ring>/cryptoKeys/<key>',
  )
    .optional()
    .describe("Your own Cloud KMS key for all stored data. If absent, Google's keys are used. It cannot be changed."),
  playerOrigins: z
    .array(like(new RegExp(`^\\*$|${WEB_ORIGIN.source}`), "use '*' or https://host"))
    .min(1)
    .max(100)
    .describe('The web origins whose pages may play streams.'),
  cdns: Cdns.optional().describe(
    'The CDNs beside the one of `domain`, which pull `/open/*` from it and serve open streams. ' +
      'If absent, there is one CDN. Allowed only without limits by country and address, which they do not know.',
  ),
  abandonedIngestDays: z
    .int()
    .min(2)
    .max(30)
    .describe('The number of days after which an unchanged session playlist is deleted.'),
  unrecordedDays: z
    .int()
    .min(0)
    .max(30)
    .describe('The number of days after which a segment that is not recorded is deleted.'),
  recordingDays: z
    .int()
    .min(0)
    .max(3650)
    .describe(
      'The number of days that a recording is kept when its stream does not set its own. ' +
        '0 keeps recordings until they are deleted.',
    ),
  /** https://cloud.google.com/firestore/docs/backups */
  backupDays: z
    .int()
    .min(0)
    .max(98)
    .describe('The number of days that daily backups of the database are kept. 0 disables backups.'),
  reconnectWindowSeconds: ReconnectWindowSeconds.describe(
    'The default reconnect window of a new stream, in which a publisher can reconnect and continue the same broadcast.',
  ),
  sessionWindowSeconds: SessionWindowSeconds.describe('The length of a session playlist without a DVR window.'),
  packaging: PackagingOffer.describe('The packaging that the nodes can make, and the default of a new stream.'),
  heartbeatSeconds: z.number().min(1).max(10).describe('The time in seconds between the heartbeats of a node.'),
  functions: z.strictObject(forEachFunction(FunctionSize)),
  chat: ChatConfig,
  connector: Connector,
  origin: OriginConfig,
  edge: EdgeConfig,
  turn: Turn,
  playback: PlaybackConfig,
  api: Api,
  budget: BudgetConfig,
  logs: Logs,
  observability: Observability,
};

const pick = <K extends keyof typeof environment>(...fields: K[]) =>
  sound(Object.fromEntries(fields.map((field) => [field, environment[field]])));

const mostZones = (regions: readonly string[], zones: string[]): number =>
  Math.max(...regions.map((region) => zonesIn(region, { zones }).length));

const isForEverybody = ({ onlyCountries, deniedCountries, deniedRanges }: z.output<typeof PlaybackConfig>): boolean =>
  [onlyCountries, deniedCountries, deniedRanges].every(({ length }) => length === 0);

/** One environment, complete. A later change to a field marked "fixed" replaces the resources that hold data. */
export const EnvironmentConfig = z
  .strictObject(environment)
  .refine(({ domain, dnsZone }) => domain === dnsZone.domain || domain.endsWith(`.${dnsZone.domain}`), {
    path: ['domain'],
    message: 'must lie in dnsZone.domain, because the certificate needs a record there',
    when: pick('domain', 'dnsZone'),
  })
  .refine(({ regions, zones }) => zones.every((zone) => regions.some((one) => zone.startsWith(`${one}-`))), {
    path: ['zones'],
    message: 'must all lie in regions',
    when: pick('regions', 'zones'),
  })
  .refine(({ regions, zones }) => regions.length < 2 || regions.every((one) => zonesIn(one, { zones }).length > 0), {
    path: ['zones'],
    message: 'must have at least one zone in each of regions',
    when: pick('regions', 'zones'),
  })
  .refine(({ regions, zones, origin: { surge } }) => surge === 0 || surge >= mostZones(regions, zones), {
    path: ['origin', 'surge'],
    message: 'must be 0 or at least the number of zones of a region, because Google refuses values in between',
    when: sound({
      regions: environment.regions,
      zones: environment.zones,
      origin: z.object({ surge: origin.surge }),
    }),
  })
  .refine(({ regions, replication }) => regions.length > 1 || replication === undefined, {
    path: ['replication'],
    message: 'must be absent with one region, because nothing is replicated',
    when: pick('regions', 'replication'),
  })
  .refine(({ regions, nightsOff }) => regions.length === 1 || nightsOff === undefined, {
    path: ['nightsOff'],
    message: 'must be absent with two regions: what may sleep at night needs no second one',
    when: pick('regions', 'nightsOff'),
  })
  .refine(({ regions, encryptionKey }) => regions.length === 1 || encryptionKey === undefined, {
    path: ['encryptionKey'],
    message: 'must be absent with two regions: disks, buckets and database would each need a key in another location',
    when: pick('regions', 'encryptionKey'),
  })
  .refine(({ reconnectWindowSeconds, sessionWindowSeconds }) => reconnectWindowSeconds <= sessionWindowSeconds, {
    path: ['reconnectWindowSeconds'],
    message: 'must be at most sessionWindowSeconds, or a publisher that reconnects cannot continue its session',
    when: pick('reconnectWindowSeconds', 'sessionWindowSeconds'),
  })
  .refine(({ unrecordedDays }) => unrecordedDays * DAY_SECONDS >= MAX_DVR_WINDOW_SECONDS, {
    path: ['unrecordedDays'],
    message:
      `must be at least 1, because viewers can go back ${MAX_DVR_WINDOW_SECONDS} s, ` +
      'the longest DVR window of a stream',
    when: pick('unrecordedDays'),
  })
  .refine(({ destroyable, backupDays }) => destroyable || backupDays > 0, {
    path: ['backupDays'],
    message: 'must be at least 1 where destroyable is false, so that protected data can be restored',
    when: pick('destroyable', 'backupDays'),
  })
  .refine(({ destroyable, nightsOff }) => destroyable || nightsOff === undefined, {
    path: ['nightsOff'],
    message: 'must be absent where destroyable is false, because viewers may watch at night',
    when: pick('destroyable', 'nightsOff'),
  })
  .refine(({ cdns = [], playback }) => cdns.length === 0 || isForEverybody(playback), {
    path: ['cdns'],
    message: 'must be absent where playback has onlyCountries, deniedCountries or deniedRanges',
    when: pick('cdns', 'playback'),
  })
  .refine(({ cdns = [], domain }) => cdns.every(({ host }) => host !== domain), {
    path: ['cdns'],
    message: 'must not have the host of domain, which is the main CDN',
    when: pick('cdns', 'domain'),
  })
  .refine(({ name, destroyable }) => !(name === 'prod' && destroyable), {
    path: ['destroyable'],
    message: "must be false where name is 'prod'",
    when: pick('name', 'destroyable'),
  });

/** Checks that a file holds the environment of its own name. */
export const environmentNamed = (file: EnvironmentConfig['name']) =>
  EnvironmentConfig.refine(({ name }) => name === file, {
    path: ['name'],
    message: `must be '${file}', as the file that it stands in`,
    when: pick('name'),
  });

export type EnvironmentConfig = z.output<typeof EnvironmentConfig>;

/** The region of the resources that an environment has once: functions, database, buckets. */
export const homeOf = ({ regions }: Pick<EnvironmentConfig, 'regions'>): string => regions[0] ?? '';
export type EnvironmentInput = z.input<typeof EnvironmentConfig>;

/** Values that all environments share: where their states and images are. */
export const PlatformConfig = z.strictObject({
  projectId: EnvironmentConfig.shape.projectId.describe('The project that holds the Terraform states.'),
  region: region.describe('The region of the Terraform states.'),
  stateBucket: like(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'use a bucket name: 3-63 of a-z, 0-9, -').describe(
    'The bucket of the Terraform states, with one prefix for each stack.',
  ),
  repository: z
    .strictObject({
      uri: z.url({ protocol: /^https$/, error: 'use https://host/owner/name' }),
      ref: like(/^refs\/(heads|tags)\/.+$/, 'use refs/heads/<branch> or refs/tags/<tag>'),
    })
    .optional()
    .describe(
      'The repository from which Cloud Build reads this project. If absent, images are built from a working copy.',
    ),
  ci: z
    .strictObject({
      issuer: z
        .url({ protocol: /^https$/, error: 'use https://host' })
        .describe('The issuer of the token of a CI run.'),
      claim: like(/^[a-z_]{1,50}$/, 'use the name of a claim, such as repository').describe(
        'The claim that identifies the repository of the run.',
      ),
      value: like(/^[\w./:-]{1,127}$/, 'use its value, such as owner/name').describe(
        'The required value of the claim. Other runs are refused.',
      ),
    })
    .optional()
    .describe('The CI runs that may deploy without a key. If absent, only people can deploy.'),
});
export type PlatformConfig = z.output<typeof PlatformConfig>;
