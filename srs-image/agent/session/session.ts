import type { Log } from '../../../functions/ports/stores';
import { cutWithin, type SegmentPart } from '../inspect/cut-within';
import { heldMsOf, type Probe, probe } from '../inspect/probe';
import { splitAt, straighten } from '../inspect/straighten';
import type { SrsMedia } from '../runtime/ports';
import type { Signal } from '../runtime/signal';
import type { SegmentFile, SessionRef, Spool } from './ports';
import { applyRecord } from './session-events';
import {
  isOpen,
  type MeasuredRendition,
  type PublishedAs,
  pendingOf,
  type SessionClient,
  type SessionRecord,
  type SessionState,
  type UploadedInCmaf,
  type WaitingMetadata,
} from './session-state';
import { isLeftOut, type Offers } from './sighting';
import { nextSegment, type SeenFile, withClockFromBefore } from './timeline';

/** Lines until the journal is written again: a day of a stream would be tens of megabytes on a memory disk. */
const LINES_A_JOURNAL = 1000;

const hasJump = ({ video, audio }: Probe): boolean => (video?.jumps.length ?? 0) + (audio?.jumps.length ?? 0) > 0;

/** Cut at every keyframe: SRS would have done so, had its count of the duration not been confused. */
const atEveryKey = (straight: Uint8Array, { keys, format }: Probe): SegmentPart[] =>
  splitAt(
    straight,
    (format.startsWithKey === true ? keys.slice(1) : keys).map(({ at }) => at),
  ).map((bytes) => ({ bytes }));

/** Reading the packets of more than this would hold up everybody else; it is 10 s at 50 Mbit/s. */
const MAX_BYTES = 64 << 20;

/** Facts about a file that is taken. */
export interface KnownFile extends Omit<SeenFile, 'probe'> {
  /** The tracks its publisher sends; absent: whatever comes is all there is. */
  offers?: Offers | undefined;
  /** The seconds that its segments should round to, where keyframes come when the server asks for them. */
  wantedSeconds?: number | undefined;
}

/** One session and its journal: every change is on disk before anything is done about it. */
export class NodeSession {
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

  /**
   * Takes a closed segment into the spool; `gone` if SRS was quicker, `left_out` if it lacks a track that is still to
   * come. A jump of the clock inside is taken out of its time stamps.
   */
  take(file: SegmentFile, known: KnownFile = {}): 'taken' | 'gone' | 'left_out' {
    const { fallbackMs, srs, offers } = known;
    const { nextIndex, last } = this.current;
    if (!this.spool.link(this.ref, nextIndex, file.path)) return 'gone';
    const bytes = file.bytes > MAX_BYTES ? undefined : this.spool.read(this.ref, nextIndex);
    const seen = bytes && probe(bytes, file.closedAt - file.openedAt);
    if (isLeftOut(this.current, file, seen, offers)) {
      this.spool.unlink(this.ref, nextIndex);
      this.leaveOut(file);
      return 'left_out';
    }
    const carried = seen && withClockFromBefore(this.current.breakNext ? undefined : last, seen);
    const parts = bytes && carried && this.partsOf(file, { bytes, probe: carried }, known);
    if (parts === undefined)
      this.record({ kind: 'taken', segment: nextSegment(this.current, file, { fallbackMs, probe: carried, srs }) });
    else this.takeParts(file, parts, srs);
    return 'taken';
  }

  /** The file as several segments, where SRS cut it too late; `undefined` for one that stays as it is. */
  private partsOf(
    { durationMs }: SegmentFile,
    { bytes, probe }: { bytes: Uint8Array; probe: Probe },
    { fallbackMs, wantedSeconds }: KnownFile,
  ): SegmentPart[] | undefined {
    if (hasJump(probe)) return atEveryKey(straighten(bytes, probe), probe);
    const claimedMs = durationMs ?? fallbackMs;
    if (wantedSeconds === undefined || claimedMs === undefined) return undefined;
    const seconds = Math.max(wantedSeconds, this.current.targetDurationSeconds);
    const parts = cutWithin(bytes, { keys: probe.keys, durationMs: claimedMs, seconds });
    return parts.length > 1 ? parts : undefined;
  }

  /** No look into the folder finds it again. */
  leaveOut({ openedAt }: Pick<SegmentFile, 'openedAt'>): void {
    this.record({ kind: 'left_out', openedAt });
  }

  /** Takes a file that SRS cut too late, as segments of the usual length. */
  private takeParts(file: SegmentFile, parts: readonly SegmentPart[], srs: SrsMedia | undefined): void {
    let openedAt = file.openedAt;
    for (const each of parts) {
      const { bytes } = each;
      const index = this.current.nextIndex;
      this.spool.write(this.ref, index, bytes);
      const seen = probe(bytes, file.closedAt - file.openedAt);
      const isLast = each === parts.at(-1);
      const durationMs = each.durationMs ?? (seen && heldMsOf(seen));
      const closedAt = isLast ? file.closedAt : Math.min(file.closedAt, openedAt + (durationMs ?? 0));
      const part = { ...file, openedAt, closedAt, bytes: bytes.length, ...(durationMs && { durationMs }) };
      this.record({ kind: 'taken', segment: nextSegment(this.current, part, { probe: seen, srs }) });
      openedAt = closedAt;
    }
  }

  /** The first one that waits is in the delivery bucket; of one that was reported before nothing changes. */
  uploaded(index: number, packaged?: UploadedInCmaf): void {
    if (pendingOf(this.current)[0]?.index !== index) return;
    this.record({ kind: 'uploaded', ...(packaged && { packaged }) });
    if (packaged?.segment.rungs !== 'wait') this.spool.unlink(this.ref, index);
  }

  /** The rungs of an uploaded segment are there, as `inits` says, or will never be. */
  settledRungs(
    index: number,
    made: { inits: Readonly<Record<string, string>>; renditions: readonly MeasuredRendition[] },
  ): void {
    this.record({ kind: 'rungs', index, inits: { ...made.inits }, renditions: [...made.renditions] });
    this.spool.unlink(this.ref, index);
  }

  /** Drops the second waiting segment, because the upload of the first may have begun. False if there is none. */
  dropOldest(log: Log): boolean {
    const segment = pendingOf(this.current)[1];
    if (segment === undefined) return false;
    this.record({ kind: 'dropped', index: segment.index });
    this.spool.unlink(this.ref, segment.index);
    log.error('segment_dropped', {
      ...this.ref,
      file: segment.file,
      bytes: segment.bytes,
      reason: 'the spool is full',
    });
    return true;
  }

  /** Notes that the next segment to upload is no longer in the spool, so that it is lost. */
  vanished(index: number): void {
    this.record({ kind: 'vanished', index });
  }

  /** Nothing follows it: its broadcast was stopped. Again: nothing. */
  makeFinal(): void {
    if (this.current.final !== true) this.record({ kind: 'final' });
  }

  /** Timed metadata for the next segment. */
  addMetadata(metadata: WaitingMetadata): void {
    this.record({ kind: 'metadata', metadata });
  }

  /** Another connection goes on in this session. */
  resume(client: SessionClient, publishedAs: PublishedAs): void {
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
