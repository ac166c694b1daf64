import type { WritePoints } from '../../../functions/adapters/gcp/google/monitoring-points';
import type { AgentEnv } from '../../../functions/contract/env/agent';
import type { Reach } from '../../../functions/contract/hooks/srs';
import type { NodeId, Policy } from '../../../functions/contract/ids';
import type { TokenVerifier } from '../../../functions/ports/identity';
import type { Clock, Log, ObjectStore, RandomId } from '../../../functions/ports/stores';
import type { Peers } from '../cloud/peers';
import type { PackagingJobs } from '../packaging/ports';
import type { PlayNotes } from '../playback/play-notes';
import type { EdgeGates, GateClients, HooksClient, SrsApi, SrsFlv, SrsRtc } from '../runtime/ports';
import type { SegmentFolder, Spool } from '../session/ports';
import type { SettingsInForce } from './settings';

/** Ports and settings the agent of one node is wired from. */
export interface AgentDeps {
  nodeId: NodeId;
  /** Wired once: it stays as it is while the agent runs. */
  env: Pick<AgentEnv, 'segmentSeconds' | 'role' | 'region' | 'flvViewers' | 'playerOrigins'>;
  /** The settings that may change while the agent runs. */
  settings: SettingsInForce;
  /** Verifies ID tokens for this node. */
  verifyToken: TokenVerifier;
  /** The addresses of this node, as in its heartbeats. */
  reach?: Reach;
  /** The address at which media reaches it, if SRS itself does not know. */
  externalAddress?: string | undefined;
  /** The address at which TURN servers reach it, in their own network. */
  relayAddress?: string | undefined;
  hooks: HooksClient;
  srs: SrsApi;
  rtc: SrsRtc;
  flv: SrsFlv;
  peers: Peers;
  /** The way to edges, for an origin. @default this node pushes to none */
  edgeGates?: EdgeGates | undefined;
  /** The clients behind the addresses that SRS shows. @default SRS shows clients' own */
  gate?: GateClients;
  /** Takes the number of publishers, for the autoscaler, and what the gate counts. @default nobody */
  writePoints?: WritePoints;
  /** Makes CMAF and ladders. @default this node has transport streams only */
  packaging?: { jobs: PackagingJobs; ladderCores: number };
  folder: SegmentFolder;
  spool: Spool;
  /** Keeps who was let in to play, for the agent after this one. */
  playNotes: PlayNotes;
  ingest: ObjectStore;
  delivery: (policy: Policy) => ObjectStore;
  clock: Clock;
  randomId: RandomId;
  log: Log;
}
