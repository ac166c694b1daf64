import { z } from 'zod';

const count = (value: number) => z.int().min(1).max(0x7fffffff).default(value);

/** Everything the gate bounds. Sizes in bytes, times in milliseconds. Why each is what it is: README.md. */
export const GateLimits = z.strictObject({
  /** Chunk streams of a connection. */
  chunkStreams: count(16),
  /** Longest message of each kind. */
  commandBytes: count(16 << 10),
  dataBytes: count(256 << 10),
  audioBytes: count(64 << 10),
  videoBytes: count(4 << 20),
  /**
   * Sum of the announced lengths of a connection's messages that are not whole yet: SRS takes the memory for them at
   * once.
   */
  openBytes: count(8 << 20),
  /** Messages without a body that follow each other; none of them is passed on. */
  emptyMessages: count(64),
  /** Objects within objects. */
  depth: count(16),
  /** Values in a message. */
  commandValues: count(2048),
  dataValues: count(32_768),
  /** Keys of one object: SRS compares each with all others. */
  keys: count(128),
  keyBytes: count(256),
  commandStringBytes: count(2048),
  dataStringBytes: count(8192),
  /** Values a second of a connection, and how many may come at once. */
  valuesPerSecond: count(2000),
  valuesAtOnce: count(65_536),
  /** Messages a second of a connection before it is read more slowly, and how many may come at once. */
  messagesPerSecond: count(2000),
  messagesAtOnce: count(10_000),
  /** From the connection's beginning to its end of the handshake, its connect, and its publish or play. */
  handshakeMs: count(5000),
  connectMs: count(10_000),
  publishMs: count(20_000),
  /** Silence of a publisher; of a player, in both directions. */
  publisherIdleMs: count(30_000),
  playerIdleMs: count(600_000),
  /** Connections at once: of one address, and in all. SRS's `max_connections` is 2000, its API and FLV among them. */
  connectionsPerAddress: count(64),
  connections: count(1800),
  /** New connections of one address in a minute. */
  connectsPerMinute: count(600),
});
export type GateLimits = z.infer<typeof GateLimits>;

const Port = z.int().min(1).max(65535);

/** Settings of the gate: one JSON value, `GATE_ENV`. The defaults are those of a VM. */
export const GateEnv = z.strictObject({
  /** The addresses that the listeners for encoders and players bind. */
  host: z.union([z.ipv4(), z.ipv6()]).default('0.0.0.0'),
  /** RTMP as it comes. */
  rtmpPort: Port.default(1935),
  /** RTMP behind a load balancer that says by PROXY protocol (1 or 2) who connects; absent: there is none. */
  proxyPort: Port.optional(),
  /** The port on 127.0.0.1 where SRS accepts RTMP. */
  srsPort: Port.default(11_935),
  /** Metrics, and who stands behind an address of `sources.ts`; on 127.0.0.1. */
  statusPort: Port.default(8087),
  /** True if each session connects to SRS from an address of its own, of 127.64.0.0/10: only Linux has all of them. */
  sourceAddresses: z.boolean().default(true),
  limits: GateLimits.prefault({}),
});
export type GateEnv = z.infer<typeof GateEnv>;

/** The answer of `ROUTES.gate.client`: who stands behind an address that SRS shows. */
export const GateClient = z.object({ address: z.union([z.ipv4(), z.ipv6()]) });

/** The local address from which the gate connects to SRS. */
export const GATE_SOURCES = '127.64.0.0/10';
