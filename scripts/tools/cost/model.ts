import { CDN_EGRESS, PRICES, type Price } from '../../../functions/contract/prices';
import { beaconSeconds, writeSeconds } from '../../../functions/core/viewers/audience';
import { type Item, item } from './item';
import { machineHour } from './machine-price';
import { storageOperations } from './operations';
import { ofSecondRegion } from './second-region';
import type { EnvironmentSize, Machine } from './size';

/** A month of an environment. */
export interface Usage {
  /** Streams live at a time, and viewers of all of them together. */
  readonly streams: number;
  readonly viewers: number;
  /** Hours of the month in which they are live. */
  readonly hours: number;
  /** The bitrate of a viewer, in Mbit/s. */
  readonly bitrate: number;
  /** The number of broadcasts of a stream in that time. */
  readonly broadcasts: number;
  /** Days for which its segments are kept. */
  readonly keepDays: number;
  /** CDN locations that fill their caches from the bucket. */
  readonly locations: number;
  /** Seconds that a content key of an encrypted stream is used; 0 or absent: nothing is encrypted. */
  readonly keySeconds?: number;
  /** Readers of all chats together, in the same hours; 0 or absent: there is no chat. */
  readonly chatReaders?: number;
}

const MONTH_HOURS = 730;
const MONTH_DAYS = MONTH_HOURS / 24;
const GIB = 2 ** 30;
const GB = 1e9;
const MEBIBYTE = 2 ** 20;

/** Estimates for one call, measured on one machine only. */
const EVENT_CPU_SECONDS = 0.1;
const HEARTBEAT_CPU_SECONDS = 0.02;
const BEACON_CPU_SECONDS = 0.003;
/** An instance is billed while it has a request, rounded up to this. https://cloud.google.com/run/pricing */
const BILLED_SECONDS = 0.1;
const EVENT_BYTES = 4096;
const FUNCTION_GIBIBYTES = 0.5;
const LOG_LINE_BYTES = 2000;
const CHAT_READERS_OF_AN_INSTANCE = 950;
const CHAT_CONNECTION_SECONDS = 750;

/** Estimates what an environment costs in a month, by item. */
export const monthOf = (size: EnvironmentSize, usage: Usage): Item[] => [
  ...fixed(size),
  ...ofSecondRegion(size, usage),
  ...ofStreams(size, usage),
  ...ofViewers(size, usage),
];

function fixed(size: EnvironmentSize): Item[] {
  const { minNodes, nodesOn, turnServers, connector, idleInstances } = size;
  const idleGibibytes = idleInstances.reduce((sum, memory) => sum + memory, 0);
  const month = MONTH_HOURS * 3600;
  return [
    vms(
      `${minNodes} nodes, ${nodesOn === 1 ? 'always on' : `on ${Math.round(nodesOn * 100)} % of the time`}`,
      'month',
      size.origin,
      minNodes * MONTH_HOURS * nodesOn,
    ),
    ...(size.turn === undefined
      ? []
      : [vms(`${turnServers} TURN servers`, 'month', size.turn, turnServers * MONTH_HOURS)]),
    {
      ...item('way of functions into the VPC', 'month'),
      dollars: connector.instances * MONTH_HOURS * machineHour(connector.machineType),
      verified: false,
    },
    item(
      `${idleInstances.length} function instances that wait`,
      'month',
      [idleInstances.length * month, PRICES.idleCpu],
      [idleGibibytes * month, PRICES.memory],
    ),
    item(
      'addresses and forwarding rules',
      'month',
      [size.addresses * MONTH_HOURS, PRICES.address],
      [MONTH_HOURS, PRICES.forwardingRules],
      [Math.max(0, size.forwardingRules - 5) * MONTH_HOURS, PRICES.furtherForwardingRule],
    ),
    item('security policies', 'month', [size.policies, PRICES.armorPolicy], [size.rules, PRICES.armorRule]),
    item('alerts', 'month', [size.alertConditions, PRICES.alertCondition]),
    item(
      'scheduler, secrets, DNS zone',
      'month',
      [size.schedulerJobs, PRICES.schedulerJob],
      [size.secrets, PRICES.secretVersion],
      [1, PRICES.dnsZone],
    ),
    ...edgeNodes(size),
    item('heartbeats of those nodes', 'month', ...heartbeats(size, minNodes * MONTH_HOURS * nodesOn)),
  ];
}

const vms = (name: string, of: Item['of'], { machineType, diskGigabytes }: Machine, hours: number): Item => ({
  ...item(name, of, [(diskGigabytes * hours) / MONTH_HOURS, PRICES.disk], [hours, PRICES.address]),
  dollars:
    hours * machineHour(machineType) +
    ((diskGigabytes * hours) / MONTH_HOURS) * PRICES.disk.dollars +
    hours * PRICES.address.dollars,
  verified: false,
});

/** Those that run without a viewer; more come by viewers, who are not in this estimate. */
function edgeNodes({ edges }: EnvironmentSize): Item[] {
  if (edges === undefined) return [];
  const { minNodes, machine } = edges;
  return [vms(`${minNodes} edge nodes, always on`, 'month', machine, minNodes * MONTH_HOURS)];
}

/** One call of srs-hooks, with one document read and one written. */
function heartbeats({ heartbeatSeconds }: EnvironmentSize, nodeHours: number) {
  const count = (nodeHours * 3600) / heartbeatSeconds;
  return [
    [count, PRICES.invocation],
    [count * HEARTBEAT_CPU_SECONDS, PRICES.cpu],
    [count, PRICES.firestoreRead],
    [count, PRICES.firestoreWrite],
  ] as const;
}

function ofStreams(size: EnvironmentSize, usage: Usage): Item[] {
  const { streams, hours, bitrate, broadcasts, keepDays, locations } = usage;
  const isForGood = size.keptForGood && keepDays === size.keepDays;
  const later = isForGood ? ', and for good: as much again in each later month' : '';
  const streamHours = streams * hours;
  const segments = (streamHours * 3600) / size.segmentSeconds;
  const { classA, classB } = storageOperations({ segments, reconciles: streamHours * 60 });
  const [onceA, onceB] = perBroadcast();
  const further = streams * broadcasts - 1;
  const bytes = (streamHours * 3600 * bitrate * 1e6) / 8;
  const nodes = Math.max(0, Math.ceil(streams / size.publishersPerNode) - size.minNodes);
  const fills =
    segments * locations * (bytes / Math.max(segments, 1) > MEBIBYTE ? 2 : 1) + streamHours * 3600 * locations;
  return [
    vms(`${nodes} further nodes for ${hours} h`, 'stream', size.origin, nodes * hours),
    item('media into the load balancer', 'stream', [bytes / GIB, PRICES.balancedIngress]),
    item(
      'storage operations',
      'stream',
      [streams === 0 ? 0 : classA + further * onceA, PRICES.classA],
      [streams === 0 ? 0 : classB + further * onceB, PRICES.classB],
    ),
    // One event for each session playlist, each billed as a read.
    item('storage events', 'stream', [segments, PRICES.classB], [segments * EVENT_BYTES * 2, PRICES.pubsub]),
    item(
      'functions that write playlists',
      'stream',
      [segments, PRICES.invocation],
      [segments * EVENT_CPU_SECONDS, PRICES.cpu],
      [segments * EVENT_CPU_SECONDS * FUNCTION_GIBIBYTES, PRICES.memory],
    ),
    item(`segments kept ${keepDays} days${later}`, 'stream', [(bytes / GB) * (keepDays / MONTH_DAYS), PRICES.storage]),
    item(
      `filling the caches of ${locations} places`,
      'stream',
      [fills, PRICES.classB],
      [(bytes * locations) / GIB, PRICES.cdnFill],
    ),
  ];
}

/** Returns the operations of one broadcast beside its segments. */
function perBroadcast(): readonly [classA: number, classB: number] {
  const { classA, classB } = storageOperations({ segments: 1, reconciles: 0 });
  const { classA: two, classB: twoB } = storageOperations({ segments: 2, reconciles: 0 });
  return [2 * classA - two, 2 * classB - twoB];
}

function ofViewers(size: EnvironmentSize, usage: Usage): Item[] {
  const { viewers, hours, bitrate } = usage;
  const seconds = viewers * hours * 3600;
  const requests = (2 * seconds) / size.segmentSeconds;
  const gibibytes = (seconds * bitrate * 1e6) / 8 / GIB;
  return [
    item('CDN to viewers', 'viewer', ...tiers(gibibytes)),
    item('CDN look-ups', 'viewer', [requests, PRICES.cdnLookup]),
    ...(size.edgePolicy ? [item('requests past the security policy', 'viewer', [requests, PRICES.armorRequest])] : []),
    item(
      `logs (${size.logged * 100} % kept) and reports (${size.reported * 100} %)`,
      'viewer',
      [(requests * size.logged * LOG_LINE_BYTES) / GIB, PRICES.logs],
      [(requests * size.reported * LOG_LINE_BYTES) / GIB, PRICES.reports],
    ),
    item('beacons of players', 'viewer', ...beacons(usage)),
    ...(usage.keySeconds ? [item('content keys for players', 'viewer', ...contentKeys(usage, usage.keySeconds))] : []),
    ...(usage.chatReaders ? [item('readers of chats', 'viewer', ...chats(usage, usage.chatReaders))] : []),
  ];
}

/**
 * Counts the requests that Cloud Armor checks and the api answers; the instance that is busy with them for a share of
 * each second; the audience of each stream, read twice and written, and the stream, read once more.
 */
function beacons({ viewers, hours, streams }: Usage) {
  const every = beaconSeconds(viewers);
  const perSecond = viewers / every;
  const seconds = hours * 3600;
  const busy = Math.max(1 - Math.exp(-perSecond * BILLED_SECONDS), perSecond * BEACON_CPU_SECONDS) * seconds;
  const writes = viewers === 0 ? 0 : streams * seconds * Math.min(1 / writeSeconds(every), perSecond / streams);
  return [
    [perSecond * seconds, PRICES.invocation],
    [perSecond * seconds, PRICES.armorRequest],
    [busy, PRICES.cpu],
    [busy * FUNCTION_GIBIBYTES, PRICES.memory],
    [writes * 3, PRICES.firestoreRead],
    [writes, PRICES.firestoreWrite],
  ] as const;
}

/** Prices the requests of players for content keys: each reads a grant, and a stream is read once a second. */
function contentKeys({ viewers, hours, streams }: Usage, keySeconds: number) {
  const perSecond = viewers / keySeconds;
  const seconds = hours * 3600;
  const busy = Math.max(1 - Math.exp(-perSecond * BILLED_SECONDS), perSecond * BEACON_CPU_SECONDS) * seconds;
  return [
    [perSecond * seconds, PRICES.invocation],
    [perSecond * seconds, PRICES.armorRequest],
    [busy, PRICES.cpu],
    [busy * FUNCTION_GIBIBYTES, PRICES.memory],
    [(perSecond + Math.min(streams, perSecond)) * seconds, PRICES.firestoreRead],
  ] as const;
}

/**
 * Prices the instances that are billed as long as anybody reads, each for 950 readers; readers that connect again after
 * twelve minutes; and a message a second of each stream, which is a transaction and one read more.
 */
function chats({ streams, hours }: Usage, readers: number) {
  const seconds = hours * 3600;
  const instances = Math.ceil(readers / CHAT_READERS_OF_AN_INSTANCE);
  const requests = (readers / CHAT_CONNECTION_SECONDS + streams) * seconds;
  return [
    [instances * seconds, PRICES.cpu],
    [instances * seconds * FUNCTION_GIBIBYTES, PRICES.memory],
    [requests, PRICES.invocation],
    [requests, PRICES.armorRequest],
    [streams * seconds * (2 + instances), PRICES.firestoreRead],
    [streams * seconds * 3, PRICES.firestoreWrite],
  ] as const;
}

/** Splits the GiB of a month by their price. */
export function tiers(gibibytes: number): (readonly [number, Price])[] {
  let from = 0;
  return CDN_EGRESS.map(({ toGibibytes, price }) => {
    const amount = Math.max(0, Math.min(gibibytes, toGibibytes) - from);
    from = toGibibytes;
    return [amount, price] as const;
  });
}
