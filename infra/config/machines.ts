import { z } from 'zod';
import { isSrtSafe, SRT_NOT_SAFE, SrsVersion } from '../../functions/contract/hooks/media-server';
import { diskGigabytes, imageDigest, imageTag, like, machineType, sound } from './fields';

/** One Cloud Run function. One vCPU always: fewer would allow one request at a time only. */
const functionSize = {
  memory: z.enum(['256Mi', '512Mi', '1Gi', '2Gi', '4Gi']).describe('Of one instance, beside one vCPU.'),
  /** https://cloud.google.com/run/docs/about-concurrency */
  concurrency: z.int().min(1).max(1000).describe('Requests one instance takes at a time.'),
  minInstances: z.int().min(0).max(100).describe('Instances that wait for requests, and are paid while they do.'),
  maxInstances: z.int().min(1).max(1000).describe('Instances at most: what is above has to wait.'),
};
export const FunctionSize = z
  .strictObject(functionSize)
  .refine(({ minInstances, maxInstances }) => minInstances <= maxInstances, {
    path: ['minInstances'],
    message: 'must be at most maxInstances',
    when: sound({ minInstances: functionSize.minInstances, maxInstances: functionSize.maxInstances }),
  });

const drain = {
  evacuateAfterSeconds: z
    .int()
    .min(0)
    .max(14_400)
    .describe(
      'How long publishers may stay on a node that drains, in seconds; then they are sent to another one, a few at a time.',
    ),
  drainSeconds: z.int().min(900).max(43_200).describe('When a node that drains goes, in seconds, whatever it still has.'),
};

/** Uploads that wait for a storage that is away are given so long after the last publisher left. */
const UPLOAD_SECONDS = 600;

/** How nodes leave: the autoscaler only adds. */
export const ScaleIn = z
  .strictObject({
    idleSeconds: z
      .int()
      .min(60)
      .max(86_400)
      .describe('How long a node must have had nothing to do before it is drained, in seconds.'),
    ...drain,
  })
  .refine(({ evacuateAfterSeconds, drainSeconds }) => drainSeconds >= evacuateAfterSeconds + UPLOAD_SECONDS, {
    path: ['drainSeconds'],
    message: `must be at least evacuateAfterSeconds + ${UPLOAD_SECONDS}, or a node goes with its publishers`,
    when: sound(drain),
  });

export const origin = {
  machineType: machineType.describe('Of the nodes that take publishers.'),
  minNodes: z.int().min(1).max(100).describe('Nodes that always run.'),
  maxNodes: z.int().min(1).max(100).describe('Nodes at most.'),
  surge: z.int().min(0).max(20).describe('Nodes more than wanted while the group replaces some.'),
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
  scaleIn: ScaleIn.describe('How nodes leave: the autoscaler only adds.'),
  osImage: like(
    /^projects\/[a-z0-9-]+\/global\/images\/(family\/)?[a-z0-9-]+$/,
    'use projects/<project>/global/images/[family/]<name>',
  ).describe('Image or image family of Container-Optimized OS, for nodes and TURN servers.'),
  imageTag: imageTag.describe('Of the node image, as Cloud Build pushed it.'),
  srsVersion: SrsVersion.describe('Of the SRS in that image, as the build printed it.'),
  srtSources: z
    .array(z.cidrv4('use a network, such as 192.0.2.0/24'))
    .max(256)
    .describe('Who reaches SRT; nobody where it is empty, and the API offers none then.'),
  imageDigest,
  diskGigabytes: diskGigabytes.describe('Own disk of a node; media is in memory.'),
};
export const Origin = z
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

/** Nodes that serve FLV and WebRTC viewers. */
export const Edge = z.strictObject({
  nodes: z
    .literal(0, 'must be 0: edge nodes do not read from origins yet, origins serve these viewers')
    .describe('Nodes that serve FLV and WebRTC viewers.'),
  machineType: machineType.describe('Of those.'),
});

/** coturn's own default range begins here; ports below are the system's. */
const relayPort = z.int().min(1024).max(65_535);
const relayPorts = {
  first: relayPort.describe('First of the UDP ports of relayed flows, one an allocation: exactly these are open.'),
  last: relayPort.describe('Last of those ports.'),
};

export const Turn = z.strictObject({
  servers: z.int().min(0).max(9).describe('TURN servers, each with an address and a DNS name of its own; 0 for none.'),
  machineType: machineType.describe('Of a TURN server.'),
  imageTag: imageTag.describe('Of the TURN image, as Cloud Build pushed it.'),
  imageDigest,
  diskGigabytes: diskGigabytes.describe('Own disk of a TURN server.'),
  relayPorts: z.strictObject(relayPorts).refine(({ first, last }) => last - first >= 99, {
    path: ['last'],
    message: 'must be at least first + 99: every relayed flow takes one port',
    when: sound(relayPorts),
  }),
  userQuota: z
    .int()
    .min(2)
    .max(100)
    .describe('Allocations one user may hold at a time: a browser takes up to one an interface and transport.'),
  maxKilobitsPerSecond: z.int().min(500).max(50_000).describe('What one allocation may carry, each way.'),
});

const connector = {
  minInstances: z.int().min(2).max(9).describe('Instances of the connector that always run.'),
  maxInstances: z.int().min(3).max(10).describe('Instances of the connector at most.'),
};

/** The way of functions into the VPC. https://cloud.google.com/vpc/docs/serverless-vpc-access */
export const Connector = z
  .strictObject({
    machineType: z.enum(['f1-micro', 'e2-micro', 'e2-standard-4']).describe('Of the way of the API into the VPC.'),
    ...connector,
  })
  .refine(({ minInstances, maxInstances }) => minInstances < maxInstances, {
    path: ['minInstances'],
    message: 'must be below maxInstances',
    when: sound(connector),
  });
