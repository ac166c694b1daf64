import type { Log } from '../../functions/core/ports';
import type { SegmentFile, SessionRef, Spool } from './ports';
import { applyRecord } from './session-events';
import { type Client, isOpen, type PublishedAs, pendingOf, type SessionRecord, type SessionState } from './session-state';
import type { Signal } from './signal';
import { nextSegment } from './timeline';

/** Lines until the journal is written anew: a day of a stream would be tens of megabytes on a memory disk. */
const LINES_A_JOURNAL = 1000;

/** One session and its journal: every change is on disk before anything is done about it. */
export class Session {
  readonly ref: SessionRef;
  private current: SessionState;
  private lines = 0;

  /** The journal exists already. */
  constructor(
    state: SessionState,
    private readonly spool: Spool,
    /** Told after each change. */
    readonly changed: Signal,
  ) {
    this.current = state;
    this.ref = { streamId: state.grant.streamId, sessionId: state.grant.sessionId };
  }

  get state(): SessionState {
    return this.current;
  }

  get open(): boolean {
    return isOpen(this.current);
  }

  get pendingBytes(): number {
    return pendingOf(this.current).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  record(record: SessionRecord): void {
    const next = applyRecord(this.current, record);
    if (this.lines >= LINES_A_JOURNAL) this.spool.replace(this.ref, next);
    else this.append(record);
    this.lines = this.lines >= LINES_A_JOURNAL ? 0 : this.lines + 1;
    this.current = next;
    this.changed.notify();
  }

  /** Takes a closed segment into the spool; `gone` if SRS was quicker. `fallbackMs`: its duration where SRS's playlist has none. */
  take(file: SegmentFile, fallbackMs?: number): 'taken' | 'gone' {
    const segment = nextSegment(this.current, file, fallbackMs);
    if (!this.spool.link(this.ref, segment.index, file.path)) return 'gone';
    this.record({ kind: 'taken', segment });
    return 'taken';
  }

  /** The first one that waits is in the delivery bucket; of one that was reported before nothing changes. */
  uploaded(index: number): void {
    if (pendingOf(this.current)[0]?.index !== index) return;
    this.record({ kind: 'uploaded' });
    this.spool.unlink(this.ref, index);
  }

  /** Gives up the second one that waits: the upload of the first may have begun. False if there is none. */
  dropOldest(log: Log): boolean {
    const segment = pendingOf(this.current)[1];
    if (segment === undefined) return false;
    this.record({ kind: 'dropped', index: segment.index });
    this.spool.unlink(this.ref, segment.index);
    log.error('segment_dropped', { ...this.ref, file: segment.file, bytes: segment.bytes, reason: 'the spool is full' });
    return true;
  }

  /** The next one to upload is no longer in the spool: nobody will ever have it. */
  vanished(index: number): void {
    this.record({ kind: 'vanished', index });
  }

  /** Another connection goes on in this session. */
  resume(client: Client, publishedAs: PublishedAs): void {
    this.record({ kind: 'resumed', client, publishedAs });
  }

  private append(record: SessionRecord): void {
    try {
      this.spool.append(this.ref, record);
    } catch (error) {
      // A line that was cut off by a full disk would end the journal for the next start.
      this.lines = LINES_A_JOURNAL;
      throw error;
    }
  }
}
