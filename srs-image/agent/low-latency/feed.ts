import { Cutter } from '../../../functions/core/low-latency/cutter';
import { FlvReader, mediaOf } from '../../../functions/core/low-latency/flv';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { SrsApi, SrsFlv, SrsMedia } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { NodeSession } from '../session/session';
import { isWebRtc } from '../session/session-state';
import type { Tickets } from '../srs/tickets';
import { type LowLatencyStream, sizeOfConfig } from './low-latency-stream';

export interface FeedDeps {
  flv: SrsFlv;
  srs: Pick<SrsApi, 'kick'>;
  tickets: Tickets;
  /** Tracks of a publisher as SRS lists them, once it does. */
  mediaOf: (clientId: string) => SrsMedia | undefined;
  clock: Clock;
  log: Log;
  counters: { kicks: number };
}

const POLL_MS = 200;
/** Sound that a publisher sends is there by then; a browser's comes 5.5 to 9 s after its picture (SRS 6.0.157). */
const SOUND_MS = 2000;
const BROWSER_SOUND_MS = 10_000;
/** The time after its first track within which a publisher's second one comes, if there is one. */
export const soundWaitMs = ({ state }: NodeSession): number =>
  isWebRtc(state.publishedAs) ? BROWSER_SOUND_MS : SOUND_MS;
/** SRS opens HTTP-FLV with what it has: who hears nothing for so long hears nothing for ever (SRS issue 4449). */
const SILENT_MS = 3000;
/** A publisher that sends nothing for a moment is not ended for it. */
const SILENT_TIMES = 3;
const RETRY_MS = 300;

/** Reads one session from this node's SRS, and cuts it, until `over`. */
export class Feed {
  private silent = 0;

  constructor(
    private readonly session: NodeSession,
    private readonly stream: LowLatencyStream,
    private readonly deps: FeedDeps,
  ) {}

  async run(over: AbortSignal): Promise<void> {
    const { clock, log } = this.deps;
    await this.waitForTracks(over);
    while (!over.aborted) {
      try {
        await this.read(over);
      } catch (error) {
        if (!over.aborted) log.warn('low_latency_feed_failed', { ...this.session.ref, error: reasonOf(error) });
      }
      await clock.sleep(RETRY_MS, over);
    }
  }

  private get clientId(): string {
    return this.session.state.client.clientId;
  }

  /** An init segment that is made too early lacks a track, and a new one is a discontinuity. */
  private async waitForTracks(over: AbortSignal): Promise<void> {
    const { clock, mediaOf } = this.deps;
    const limitMs = soundWaitMs(this.session);
    let videoSince: number | undefined;
    while (!over.aborted) {
      const media = mediaOf(this.clientId);
      if (media?.video !== undefined) videoSince ??= clock.now();
      if (media?.video !== undefined && media.audio !== undefined) return;
      if (videoSince !== undefined && clock.now() - videoSince >= limitMs) return;
      await clock.sleep(POLL_MS, over);
    }
  }

  /** One connection to SRS, which ends with the publisher. */
  private async read(over: AbortSignal): Promise<void> {
    const { deps, session, stream } = this;
    const heard = new AbortController();
    const late = new AbortController();
    const { clock } = deps;
    void (clock.sleepAwake ?? clock.sleep)(SILENT_MS, heard.signal).then(() => {
      if (!heard.signal.aborted) late.abort(new Error('SRS sends nothing'));
    });
    const ticket = deps.tickets.issueOwn(session.ref.streamId);
    const reader = new FlvReader();
    const cutter = this.cutter();
    try {
      const request = { streamId: session.ref.streamId, ticket: ticket.id };
      const media = await deps.flv.play({ ...request, signal: AbortSignal.any([over, late.signal]) });
      if (media === undefined) return;
      const end = () => void media.destroy();
      over.addEventListener('abort', end, { once: true });
      for await (const piece of media) {
        this.silent = 0;
        heard.abort();
        for (const tag of reader.push(piece)) {
          const unit = mediaOf(tag);
          if (unit?.kind === 'avc-config' || unit?.kind === 'aac-config') stream.describe(unit);
          if (unit !== undefined) stream.apply(cutter.push(unit, deps.clock.now()));
        }
      }
      over.removeEventListener('abort', end);
    } catch (error) {
      if (!late.signal.aborted) throw error;
      await this.heardNothing();
    } finally {
      heard.abort();
      deps.tickets.close(ticket);
      stream.apply(cutter.end());
    }
  }

  private cutter(): Cutter {
    const { stream, deps } = this;
    const targetSeconds = stream.targetSeconds;
    return new Cutter({
      hasAudio: deps.mediaOf(this.clientId)?.audio !== undefined,
      sizeOf: sizeOfConfig,
      ...(targetSeconds !== undefined && { follows: { targetSeconds } }),
    });
  }

  /** SRS lists the stream as live but delivers none of it: only a new publish helps. */
  private async heardNothing(): Promise<void> {
    const { deps, session } = this;
    if (deps.mediaOf(this.clientId) === undefined) return;
    this.silent += 1;
    deps.log.warn('low_latency_feed_silent', { ...session.ref, times: this.silent });
    if (this.silent < SILENT_TIMES) return;
    this.silent = 0;
    deps.counters.kicks += 1;
    deps.log.warn('silent_publisher_kicked', { ...session.ref, clientId: this.clientId });
    await deps.srs
      .kick(this.clientId)
      .catch((error: unknown) => deps.log.warn('kick_failed', { error: reasonOf(error) }));
  }
}
