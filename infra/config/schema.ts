import { z } from 'zod';

/** What an environment may be. Google's bounds have their source beside them; the others are ours. */
const dnsName = z
  .string()
  .max(253)
  .regex(/^(?=.)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'use a DNS name in lower case, without a dot at its end');

const memory = z.enum(['256Mi', '512Mi', '1Gi', '2Gi', '4Gi']);

/** One Cloud Run function. One vCPU always: fewer would allow one request at a time only. */
const functionSize = {
  memory,
  /** Requests one instance takes at a time. https://cloud.google.com/run/docs/about-concurrency */
  concurrency: z.int().min(1).max(1000),
  minInstances: z.int().min(0).max(100),
  maxInstances: z.int().min(1).max(1000),
};
const FunctionSize = z.strictObject(functionSize).refine(({ minInstances, maxInstances }) => minInstances <= maxInstances, {
  path: ['minInstances'],
  message: 'must be at most maxInstances',
  when: sound(functionSize, ['minInstances', 'maxInstances']),
});

const origin = {
  machineType: z.string().regex(/^[a-z][a-z0-9]*-[a-z0-9-]+$/, 'use a Compute Engine machine type, such as n2d-standard-2'),
  minNodes: z.int().min(1).max(100),
  maxNodes: z.int().min(1).max(100),
  /** Tag of the node image in this project's registry: never one that moves. */
  imageTag: z
    .string()
    .regex(/^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$/, 'use an image tag')
    .refine((tag) => tag !== 'latest', "must not be 'latest': a node that restarts would run something else"),
  /** Size of the tmpfs for HLS and spool: it is the VM's memory. */
  mediaMebibytes: z.int().min(256).max(65_536),
  /** Own disk of the VM: the operating system and the image. COS needs 10 GB. */
  diskGigabytes: z.int().min(10).max(500),
};
const Origin = z.strictObject(origin).refine(({ minNodes, maxNodes }) => minNodes <= maxNodes, {
  path: ['minNodes'],
  message: 'must be at most maxNodes',
  when: sound(origin, ['minNodes', 'maxNodes']),
});

const environment = {
  name: z.enum(['dev', 'staging', 'prod']),
  /** Fixed. https://cloud.google.com/resource-manager/docs/creating-managing-projects */
  projectId: z.string().regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'use a project id: 6-30 of a-z, 0-9, -'),
  /** Fixed. */
  region: z.string().regex(/^[a-z]+-[a-z]+[0-9]{1,2}$/, 'use a region, such as europe-west1'),
  /** Zones of `region` the nodes may stand in. */
  zones: z
    .array(z.string().regex(/^[a-z]+-[a-z]+[0-9]{1,2}-[a-z]$/, 'use a zone, such as europe-west1-b'))
    .min(1)
    .max(4),
  /** The one public host: CDN, API and pages. */
  domain: dnsName,
  /** The Cloud DNS zone that `domain` lies in, in the same project. */
  dnsZone: z.strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/, 'use the name of a managed zone'),
    domain: dnsName,
  }),
  /** True: `destroy` takes everything with it, recordings too. False: buckets and database refuse. */
  destroyable: z.boolean(),
  /** Origins whose pages may play: `*` or `https://host`. */
  playerOrigins: z
    .array(z.string().regex(/^(\*|https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?)$/, "use '*' or https://host"))
    .min(1)
    .max(100),
  /** Days after which a session playlist nobody touched is dropped. */
  abandonedIngestDays: z.int().min(2).max(30),
  /** Default of a new stream, in seconds. */
  reconnectWindowSeconds: z.int().min(0).max(1800),
  /** Length of a session playlist without a DVR window, in seconds. */
  sessionWindowSeconds: z.int().min(60).max(3600),
  /** How often a node says what it serves, in seconds. */
  heartbeatSeconds: z.number().min(1).max(10),
  functions: z.strictObject({
    'hls-publisher': FunctionSize,
    'srs-hooks': FunctionSize,
    reconciler: FunctionSize,
    api: FunctionSize,
  }),
  origin: Origin,
};

/** One environment, complete. A later change to a field marked "fixed" replaces what holds the state. */
export const EnvironmentConfig = z
  .strictObject(environment)
  .refine(({ domain, dnsZone }) => domain === dnsZone.domain || domain.endsWith(`.${dnsZone.domain}`), {
    path: ['domain'],
    message: 'must lie in dnsZone.domain, or nobody can prove that it is yours',
    when: sound(environment, ['domain', 'dnsZone']),
  })
  .refine(({ region, zones }) => zones.every((zone) => zone.startsWith(`${region}-`)), {
    path: ['zones'],
    message: 'must all lie in region',
    when: sound(environment, ['region', 'zones']),
  })
  .refine(({ reconnectWindowSeconds, sessionWindowSeconds }) => reconnectWindowSeconds <= sessionWindowSeconds, {
    path: ['reconnectWindowSeconds'],
    message: 'must be at most sessionWindowSeconds, or a publisher that returns finds its own session gone',
    when: sound(environment, ['reconnectWindowSeconds', 'sessionWindowSeconds']),
  })
  .refine(({ name, destroyable }) => !(name === 'prod' && destroyable), {
    path: ['destroyable'],
    message: "must be false where name is 'prod'",
    when: sound(environment, ['name', 'destroyable']),
  });
export type EnvironmentConfig = z.output<typeof EnvironmentConfig>;
export type EnvironmentInput = z.input<typeof EnvironmentConfig>;

/** What all environments share: where their states and images are. */
export const PlatformConfig = z.strictObject({
  /** Project that holds the Terraform states. */
  projectId: EnvironmentConfig.shape.projectId,
  region: EnvironmentConfig.shape.region,
  /** Bucket of the Terraform states, one prefix a stack. */
  stateBucket: z.string().regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'use a bucket name: 3-63 of a-z, 0-9, -'),
});
export type PlatformConfig = z.output<typeof PlatformConfig>;

/** When a rule between `fields` is checked: as soon as they are sound themselves, whatever else is wrong. So every error comes at once. */
function sound<S extends z.ZodRawShape>(
  shape: S,
  fields: readonly (keyof S & string)[],
): (payload: { value: unknown }) => boolean {
  const picked = z.object(Object.fromEntries(fields.map((field) => [field, shape[field] ?? z.never()])));
  return ({ value }) => picked.safeParse(value).success;
}
