import type {
  EndPlays,
  FinalSession,
  NodeMetadata,
  NodePlays,
  NodeRefusal,
  RtcAnswer,
  RtcEnd,
  RtcEnded,
  RtcOffer,
} from '../contract/hooks/media';
import type { HealthMinute } from '../contract/hooks/session-health';
import type { StreamId } from '../contract/ids';

type NodeRefused = { kind: 'refused' } & NodeRefusal;

/** Agents of nodes, by the URL in their heartbeats. Everything rejects when a node does not answer in time. */
export interface MediaNodes {
  offer(agentUrl: string, offer: RtcOffer): Promise<{ kind: 'answered'; answer: RtcAnswer } | NodeRefused>;
  end(agentUrl: string, end: RtcEnd): Promise<({ kind: 'ended' } & RtcEnded) | NodeRefused>;
  /**
   * Nothing follows the session: its publisher is ended, and viewers' playlists end with it. False if the node no
   * longer knows it.
   */
  finalSession(agentUrl: string, session: FinalSession): Promise<boolean>;
  /** Adds timed metadata to the session: its next segment carries it. */
  addMetadata(agentUrl: string, metadata: NodeMetadata): Promise<{ kind: 'added' } | NodeRefused>;
  /** Returns who plays the stream from this node. */
  plays(agentUrl: string, streamId: StreamId): Promise<NodePlays['plays']>;
  /** Returns the last hour of the stream, as the node measured it; empty where it had none of it. */
  health(agentUrl: string, streamId: string): Promise<HealthMinute[]>;
  /** Ends those; how many there were. */
  endPlays(agentUrl: string, which: EndPlays): Promise<number>;
}
