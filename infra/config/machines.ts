import { z } from 'zod';
import { isSrtSafe, SRT_NOT_SAFE, SrsVersion } from '../../functions/contract/hooks/media-server';
import { NodeSeconds } from '../../functions/contract/limits';
import { diskGigabytes, imageDigest, imageTag, like, machineType, sound } from './fields';

/** The size of one Cloud Run function. It always has one vCPU: with less, Cloud Run allows one request at a time. */
const functionSize = {
  memory: z.enum(['256Mi', '512Mi', '1Gi', '2Gi', '4Gi']).describe('The memory of one instance, which has one vCPU.'),
  /** https://cloud.google.com/run/docs/about-concurrency */
  concurrency: z.int().min(1).max(1000).describe('The number of requests that one instance serves at a time.'),
  minInstances: z.int().min(0).max(100).describe('The minimum number of instances. Idle instances are billed.'),
  maxInstances: z.int().min(1).max(1000).describe('The maximum number of instances. Further requests have to wait.'),
};
export const FunctionSize = z
  .strictObject(functionSize)
  .refine(({ minInstances, maxInstances }) => minInstances <= maxInstances, {
    path: ['minInstances'],
    message: 'must be at most maxInstances',
    when: sound({ minInstances: functionSize.minInstances, maxInstances: functionSize.maxInstances }),
  });

/** Each instance takes 950 readers of chats. */
export const ChatConfig = z.strictObject({
  maxInstances: z
    .int()
    .min(0)
    .max(100)
    .describe(
      'The maximum number of instances of the function `chat`, for 950 readers each. ' +
        'With 0 the environment has no such function, and no stream can have a chat.',
    ),
});

const drain = {
  evacuateAfterSeconds: z
    .int()
    .min(0)
    .max(14_400)
    .describe(
      'The time in seconds that publishers may stay on a draining node. ' +
        'After it they are moved to another node, a few at a time.',
    ),
  drainSeconds: z
    .int()
    .min(900)
    .max(43_200)
    .describe('The time in seconds after which a draining node is removed in any case.'),
};

/** The time for uploads after the last publisher has left, while the storage does not answer. */
const UPLOAD_SECONDS = 600;

/** The removal of nodes, which the autoscaler only adds. */
const ScaleIn = z
  .strictObject({
    idleSeconds: NodeSeconds.describe('The time in seconds that a node must be idle before it is drained.'),
    ...drain,
  })
  .refine(({ evacuateAfterSeconds, drainSeconds }) => drainSeconds >= evacuateAfterSeconds + UPLOAD_SECONDS, {
    path: ['drainSeconds'],
    message: `must be at least evacuateAfterSeconds + ${UPLOAD_SECONDS}, or a node is removed with its publishers`,
    when: sound(drain),
  });

export const origin = {
  machineType: machineType.describe('The machine type of the nodes that take publishers.'),
  minNodes: z.int().min(1).max(100).describe('The minimum number of nodes.'),
  maxNodes: z.int().min(1).max(100).describe('The maximum number of nodes.'),
  surge: z.int().min(0).max(20).describe('The number of additional nodes while the group replaces nodes.'),
  targetCpu: z
    .number()
    .min(0.2)
    .max(0.9)
    .describe('A further node is started when the nodes use more than this share of their CPU.'),
  targetPublishers: z
    .int()
    .min(1)
    .max(1000)
    .describe('A further node is started when there are more publishers than this for each.'),
  scaleIn: ScaleIn.describe('The rules for removing nodes. The autoscaler only adds nodes.'),
  osImage: like(
    /^projects\/[a-z0-9-]+\/global\/images\/(family\/)?[a-z0-9-]+$/,
    'use projects/<project>/global/images/[family/]<name>',
  ).describe('Image or image family of Container-Optimized OS, for nodes and TURN servers.'),
  imageTag: imageTag.describe('The tag of the node image that Cloud Build pushed.'),
  srsVersion: SrsVersion.describe('The version of SRS in the node image, as the build printed it.'),
  srtSources: z
    .array(z.cidrv4('use a network, such as 192.0.2.0/24'))
    .max(256)
    .describe('The networks that may publish by SRT. If the list is empty, the API does not offer SRT.'),
  imageDigest,
  diskGigabytes: diskGigabytes.describe('The size of the disk of a node. Media is kept in memory.'),
};
export const OriginConfig = z
  .strictObject(origin)
  .refine(({ minNodes, maxNodes }) => minNodes <= maxNodes, {
    path: ['minNodes'],
    message: 'must be at most maxNodes',
    when: sound({ minNodes: origin.minNodes, maxNodes: origin.maxNodes }),
  })
  .refine(({ srsVersion, srtSources }) => srtSources.length === 0 || isSrtSafe(srsVersion), {
    path: ['srsVersion'],
    message: `where srtSources opens SRT it ${SRT_NOT_SAFE}`,
    when: sound({ srsVersion: origin.srsVersion, srtSources: origin.srtSources }),
  });

const edge = {
  minNodes: z.int().min(0).max(100).describe('The minimum number of edges; 0 where maxNodes is 0.'),
  maxNodes: z
    .int()
    .min(0)
    .max(100)
    .describe(
      'The maximum number of edges, 0 for none. Origins push to them the streams whose `edges` setting asks for it, ' +
        'for viewers by FLV and WebRTC.',
    ),
  targetViewers: z
    .int()
    .min(1)
    .max(10_000)
    .describe('A further edge is started when more connections than this play from each.'),
  targetEgressMegabits: z
    .int()
    .min(10)
    .max(100_000)
    .describe('A further edge is started when each sends more than this, in Mbit/s.'),
  machineType: machineType.describe('The machine type of these nodes.'),
};
/** Nodes that serve FLV and WebRTC viewers. */
export const EdgeConfig = z
  .strictObject(edge)
  .refine(({ minNodes, maxNodes }) => minNodes <= maxNodes, {
    path: ['minNodes'],
    message: 'must be at most maxNodes',
    when: sound({ minNodes: edge.minNodes, maxNodes: edge.maxNodes }),
  })
  // A group of no nodes has nobody to tell that viewers came.
  .refine(({ minNodes, maxNodes }) => maxNodes === 0 || minNodes > 0, {
    path: ['minNodes'],
    message: 'must be at least 1 where maxNodes is more than 0: from 0 nodes the autoscaler never starts one',
    when: sound({ minNodes: edge.minNodes, maxNodes: edge.maxNodes }),
  });

/** coturn's own default range begins here; ports below are the system's. */
const relayPort = z.int().min(1024).max(65_535);
const relayPorts = {
  first: relayPort.describe(
    'The first UDP port for relayed flows. Each allocation uses one port, and only these ports are open.',
  ),
  last: relayPort.describe('The last UDP port for relayed flows.'),
};

export const Turn = z.strictObject({
  servers: z.int().min(0).max(9).describe('TURN servers, each with an address and a DNS name of its own; 0 for none.'),
  machineType: machineType.describe('The machine type of a TURN server.'),
  imageTag: imageTag.describe('The tag of the TURN image that Cloud Build pushed.'),
  imageDigest,
  diskGigabytes: diskGigabytes.describe('The size of the disk of a TURN server.'),
  relayPorts: z.strictObject(relayPorts).refine(({ first, last }) => last - first >= 99, {
    path: ['last'],
    message: 'must be at least first + 99: every relayed flow takes one port',
    when: sound(relayPorts),
  }),
  userQuota: z
    .int()
    .min(2)
    .max(100)
    .describe(
      'The maximum number of allocations of one user. A browser uses up to one for each network interface and ' +
        'transport.',
    ),
  maxKilobitsPerSecond: z
    .int()
    .min(500)
    .max(50_000)
    .describe('The maximum bitrate of one allocation in each direction.'),
});

const connector = {
  minInstances: z.int().min(2).max(9).describe('The minimum number of connector instances.'),
  maxInstances: z.int().min(3).max(10).describe('The maximum number of connector instances.'),
};

/** The VPC connector of functions. https://cloud.google.com/vpc/docs/serverless-vpc-access */
export const Connector = z
  .strictObject({
    machineType: z
      .enum(['f1-micro', 'e2-micro', 'e2-standard-4'])
      .describe('The machine type of the connector between the API and the VPC.'),
    ...connector,
  })
  .refine(({ minInstances, maxInstances }) => minInstances < maxInstances, {
    path: ['minInstances'],
    message: 'must be below maxInstances',
    when: sound(connector),
  });
