/**
 * List prices in US dollars, without discounts, credits and free tiers. Region Iowa or Belgium, viewers in North
 * America and Europe. Infra's cost view and the cost estimate count with this one table.
 */
export interface Price {
  readonly dollars: number;
  /** The unit that has this price. */
  readonly per: string;
  readonly source: string;
  /** False: from memory or at second hand; look it up before somebody plans with it. */
  readonly verified: boolean;
}

/** The day on which the prices were read. */
export const PRICES_READ_ON = '2026-11-20';

const CDN = 'https://cloud.google.com/cdn/pricing';
const STORAGE = 'https://cloud.google.com/storage/pricing';
const RUN = 'https://cloud.google.com/run/pricing';
const COMPUTE = 'https://cloud.google.com/compute/vm-instance-pricing';
const NETWORK = 'https://cloud.google.com/vpc/network-pricing';
const FIRESTORE = 'https://cloud.google.com/firestore/pricing';

const price = (dollars: number, per: string, source: string): Price => ({ dollars, per, source, verified: true });
const unverified = (dollars: number, per: string, source: string): Price => ({ dollars, per, source, verified: false });

export const PRICES = {
  cdnLookup: price(0.0075 / 10_000, 'request', CDN),
  cdnFill: unverified(0.01, 'GiB', CDN),
  classA: price(0.005 / 1000, 'Class A operation', STORAGE),
  classB: price(0.0004 / 1000, 'Class B operation', STORAGE),
  storage: price(0.02, 'GB-month', STORAGE),
  replication: unverified(0.02, 'GB copied to the second region', STORAGE),
  turboReplication: unverified(0.04, 'GB copied to the second region within 15 minutes', STORAGE),
  storageEgress: unverified(0.12, 'GB from a bucket to another CDN, the first TB', STORAGE),
  firestoreRead: price(0.03 / 100_000, 'document read', FIRESTORE),
  firestoreWrite: price(0.09 / 100_000, 'document write', FIRESTORE),
  invocation: unverified(0.4 / 1e6, 'request to a function', RUN),
  cpu: unverified(0.000024, 'vCPU-second', RUN),
  memory: unverified(0.0000025, 'GiB-second', RUN),
  idleCpu: unverified(0.0000025, 'vCPU-second of an idle minimum instance', RUN),
  pubsub: unverified(40 / 2 ** 40, 'byte published or delivered', 'https://cloud.google.com/pubsub/pricing'),
  logs: unverified(0.5, 'GiB of logs kept', 'https://cloud.google.com/stackdriver/pricing'),
  reports: unverified(0.05, 'GiB streamed into BigQuery', 'https://cloud.google.com/bigquery/pricing'),
  alertCondition: unverified(1.5, 'condition of an alert and month', 'https://cloud.google.com/stackdriver/pricing'),
  n2dCpu: unverified(0.0302, 'vCPU-hour of N2D', COMPUTE),
  n2dMemory: unverified(0.00405, 'GiB-hour of N2D', COMPUTE),
  e2Cpu: unverified(0.024, 'vCPU-hour of E2', COMPUTE),
  e2Memory: unverified(0.00322, 'GiB-hour of E2', COMPUTE),
  disk: unverified(0.1, 'GiB-month of balanced disk', 'https://cloud.google.com/compute/disks-image-pricing'),
  address: unverified(0.005, 'hour of an external address in use', NETWORK),
  forwardingRules: unverified(0.025, 'hour of up to five forwarding rules', NETWORK),
  furtherForwardingRule: unverified(0.01, 'hour of a forwarding rule beyond five', NETWORK),
  balancedIngress: unverified(0.008, 'GiB through a load balancer from clients', NETWORK),
  balancedEgress: unverified(0.008, 'GiB through a load balancer to clients', NETWORK),
  nodeEgress: unverified(0.12, 'GiB from a VM to viewers, the first TiB', NETWORK),
  armorPolicy: unverified(5, 'security policy and month', 'https://cloud.google.com/armor/pricing'),
  armorRule: unverified(1, 'rule of a security policy and month', 'https://cloud.google.com/armor/pricing'),
  armorRequest: unverified(0.75 / 1e6, 'request looked at by Cloud Armor', 'https://cloud.google.com/armor/pricing'),
  schedulerJob: unverified(0.1, 'scheduler job and month', 'https://cloud.google.com/scheduler/pricing'),
  secretVersion: unverified(0.06, 'secret version and month', 'https://cloud.google.com/secret-manager/pricing'),
  dnsZone: unverified(0.2, 'DNS zone and month', 'https://cloud.google.com/dns/pricing'),
} as const satisfies Readonly<Record<string, Price>>;

/**
 * Prices of one GiB from the CDN's caches to viewers, by the volume of the month so far: up to `toGibibytes` at
 * `price`.
 */
export const CDN_EGRESS: readonly { readonly toGibibytes: number; readonly price: Price }[] = [
  { toGibibytes: 10 * 1024, price: price(0.08, 'GiB to viewers, the first 10 TiB', CDN) },
  { toGibibytes: 150 * 1024, price: price(0.055, 'GiB to viewers, to 150 TiB', CDN) },
  {
    toGibibytes: Number.POSITIVE_INFINITY,
    price: price(0.03, 'GiB to viewers, to 500 TiB; beyond it is negotiated', CDN),
  },
];
