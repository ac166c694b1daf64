import { z } from 'zod';
import { dnsName, like, sound } from './fields';
import { Connector, Edge, FunctionSize, Origin, origin, Turn } from './machines';
import { NightsOff } from './nights-off';
import { Observability } from './observability';
import { Api, Budget, Logs, Playback } from './operations';

/** Streams may let viewers go back this far at most, in seconds. */
const MAX_WINDOW_SECONDS = 3600;
const DAY_SECONDS = 86_400;

const region = like(/^[a-z]+-[a-z]+[0-9]{1,2}$/, 'use a region, such as europe-west1');

const environment = {
  name: z.enum(['dev', 'staging', 'prod']).describe('The same as the file. Fixed.'),
  /** https://cloud.google.com/resource-manager/docs/creating-managing-projects */
  projectId: like(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'use a project id: 6-30 of a-z, 0-9, -').describe(
    'The project all of it stands in. Fixed.',
  ),
  regions: z
    .array(region)
    .min(1)
    .max(1, 'use one region: a second one is not served yet')
    .describe('Where all of it stands: the first is the home, of what there is once. Fixed.'),
  zones: z
    .array(like(/^[a-z]+-[a-z]+[0-9]{1,2}-[a-z]$/, 'use a zone, such as europe-west1-b'))
    .min(1)
    .max(4)
    .describe('Zones of `regions` the nodes may stand in.'),
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
    .describe('True: `destroy` takes everything with it, recordings too. False: buckets and database refuse.'),
  ipv6: z.boolean().describe('True: web and RTMPS answer on IPv6 too, for three more forwarding rules.'),
  nightsOff: NightsOff.optional().describe('When no node runs; absent: they always do. Only where destroyable is true.'),
  encryptionKey: like(
    /^projects\/[a-z0-9-]+\/locations\/[a-z0-9-]+\/keyRings\/[\w-]+\/cryptoKeys\/[\w-]+$/,
    'use projects/<project>/locations/<region>/keyRings/<ring>/cryptoKeys/<key>',
  )
    .optional()
    .describe("Cloud KMS key of your own for all that keeps data; absent: Google's keys. Fixed."),
  playerOrigins: z
    .array(like(/^(\*|https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?)$/, "use '*' or https://host"))
    .min(1)
    .max(100)
    .describe('Origins whose pages may play.'),
  abandonedIngestDays: z.int().min(2).max(30).describe('Days after which a session playlist nobody touched is dropped.'),
  unrecordedDays: z.int().min(0).max(30).describe('Days after which a segment that is not recorded is dropped.'),
  /** https://cloud.google.com/firestore/docs/backups */
  backupDays: z.int().min(0).max(98).describe('Days that daily backups of the database are kept; 0 for none.'),
  reconnectWindowSeconds: z
    .int()
    .min(0)
    .max(1800)
    .describe('How long a publisher may be away and go on with the same broadcast: the default of a new stream.'),
  sessionWindowSeconds: z.int().min(60).max(3600).describe('Length of a session playlist without a DVR window.'),
  heartbeatSeconds: z.number().min(1).max(10).describe('How often a node says what it serves.'),
  functions: z.strictObject({
    'hls-publisher': FunctionSize,
    'srs-hooks': FunctionSize,
    reconciler: FunctionSize,
    api: FunctionSize,
    'event-relay': FunctionSize,
    'budget-guard': FunctionSize,
  }),
  connector: Connector,
  origin: Origin,
  edge: Edge,
  turn: Turn,
  playback: Playback,
  api: Api,
  budget: Budget,
  logs: Logs,
  observability: Observability,
};

const pick = <K extends keyof typeof environment>(...fields: K[]) =>
  sound(Object.fromEntries(fields.map((field) => [field, environment[field]])));

/** One environment, complete. A later change to a field marked "fixed" replaces what holds the state. */
export const EnvironmentConfig = z
  .strictObject(environment)
  .refine(({ domain, dnsZone }) => domain === dnsZone.domain || domain.endsWith(`.${dnsZone.domain}`), {
    path: ['domain'],
    message: 'must lie in dnsZone.domain, or nobody can prove that it is yours',
    when: pick('domain', 'dnsZone'),
  })
  .refine(({ regions, zones }) => zones.every((zone) => regions.some((one) => zone.startsWith(`${one}-`))), {
    path: ['zones'],
    message: 'must all lie in regions',
    when: pick('regions', 'zones'),
  })
  .refine(({ zones, origin: { surge } }) => surge === 0 || surge >= zones.length, {
    path: ['origin', 'surge'],
    message: 'must be 0 or at least the number of zones, because Google refuses what is between',
    when: sound({ zones: environment.zones, origin: z.object({ surge: origin.surge }) }),
  })
  .refine(({ reconnectWindowSeconds, sessionWindowSeconds }) => reconnectWindowSeconds <= sessionWindowSeconds, {
    path: ['reconnectWindowSeconds'],
    message: 'must be at most sessionWindowSeconds, or a publisher that returns finds its own session gone',
    when: pick('reconnectWindowSeconds', 'sessionWindowSeconds'),
  })
  .refine(({ api: { limits }, functions }) => limits.flv.perInstance < functions.api.concurrency, {
    path: ['api', 'limits', 'flv', 'perInstance'],
    message: 'must be below functions.api.concurrency, or viewers by HTTP-FLV leave no room for anybody else',
    when: pick('api', 'functions'),
  })
  .refine(({ unrecordedDays }) => unrecordedDays * DAY_SECONDS >= MAX_WINDOW_SECONDS, {
    path: ['unrecordedDays'],
    message: `must be at least 1: viewers may go back ${MAX_WINDOW_SECONDS} s, the longest DVR window of a stream`,
    when: pick('unrecordedDays'),
  })
  .refine(({ destroyable, backupDays }) => destroyable || backupDays > 0, {
    path: ['backupDays'],
    message: 'must be at least 1 where destroyable is false: what is protected can be restored',
    when: pick('destroyable', 'backupDays'),
  })
  .refine(({ destroyable, nightsOff }) => destroyable || nightsOff === undefined, {
    path: ['nightsOff'],
    message: 'must be absent where destroyable is false: somebody may watch at night',
    when: pick('destroyable', 'nightsOff'),
  })
  .refine(({ name, destroyable }) => !(name === 'prod' && destroyable), {
    path: ['destroyable'],
    message: "must be false where name is 'prod'",
    when: pick('name', 'destroyable'),
  });

/** The environment that stands in the file of this name. */
export const environmentNamed = (file: EnvironmentConfig['name']) =>
  EnvironmentConfig.refine(({ name }) => name === file, {
    path: ['name'],
    message: `must be '${file}', as the file that it stands in`,
    when: pick('name'),
  });

export type EnvironmentConfig = z.output<typeof EnvironmentConfig>;

/** The region of what an environment has once: functions, database, buckets. */
export const homeOf = ({ regions }: Pick<EnvironmentConfig, 'regions'>): string => regions[0] ?? '';
export type EnvironmentInput = z.input<typeof EnvironmentConfig>;

/** What all environments share: where their states and images are. */
export const PlatformConfig = z.strictObject({
  projectId: EnvironmentConfig.shape.projectId.describe('Project that holds the Terraform states.'),
  region: region.describe('Where they stand.'),
  stateBucket: like(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'use a bucket name: 3-63 of a-z, 0-9, -').describe(
    'Bucket of the Terraform states, one prefix a stack.',
  ),
  repository: z
    .strictObject({
      uri: z.url({ protocol: /^https$/, error: 'use https://host/owner/name' }),
      ref: like(/^refs\/(heads|tags)\/.+$/, 'use refs/heads/<branch> or refs/tags/<tag>'),
    })
    .optional()
    .describe('Where Cloud Build reads this project from. Without it images are built from a working copy.'),
  ci: z
    .strictObject({
      issuer: z.url({ protocol: /^https$/, error: 'use https://host' }).describe('Who signs the token of a run.'),
      claim: like(/^[a-z_]{1,50}$/, 'use the name of a claim, such as repository').describe('Claim that says whose run it is.'),
      value: like(/^[\w./:-]{1,127}$/, 'use its value, such as owner/name').describe('Its value: other runs are refused.'),
    })
    .optional()
    .describe('Whose runs may deploy, without a key. Without it nobody but people.'),
});
export type PlatformConfig = z.output<typeof PlatformConfig>;
