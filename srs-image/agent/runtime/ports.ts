import type { Readable } from 'node:stream';
import type { GrantedPlay } from '../../../functions/app/grants/right-to-play';
import type { PlayKind, RtcKind } from '../../../functions/contract/hooks/media';
import type { PushedSession, SessionGrant } from '../../../functions/contract/hooks/srs';
import type { StreamId } from '../../../functions/contract/ids';
import type { SessionEncryption } from '../../../functions/contract/objects/encryption';
import type { FlvTag } from '../../../functions/core/low-latency/flv';

/** Tracks of a publisher, as SRS has them; a track that is not there is absent. Sizes in pixels. */
export interface SrsMedia {
  video?: { codec: string; width: number; height: number };
  audio?: { codec: string; profile: string };
}

/** A stream SRS knows; it stays listed for a while after its publisher left, with `active` false. */
export interface SrsStream {
  app: string;
  name: string;
  active: boolean;
  /** The publisher's client id. */
  clientId: string;
  media: SrsMedia;
  /** Bytes since SRS knows the stream: from its publishers, and to whom SRS serves itself. */
  receivedBytes: number;
  sentBytes: number;
  /** Bit/s sent of it, over 30 s; absent: this SRS does not say. */
  sentBps?: number;
}

/** A connection that plays, as SRS lists it. */
export interface SrsPlayer {
  clientId: string;
  streamId: StreamId;
  kind: PlayKind;
  /** Time that it has been there. */
  playedMs: number;
}

/** SRS's HTTP API. All of it rejects when SRS does not answer. */
export interface SrsApi {
  /** Every stream, and the id of this run of SRS. */
  streams(): Promise<{ serviceId: string; streams: readonly SrsStream[] }>;
  /** Everybody who plays a stream of ours, and the id of this run of SRS. */
  players(): Promise<{ serviceId: string; players: readonly SrsPlayer[] }>;
  /** Ends a connection; one that is gone already is fine. */
  kick(clientId: string): Promise<void>;
}

/** A WebRTC offer for SRS. `ticket`: comes back in the hook's `param`. */
export interface SrsOffer {
  kind: RtcKind;
  streamId: StreamId;
  secret?: string;
  /** The client's. */
  address: string;
  ticket: string;
}

/** SRS's WHIP and WHEP. Rejects when it closes the connection without an answer, as it does when a hook refuses. */
export interface SrsRtc {
  offer(offer: SrsOffer, sdp: string): Promise<{ kind: 'answered'; sdp: string } | { kind: 'failed'; status: number }>;
}

/** SRS's HTTP-FLV, a response without an end. Rejects as `SrsRtc` does. `undefined`: SRS has no such stream. */
export interface SrsFlv {
  /** Rejects when SRS does not play it; `undefined`: it has no HTTP-FLV. */
  play(play: {
    streamId: StreamId;
    secret?: string;
    ticket: string;
    /** Ends the wait for the first media. */
    signal?: AbortSignal;
  }): Promise<Readable | undefined>;
}

/** The gate of an edge, and the right to push one stream there once. */
export interface EdgeTarget {
  host: string;
  port: number;
  streamId: StreamId;
  token: string;
  /** Ends the connection, or the wait for it. */
  signal: AbortSignal;
}

/** A connection that publishes one stream to an edge. */
export interface EdgeConnection {
  /** Sends tags in their order. An edge that does not keep up ends the connection. */
  send(tags: readonly FlvTag[]): void;
  /** Resolves with the reason, once the connection is over. */
  readonly ended: Promise<string>;
  close(): void;
}

/** Edges' gates. Rejects when the edge does not answer, or does not let the stream in. */
export interface EdgeGates {
  publish(target: EdgeTarget): Promise<EdgeConnection>;
}

/** The gate in front of SRS. Rejects when it does not answer; `undefined`: it has no client behind that address. */
export interface GateClients {
  clientOf(source: string): Promise<string | undefined>;
  /** Its counters, in Prometheus's text format. */
  metrics(): Promise<string>;
}

/**
 * srs-hooks over HTTP: one try. Rejects when there is no answer in time; the body is `undefined` when it is not JSON.
 */
export interface HooksClient {
  post(path: string, body: object): Promise<{ status: number; body: unknown }>;
}

/** The answer of srs-hooks to a hook. `away`: there was no answer in time. */
export type HookVerdict =
  | {
      kind: 'accepted';
      session?: SessionGrant;
      /** The encryption of that session; absent: its segments are in the clear. */
      encryption?: SessionEncryption;
      play?: GrantedPlay;
      /** The session that an origin pushes to this edge. */
      push?: PushedSession;
      /** Web origins whose pages may read what a viewer gets; absent: those of the environment. */
      allowedOrigins?: readonly string[];
    }
  | {
      kind: 'refused';
      error: string;
      message: string;
      /** The time that the client must wait for this, because somebody guesses. */
      holdMs?: number | undefined;
    }
  | { kind: 'away'; message: string };
