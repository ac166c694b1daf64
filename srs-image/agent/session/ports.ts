import type { StreamId } from '../../../functions/contract/ids';
import type { SessionRef } from '../../../functions/contract/objects/layout';
import type { SessionRecord, SessionState } from './session-state';

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

/**
 * The folder SRS writes HLS to. Synchronous: it is memory or a local disk, and what is linked before the answer is
 * safe.
 */
export interface SegmentFolder {
  /** Closed segments of a stream, in the order they were opened. */
  list(streamId: StreamId): SegmentFile[];
  /**
   * The file a hook names: only a real segment in this stream's own folder, else `outside`; `gone` when SRS removed it.
   */
  find(streamId: StreamId, cwd: string, file: string): SegmentFile | 'outside' | 'gone';
}

export type { SessionRef };

/**
 * The agent's own disk: what waits for upload, and what must outlive the process. Synchronous, as `SegmentFolder` is.
 */
export interface Spool {
  /**
   * Every session on disk. A torn last line is dropped; files that wait for nothing are removed. One that cannot be
   * loaded is told to `unreadable`, stays where it is, and keeps no other from being loaded.
   */
  load(unreadable: (ref: SessionRef, error: unknown) => void): SessionState[];
  /** Adds a line to the session's journal. */
  append(ref: SessionRef, record: SessionRecord): void;
  /** Replaces the journal by one line, at once or not at all. */
  replace(ref: SessionRef, state: SessionState): void;
  /** Hard-links a segment, so that it stays when SRS removes it. False if it is gone already. */
  link(ref: SessionRef, index: number, path: string): boolean;
  /** Reads a segment that was linked; `undefined` when its file is not there any more. */
  read(ref: SessionRef, index: number): Uint8Array | undefined;
  /** Puts other bytes in the place of a linked segment; SRS's own file stays as it is. */
  write(ref: SessionRef, index: number, bytes: Uint8Array): void;
  unlink(ref: SessionRef, index: number): void;
  /** Removes the session with everything it left. */
  remove(ref: SessionRef): void;
}
