import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { HlsRule } from './config';
import { keptInWindow, srsPlaylist, type WindowSegment } from './hls-window';
import type { HlsSegment } from './hooks';
import type { SegmentSink } from './segment-cutter';

/** SRS_HLS_SEGMENT_MIN_DURATION: a shorter one is dropped and its number used again. */
const MIN_MS = 100;
/** A segment longer than this many fragments is dropped too: its clock jumped by hours. */
const MAX_FRAGMENTS = 3000;
const PLAYLIST = 'live.m3u8';

/**
 * The HLS files of one stream, named as in `srs.conf`: `<timestamp>-<seq>.ts` and `live.m3u8`. Its numbers go on over a
 * republish. Writes are synchronous, as SRS's are: the order of the files on disk is the order of the stream.
 */
export class HlsFolder implements SegmentSink {
  private segments: readonly WindowSegment[] = [];
  private number = 0;
  private discontinuity = true;
  private current: { name: string; handle: number } | undefined;
  private onSegment: (segment: HlsSegment) => void = () => undefined;

  /** `url` is the folder below `hlsRoot`, `<app>/<stream>`. */
  constructor(
    private readonly hlsRoot: string,
    private readonly url: string,
    private readonly rule: HlsRule,
  ) {}

  /** Begins with a new publisher; `onSegment` is called for each segment, when the playlist on disk has it. */
  begin(onSegment: (segment: HlsSegment) => void): void {
    this.onSegment = onSegment;
    this.discontinuity = true;
    mkdirSync(this.path(''), { recursive: true });
  }

  open(): void {
    const name = `${Date.now()}-${this.number}.ts`;
    this.current = { name, handle: openSync(this.path(`${name}.tmp`), 'w') };
  }

  write(packets: Buffer): void {
    if (this.current) writeSync(this.current.handle, packets);
  }

  close(durationMs: number): void {
    if (!this.current) return;
    const { name, handle } = this.current;
    this.current = undefined;
    closeSync(handle);
    if (durationMs < MIN_MS || durationMs > MAX_FRAGMENTS * this.rule.fragmentMs) {
      rmSync(this.path(`${name}.tmp`));
      return;
    }
    renameSync(this.path(`${name}.tmp`), this.path(name));
    this.append({ name, number: this.number, durationMs, discontinuity: this.discontinuity });
    this.discontinuity = false;
    this.number += 1;
  }

  private append(segment: WindowSegment): void {
    const all = [...this.segments, segment];
    this.segments = keptInWindow(all, this.rule.windowMs);
    writeFileSync(this.path(`${PLAYLIST}.temp`), srsPlaylist(this.segments, this.rule.fragmentMs));
    renameSync(this.path(`${PLAYLIST}.temp`), this.path(PLAYLIST));
    for (const { name } of all.slice(0, all.length - this.segments.length)) rmSync(this.path(name), { force: true });
    this.onSegment({
      durationMs: segment.durationMs,
      file: this.path(segment.name),
      url: `${this.url}/${segment.name}`,
      m3u8: this.path(PLAYLIST),
      m3u8_url: `${this.url}/${PLAYLIST}`,
      seq_no: segment.number,
    });
  }

  private path(file: string): string {
    return join(this.hlsRoot, this.url, file);
  }
}
