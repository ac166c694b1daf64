import type { Readable } from 'node:stream';
import type { GrantedPlay } from '../../../functions/app/grants/right-to-play';
import type { RtcKind } from '../../../functions/contract/hooks/media';
import type { SessionGrant } from '../../../functions/contract/hooks/srs';
import type { SessionId, StreamId } from '../../../functions/contract/ids';
import type { SessionRecord, SessionState } from '../session/session-state';

/** What SRS says of a publisher's tracks; a track that is not there is absent. Sizes in pixels. */
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
}

/** SRS's HTTP API. Both reject when SRS does not answer. */
export interface SrsApi {
  /** Every stream, and the id of this run of SRS. */
  streams(): Promise<{ serviceId: string; streams: readonly SrsStream[] }>;
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

/** SRS's HTTP-FLV: media without end. Rejects as `SrsRtc` does. `undefined`: there is none. */
export interface SrsFlv {
  play(play: { streamId: StreamId; secret?: string; ticket: string }): Promise<Readable | undefined>;
}

/** The gate in front of SRS. Rejects when it does not answer; `undefined`: it knows nobody behind that address. */
export interface GateClients {
  clientOf(source: string): Promise<string | undefined>;
}

/** srs-hooks over HTTP: one try. Rejects when there is no answer in time; the body is `undefined` when it is not JSON. */
export interface HooksClient {
  post(path: string, body: object): Promise<{ status: number; body: unknown }>;
}

/** A segment SRS has closed. Times in milliseconds since the epoch. */
export interface SegmentFile {
  name: string;
  path: string;
  seqNo: number;
  openedAt: number;
  closedAt: number;
  bytes: number;
  /** From SRS's own playlist, where it is listed. */
  durationMs?: number;
}

/** The folder SRS writes HLS to. Synchronous: it is memory or a local disk, and what is linked before the answer is safe. */
export interface SegmentFolder {
  /** Closed segments of a stream, in the order they were opened. */
  list(streamId: StreamId): SegmentFile[];
  /** The file a hook names: only a real segment in this stream's own folder, else `outside`; `gone` when SRS removed it. */
  find(streamId: StreamId, cwd: string, file: string): SegmentFile | 'outside' | 'gone';
}

export interface SessionRef {
  streamId: StreamId;
  sessionId: SessionId;
}

/** The agent's own disk: what waits for upload, and what must outlive the process. Synchronous, as `SegmentFolder` is. */
export interface Spool {
  /**
   * Every session on disk. A torn last line is dropped; files that wait for nothing are removed. One that cannot be loaded is told
   * to `unreadable`, stays where it is, and keeps no other from being loaded.
   */
  load(unreadable: (ref: SessionRef, error: unknown) => void): SessionState[];
  /** Adds a line to the session's journal. */
  append(ref: SessionRef, record: SessionRecord): void;
  /** Replaces the journal by one line, at once or not at all. */
  replace(ref: SessionRef, state: SessionState): void;
  /** Hard-links a segment, so that it stays when SRS removes it. False if it is gone already. */
  link(ref: SessionRef, index: number, path: string): boolean;
  read(ref: SessionRef, index: number): Uint8Array;
  /** Puts other bytes in the place of a linked segment; SRS's own file stays as it is. */
  write(ref: SessionRef, index: number, bytes: Uint8Array): void;
  unlink(ref: SessionRef, index: number): void;
  /** Removes the session with everything it left. */
  remove(ref: SessionRef): void;
}

/** What the cloud says to a hook. `away`: nobody answered in time. */
export type HookVerdict =
  | { kind: 'accepted'; session?: SessionGrant; play?: GrantedPlay }
  | {
      kind: 'refused';
      error: string;
      message: string;
      /** How long the client is to wait for this, because somebody guesses. */
      holdMs?: number | undefined;
    }
  | { kind: 'away'; message: string };
