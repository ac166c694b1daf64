import type { HlsRule } from './config';
import type { Frame } from './frames';
import { SegmentWriter } from './transport-stream';

/** The receiver of segments. `open` comes before the first `write`, `close` after the last. */
export interface SegmentSink {
  open(): void;
  write(packets: Buffer): void;
  close(durationMs: number): void;
}

/** SRS never cuts below this: twice SRS_HLS_SEGMENT_MIN_DURATION. */
const LEAST_MS = 200;

/**
 * Cuts where SRS 6.0.157 does, oddities of its count included: a key frame begins a segment once `fragmentMs` are full;
 * without one, sound does once `absoluteMs` are. The count goes from the earliest time stamp to the newest
 * (`SrsFragment::append`), so a clock that jumps is in it, and sound whose configuration never came holds it at its
 * first time stamp.
 */
export class SegmentCutter {
  private start: number | undefined;
  private durationMs = 0;
  private writer = new SegmentWriter();
  private isEmpty = true;
  /** `SrsTsMessageCache::audio`: kept while it has nothing to write. */
  private unheard: number | undefined;

  constructor(
    private readonly sink: SegmentSink,
    private readonly rule: Pick<HlsRule, 'fragmentMs' | 'absoluteMs'>,
  ) {
    sink.open();
  }

  push(frame: Frame): void {
    const hasSound = frame.kind === 'audio' && frame.payload.length > 0;
    if (frame.kind === 'audio') this.unheard ??= frame.dts;
    const dts = frame.kind === 'audio' ? (this.unheard ?? frame.dts) : frame.dts;
    if (hasSound) this.unheard = undefined;
    this.count(dts);
    if (this.isFull(frame)) this.next();
    if (frame.payload.length > 0) this.write({ ...frame, dts, pts: frame.pts - frame.dts + dts });
  }

  /** Ends the stream, and its last segment. */
  end(): void {
    this.sink.close(this.durationMs);
  }

  private isFull({ kind, keyFrame }: Frame): boolean {
    const { fragmentMs, absoluteMs } = this.rule;
    if (this.durationMs < LEAST_MS) return false;
    return kind === 'video' ? keyFrame && this.durationMs >= fragmentMs : this.durationMs >= absoluteMs;
  }

  private next(): void {
    this.end();
    this.start = undefined;
    this.durationMs = 0;
    this.writer = new SegmentWriter();
    this.isEmpty = true;
    this.sink.open();
  }

  private write(frame: Frame): void {
    this.count(frame.dts);
    const packets = this.writer.frame(frame);
    this.sink.write(this.isEmpty ? Buffer.concat([this.writer.tables(), packets]) : packets);
    this.isEmpty = false;
  }

  private count(dts: number): void {
    this.start = Math.min(this.start ?? dts, dts);
    this.durationMs = dts - this.start;
  }
}
