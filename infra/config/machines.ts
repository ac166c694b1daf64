import { z } from 'zod';
import { diskGigabytes, imageTag, like, machineType, sound } from './fields';

/** One Cloud Run function. One vCPU always: fewer would allow one request at a time only. */
const functionSize = {
  memory: z.enum(['256Mi', '512Mi', '1Gi', '2Gi', '4Gi']),
  /** Requests one instance takes at a time. https://cloud.google.com/run/docs/about-concurrency */
  concurrency: z.int().min(1).max(1000),
  minInstances: z.int().min(0).max(100),
  maxInstances: z.int().min(1).max(1000),
};
export const FunctionSize = z
  .strictObject(functionSize)
  .refine(({ minInstances, maxInstances }) => minInstances <= maxInstances, {
    path: ['minInstances'],
    message: 'must be at most maxInstances',
    when: sound({ minInstances: functionSize.minInstances, maxInstances: functionSize.maxInstances }),
  });

export const origin = {
  machineType,
  minNodes: z.int().min(1).max(100),
  maxNodes: z.int().min(1).max(100),
  /** More nodes than wanted while the group replaces some. Google takes 0, or at least the number of zones. */
  surge: z.int().min(0).max(20),
  /** A further node is started above this share of the CPU, or above this many publishers a node. */
  targetCpu: z.number().min(0.2).max(0.9),
  targetPublishers: z.int().min(1).max(1000),
  /** Image or image family of Container-Optimized OS. */
  osImage: like(
    /^projects\/[a-z0-9-]+\/global\/images\/(family\/)?[a-z0-9-]+$/,
    'use projects/<project>/global/images/[family/]<name>',
  ),
  imageTag,
  diskGigabytes,
};
export const Origin = z.strictObject(origin).refine(({ minNodes, maxNodes }) => minNodes <= maxNodes, {
  path: ['minNodes'],
  message: 'must be at most maxNodes',
  when: sound({ minNodes: origin.minNodes, maxNodes: origin.maxNodes }),
});

/** Nodes that serve FLV and WebRTC viewers. */
export const Edge = z.strictObject({
  nodes: z.literal(0, 'must be 0: edge nodes do not read from origins yet, origins serve these viewers'),
  machineType,
});

/** coturn's own default range begins here; ports below are the system's. */
const relayPort = z.int().min(1024).max(65_535);
const relayPorts = { first: relayPort, last: relayPort };

export const Turn = z.strictObject({
  /** TURN servers, each with an address and a DNS name of its own; 0 for none. */
  servers: z.int().min(0).max(9),
  machineType,
  imageTag,
  diskGigabytes,
  /** UDP ports of relayed flows, one an allocation: exactly these are open. */
  relayPorts: z.strictObject(relayPorts).refine(({ first, last }) => last - first >= 99, {
    path: ['last'],
    message: 'must be at least first + 99: every relayed flow takes one port',
    when: sound(relayPorts),
  }),
  /** Allocations one user may hold at a time: a browser takes up to one an interface and transport. */
  userQuota: z.int().min(2).max(100),
  /** What one allocation may carry, each way. */
  maxKilobitsPerSecond: z.int().min(500).max(50_000),
});

const connector = { minInstances: z.int().min(2).max(9), maxInstances: z.int().min(3).max(10) };

/** The way of functions into the VPC. https://cloud.google.com/vpc/docs/serverless-vpc-access */
export const Connector = z
  .strictObject({ machineType: z.enum(['f1-micro', 'e2-micro', 'e2-standard-4']), ...connector })
  .refine(({ minInstances, maxInstances }) => minInstances < maxInstances, {
    path: ['minInstances'],
    message: 'must be below maxInstances',
    when: sound(connector),
  });
