import { z } from 'zod';
import { NodeId } from '../ids';
import { FlvViewers, SessionWindowSeconds } from '../limits';
import { WebOrigin } from '../web-origin';

/** Settings that differ from VM to VM: process environment, set at boot from the VM's own metadata. */
export const AgentNodeEnv = z.object({
  /** Instance name; SRS gets the same as `SRS_SERVER_ID`. */
  NODE_ID: NodeId,
  /** Own address in the VPC. */
  NODE_ADDRESS: z.ipv4(),
  /**
   * The address that the public listener binds: probes of a passthrough load balancer go to its shared address.
   * @default NODE_ADDRESS
   */
  LISTEN_ADDRESS: z.ipv4().optional(),
  /** Own address in the internet, for media by UDP; absent where `NODE_ADDRESS` is as good. */
  NODE_EXTERNAL_ADDRESS: z.ipv4().optional(),
  /** The JSON of `AgentEnv`. */
  AGENT_ENV: z.string().min(2),
  /** That it comes from the VM's metadata, where it is watched for changes; absent: it stays what it is. */
  AGENT_ENV_WATCHED: z.literal('true').optional(),
});

export type AgentNodeEnv = z.infer<typeof AgentNodeEnv>;

/**
 * Paths of the packaging programs, and the number of cores that ladders may use in all. A node without `ffmpeg` makes
 * no ladder.
 */
export const AgentPackaging = z.strictObject({
  packager: z.string().startsWith('/'),
  ffmpeg: z.string().startsWith('/').optional(),
  ladderCores: z.number().min(0).max(1024),
});
export type AgentPackaging = z.infer<typeof AgentPackaging>;

/**
 * Settings that all nodes of a role share: one JSON value (instance metadata `agent-env`), rendered once by infra,
 * parsed at boot. Times in seconds, sizes in bytes.
 */
export const AgentEnv = z.strictObject({
  role: z.enum(['origin', 'edge']),
  /** The region of its VM, such as `europe-west1`; absent: the node names none. */
  region: z.string().min(1).max(64).optional(),
  /** Base URL of srs-hooks; also the audience of the ID token. */
  hooksUrl: z.url(),
  /** SRS's HTTP API on 127.0.0.1. */
  srsApiUrl: z.url(),
  /** SRS's web server on 127.0.0.1, for HTTP-FLV; absent: this SRS has none. */
  srsHttpUrl: z.url().optional(),
  /** The gate's listener on 127.0.0.1, which knows who stands behind an address SRS shows; absent: there is no gate. */
  gateUrl: z.url().optional(),
  /** The port on the node's external address where SRS accepts SRT; absent: it does not. */
  srtPort: z.int().min(1).max(65535).optional(),
  /** The port of an edge's gate, where origins push; absent: none does. */
  pushPort: z.int().min(1).max(65535).optional(),
  /** Folder SRS writes HLS to; the agent refuses files outside it. */
  hlsRoot: z.string().startsWith('/'),
  /** Folder of the spool: same mount and uid as `hlsRoot`, because segments are hard-linked. */
  spoolRoot: z.string().startsWith('/'),
  ingestBucket: z.string().min(1),
  openBucket: z.string().min(1),
  gatedBucket: z.string().min(1),
  /** Port of the listener for SRS, on 127.0.0.1. */
  hooksPort: z.int().min(1).max(65535),
  /** Port of the listener on the VPC address. */
  publicPort: z.int().min(1).max(65535),
  heartbeatSeconds: z.number().min(0.2).max(10),
  /** Length of a session playlist without a DVR window. */
  sessionWindowSeconds: SessionWindowSeconds,
  /** Programs that make CMAF and ladders; absent: this node has neither, and packages nothing. */
  packaging: AgentPackaging.optional(),
  /** The length to which SRS cuts segments, for judging keyframe intervals. */
  segmentSeconds: z.number().min(1).max(10).default(2),
  /** The time that publishers may stay on a draining node before they are sent to another one, a few at a time. */
  evacuateAfterSeconds: z.int().min(0).max(86_400).default(1800),
  /** The spool never grows beyond this. */
  spoolLimitBytes: z.int().min(1 << 20),
  /**
   * Uploads side by side. One of 1 MB takes some 0.1 s: enough for 300 streams with 2 s segments, and bounded memory.
   */
  uploadsAtOnce: z.int().min(1).max(256).default(32),
  /** HTTP-FLV viewers at a time. */
  flvViewers: FlvViewers.default({ perNode: 500, perStream: 500, perAddress: 12 }),
  /** Web origins whose pages may read media of this node, where a stream names none. */
  playerOrigins: z.array(z.union([z.literal('*'), WebOrigin])).default(['*']),
  /** Service accounts of nodes: what one of them passes on is answered. */
  peers: z.array(z.email()).default([]),
  /** Lines below it are not written. */
  logLevel: z.enum(['info', 'warn', 'error']).default('info'),
  /** One machine only: stand-ins for Cloud Storage and the metadata server. */
  storageApiEndpoint: z.url().optional(),
  /**
   * The endpoint to which `PUBLISHERS_METRIC` and `NODE_METRICS` are written. With one machine only it is absent,
   * because nobody reads them.
   */
  monitoringApiEndpoint: z.union([z.url(), z.literal('none')]).default('https://monitoring.googleapis.com'),
  /** Service accounts whose ID tokens the public listener takes; without one only probes are answered there. */
  callers: z.array(z.email()).default([]),
  /** Keys of Google's ID tokens. */
  jwksUrl: z.url().default('https://www.googleapis.com/oauth2/v3/certs'),
  metadataUrl: z.url().default('http://metadata.google.internal'),
});
export type AgentEnv = z.infer<typeof AgentEnv>;

/** The agent's public listener as its callers name it: base URL, and audience of their ID tokens. */
export const agentUrl = (address: string, publicPort: number): string => `http://${address}:${publicPort}`;

/**
 * Seconds after which a node that said nothing counts as gone: at most 30 s after a death a stream is no longer live.
 */
export const NODE_LOST_SECONDS = 20;

/**
 * Metric in Cloud Monitoring that a group of nodes grows by: a gauge, the sessions that publish to the node, on the
 * monitored resource `gce_instance` of the VM itself. The agent writes it, infra's autoscaler reads it.
 * https://cloud.google.com/compute/docs/autoscaler/scaling-cloud-monitoring-metrics
 */
export const PUBLISHERS_METRIC = 'custom.googleapis.com/srs_live/publishers';
/** The same for the group of edges: a gauge, the connections that play from the node. */
export const VIEWERS_METRIC = 'custom.googleapis.com/srs_live/viewers';
