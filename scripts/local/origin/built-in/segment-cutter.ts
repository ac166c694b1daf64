import type { HlsRule } from './config';
import { accessUnitOf, elapsedMs, PACKET_BYTES, pidOf, programMapPid, videoPid } from './transport-stream';

/** Where segments go. `open` comes before the first `write`, `close` after the last. */
export interface SegmentSink {
  open(): void;
  write(packets: Buffer): void;
  close(durationMs: number): void;
}

/**
 * Cuts a transport stream where SRS would: a key frame begins a segment once `fragmentMs` are full; without one, audio does once
 * `absoluteMs` are. `SrsHlsMuxer::is_segment_overflow` and `is_segment_absolutely_overflow` of 6.0.157.
 */
export class SegmentCutter {
  private rest: Buffer = Buffer.alloc(0);
  private association: Buffer | undefined;
  private map: { pid: number; packet?: Buffer; videoPid?: number } | undefined;
  private segment: { startDts: number; durationMs: number } | undefined;

  constructor(
    private readonly sink: SegmentSink,
    private readonly rule: Pick<HlsRule, 'fragmentMs' | 'absoluteMs'>,
  ) {}

  /** Any number of bytes; what is no whole packet yet waits. */
  push(bytes: Buffer): void {
    const stream = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const end = stream.length - (stream.length % PACKET_BYTES);
    let written = 0;
    for (let at = 0; at < end; at += PACKET_BYTES) {
      const packet = stream.subarray(at, at + PACKET_BYTES);
      this.readTables(packet);
      if (!this.startsSegment(packet)) continue;
      this.write(stream.subarray(written, at));
      written = at;
      this.next(packet);
    }
    this.write(stream.subarray(written, end));
    this.rest = Buffer.from(stream.subarray(end));
  }

  /** The stream is over. */
  end(): void {
    if (this.segment) this.sink.close(this.segment.durationMs);
    this.segment = undefined;
  }

  /** Also counts the segment's duration, as SRS does: from its first frame to the newest, key frame of the next one included. */
  private startsSegment(packet: Buffer): boolean {
    const unit = accessUnitOf(packet);
    if (unit === undefined) return false;
    if (this.segment === undefined) return true;
    const elapsed = elapsedMs(this.segment.startDts, unit.dts);
    if (elapsed < 0) this.segment = { startDts: unit.dts, durationMs: this.segment.durationMs - elapsed };
    else this.segment.durationMs = Math.max(this.segment.durationMs, elapsed);
    const isVideo = unit.pid === this.map?.videoPid;
    if (isVideo) return unit.keyFrame && this.segment.durationMs >= this.rule.fragmentMs;
    return this.segment.durationMs >= this.rule.absoluteMs;
  }

  private next(packet: Buffer): void {
    this.end();
    this.segment = { startDts: accessUnitOf(packet)?.dts ?? 0, durationMs: 0 };
    this.sink.open();
    // The tables once more, byte for byte: 2.4.3.3 allows a packet twice, and a player can begin here.
    for (const table of [this.association, this.map?.packet]) if (table) this.sink.write(table);
  }

  /** What comes before the first frame is kept as tables only. */
  private write(packets: Buffer): void {
    if (this.segment && packets.length > 0) this.sink.write(packets);
  }

  private readTables(packet: Buffer): void {
    const pid = pidOf(packet);
    if (pid === 0) {
      this.association = Buffer.from(packet);
      this.map = { ...this.map, pid: programMapPid(packet) };
    } else if (pid === this.map?.pid) {
      const video = videoPid(packet);
      this.map = { pid, packet: Buffer.from(packet), ...(video === undefined ? {} : { videoPid: video }) };
    }
  }
}
