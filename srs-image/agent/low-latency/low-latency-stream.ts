import type { DateRange, RenditionAttributes } from '../../../functions/contract/objects/metadata';
import { defined } from '../../../functions/core/defined';
import type { Cut, CutPart } from '../../../functions/core/low-latency/cutter';
import type { FlvMedia } from '../../../functions/core/low-latency/flv';
import {
  applyCut,
  beginning,
  formatLowLatency,
  type LowLatencyState,
  newestMs,
  withRanges,
} from '../../../functions/core/low-latency/playlist';
import { decideReload, type Reload } from '../../../functions/core/low-latency/reload';
import type { Clock } from '../../../functions/ports/stores';
import { type PictureSize, pictureSizeOf } from '../inspect/h264';
import type { WaitingMetadata } from '../session/session-state';
import type { HeldRequests } from './held-requests';

export interface LowLatencyStreamDeps {
  clock: Clock;
  /** Requests that are held on this node, all streams together. */
  held: HeldRequests;
}

/** Size of the pictures that an avcC record's first parameter set describes. */
export const sizeOfConfig = (avcC: Uint8Array): PictureSize | undefined =>
  pictureSizeOf(avcC.subarray(8, 8 + ((avcC[6] ?? 0) << 8) + (avcC[7] ?? 0)));

/** Text of a playlist; `wasHeld`: it answers that request alone, and never changes again. */
export type PlaylistAnswer =
  | { kind: 'playlist'; text: string; wasHeld: boolean }
  | { kind: 'refused'; reason: string }
  | { kind: 'none' }
  | { kind: 'late' }
  | { kind: 'full' };

/** Segments whose bytes are kept behind the window: a player may still ask for what it saw (rfc8216bis 6.2.2). */
const KEPT_BEHIND = 7;
/** Three target durations of two seconds; the request of a stuck stream ends then (rfc8216bis 6.2.5.2). */
const HOLD_MS = 6000;

/** Media of one stream in memory: its playlist's versions, its parts and segments, and who waits for the next. */
export class LowLatencyStream {
  private state: LowLatencyState = beginning(0);
  private readonly parts = new Map<number, CutPart[]>();
  private readonly inits = new Map<string, Uint8Array>();
  private texts: { plain?: string | undefined; skip?: string | undefined } = {};
  private readonly waiting = new Set<() => void>();
  private readonly marks: DateRange[] = [];
  /** Timed metadata that came before any date was known, by its distance from the first segment's beginning. */
  private readonly early: (Omit<DateRange, 'startMs'> & { offsetMs: number })[] = [];
  private peakBps = 0;
  private readonly codecs = new Map<'video' | 'audio', string>();
  private size: { width: number; height: number } | undefined;

  constructor(private readonly deps: LowLatencyStreamDeps) {}

  /** True once there is a playlist. */
  get hasBegun(): boolean {
    return this.state.segments.length > 0;
  }

  get isOver(): boolean {
    return this.state.ended;
  }

  /** Attributes for a multivariant playlist; `bandwidth` is the highest of a segment so far, in bit/s. */
  get attributes(): RenditionAttributes {
    const codecs = (['video', 'audio'] as const).flatMap((track) => this.codecs.get(track) ?? []).join(',');
    return { bandwidth: Math.max(1, this.peakBps), ...(codecs !== '' && { codecs }), ...this.size };
  }

  /** Notes what a decoder's configuration says of its track (RFC 6381, 3.3). */
  describe({ kind, bytes }: Extract<FlvMedia, { kind: 'avc-config' | 'aac-config' }>): void {
    if (kind === 'aac-config') return void this.codecs.set('audio', `mp4a.40.${(bytes[0] ?? 0) >> 3}`);
    this.codecs.set('video', `avc1.${Buffer.from(bytes.subarray(1, 4)).toString('hex')}`);
    const size = sizeOfConfig(bytes);
    this.size = size && { width: size.width, height: size.height };
  }

  /** The target duration, which never changes; `undefined` before the first segment. */
  get targetSeconds(): number | undefined {
    return this.hasBegun ? this.state.targetDurationSeconds : undefined;
  }

  /** Takes what was cut at one moment as one version of the playlist. */
  apply(cuts: readonly Cut[]): void {
    if (cuts.length === 0 || this.state.ended) return;
    for (const cut of cuts) {
      if (cut.kind === 'init') this.inits.set(cut.name, cut.bytes);
      if (cut.kind === 'part') this.keep(cut.part);
      if (cut.kind === 'segment') this.measure(cut.durationMs);
      this.state = applyCut(this.state, cut);
    }
    const from = this.state.segments[0]?.programDateTimeMs;
    const early = from === undefined ? [] : this.early.splice(0);
    const begun = early.map(({ offsetMs, ...range }) => ({ ...range, startMs: Math.round((from ?? 0) + offsetMs) }));
    this.state = withRanges(this.state, [...begun, ...this.marks.splice(0)]);
    this.forget();
    this.changed();
  }

  /** Timed metadata, which begins now: the next version of the playlist has it. */
  mark({ id, durationMs, data }: Omit<WaitingMetadata, 'at'>): void {
    const startMs = newestMs(this.state);
    const message = { id, ...defined({ durationMs }), data };
    if (startMs !== undefined) this.marks.push({ ...message, startMs });
    else
      this.early.push({ ...message, offsetMs: this.state.open.parts.reduce((sum, part) => sum + part.durationMs, 0) });
  }

  /** Nothing follows: the playlist gets its ENDLIST. */
  end(): void {
    this.state = { ...this.state, ended: true };
    this.changed();
  }

  /** The playlist at or after what the request asks for; held until it is there. */
  async playlist(reload: Reload, gone: AbortSignal): Promise<PlaylistAnswer> {
    const decide = () => decideReload(this.state, reload);
    const first = decide();
    if (first.kind === 'refuse') return { kind: 'refused', reason: first.reason };
    const outcome = first.kind === 'hold' ? await this.hold(() => decide().kind !== 'hold', gone) : 'there';
    if (outcome !== 'there') return { kind: outcome };
    const text = this.text(reload.skip);
    return text === undefined ? { kind: 'none' } : { kind: 'playlist', text, wasHeld: first.kind === 'hold' };
  }

  /** A part or a whole segment; the part that the playlist hints at is waited for. */
  async file(msn: number, part: number | undefined, gone: AbortSignal): Promise<Uint8Array | 'none' | 'full'> {
    const { open } = this.state;
    if (part !== undefined && msn === open.msn && part === open.parts.length && !this.state.ended) {
      const outcome = await this.hold(() => this.state.ended || this.bytes(msn, part) !== undefined, gone);
      if (outcome === 'full') return 'full';
    }
    return this.bytes(msn, part) ?? 'none';
  }

  init(name: string): Uint8Array | undefined {
    return this.inits.get(name);
  }

  private bytes(msn: number, part: number | undefined): Uint8Array | undefined {
    const parts = this.parts.get(msn);
    if (part !== undefined) return parts?.[part]?.bytes;
    const isWhole = msn < this.state.open.msn;
    return parts !== undefined && isWhole ? Buffer.concat(parts.map(({ bytes }) => bytes)) : undefined;
  }

  /** Waits until `isThere`, at most `HOLD_MS`, and only while the node holds fewer requests than it may. */
  private async hold(isThere: () => boolean, gone: AbortSignal): Promise<'there' | 'late' | 'full'> {
    const leave = this.deps.held.take();
    if (leave === undefined) return 'full';
    const over = new AbortController();
    const look = () => {
      if (isThere()) over.abort();
    };
    this.waiting.add(look);
    try {
      await this.deps.clock.sleep(HOLD_MS, AbortSignal.any([over.signal, gone]));
      return isThere() ? 'there' : 'late';
    } finally {
      this.waiting.delete(look);
      leave();
    }
  }

  private keep(part: CutPart): void {
    const { msn } = this.state.open;
    this.parts.set(msn, [...(this.parts.get(msn) ?? []), part]);
  }

  private measure(durationMs: number): void {
    const bytes = (this.parts.get(this.state.open.msn) ?? []).reduce((sum, part) => sum + part.bytes.length, 0);
    this.peakBps = Math.max(this.peakBps, Math.ceil((bytes * 8000) / Math.max(1, durationMs)));
  }

  private forget(): void {
    const first = (this.state.segments[0]?.msn ?? this.state.open.msn) - KEPT_BEHIND;
    for (const msn of this.parts.keys()) if (msn < first) this.parts.delete(msn);
    const named = new Set([...this.state.segments.map(({ map }) => map), this.state.open.map]);
    for (const name of [...this.inits.keys()].slice(0, -KEPT_BEHIND)) if (!named.has(name)) this.inits.delete(name);
  }

  private changed(): void {
    this.texts = {};
    for (const look of this.waiting) look();
  }

  /** One text a version: everybody gets the same bytes. */
  private text(skip: boolean): string | undefined {
    const kind = skip ? 'skip' : 'plain';
    this.texts[kind] ??= formatLowLatency(this.state, { skip });
    return this.texts[kind];
  }
}
