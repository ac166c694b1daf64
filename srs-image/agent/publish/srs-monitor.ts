import { LIVE_APP } from '../../../functions/contract/ids';
import { DomainError } from '../../../functions/core/errors';
import { withoutKeys } from '../../../functions/core/keys';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { Counters } from '../metrics/counters';
import type { SrsApi, SrsMedia, SrsStream } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import { isWebRtc } from '../session/session-state';
import type { Sessions } from '../session/sessions';
import type { SessionCloser } from './session-closer';

export interface SrsMonitorDeps {
  srs: SrsApi;
  sessions: Sessions;
  sessionCloser: SessionCloser;
  /** True for a connection whose on_publish is not answered yet. */
  isWaiting: (clientId: string) => boolean;
  /** True for the connection of a copy that an origin pushes to this edge. */
  isCopy: (clientId: string) => boolean;
  clock: Clock;
  log: Log;
  counters: Counters;
}

/** SRS lists a publisher some milliseconds after its on_publish was answered. */
const SETTLE_MS = 5000;
/**
 * A browser only once it has found a way to SRS: after this long Chromium gives up. SRS waits for 30 s (5.0.216,
 * 6.0.157).
 */
const CONNECT_MS = 15_000;
/** One look can fall between two states; two in a row cannot. */
const LOOKS_TO_BELIEVE = 2;
const FAILURES_TO_BELIEVE = 3;
/** SRS tells of every segment: one that is late with its API and sent a hook since then is busy, not gone. */
const SIGN_OF_LIFE_MS = 10_000;
/** Runs of SRS that are remembered, so that a late hook of one does not end those of the next. */
const MAX_RETIRED = 100;

/**
 * Compares what the node believes with what SRS says: SRS sends no on_unpublish when it ends, and lets some in unasked.
 */
export class SrsMonitor {
  private serviceId: string | undefined;
  private readonly retired = new Set<string>();
  /** Streams as SRS listed them at the last look. */
  streams: readonly SrsStream[] = [];
  private failures = 0;
  /** The last hook of this run, in Unix milliseconds. */
  private heardAt = 0;
  private isGivenUp = false;
  /** The number of times in a row that a client was absent. */
  private absent = new Map<string, number>();
  private unknown = new Map<string, number>();

  constructor(private readonly deps: SrsMonitorDeps) {}

  /** Returns the id of the SRS that runs, or ran last; `undefined` before its first hook. */
  get service(): string | undefined {
    return this.serviceId;
  }

  get isSrsUp(): boolean {
    return this.serviceId !== undefined && this.failures === 0;
  }

  /** Connections that publish, as of the last look. */
  get publishing(): number {
    return this.isSrsUp ? this.streams.filter(({ active }) => active).length : 0;
  }

  /** Returns whether SRS has media of the stream, as of the last look. */
  isLive(streamId: string): boolean {
    return (
      this.isSrsUp && this.streams.some(({ active, app, name }) => active && app === LIVE_APP && name === streamId)
    );
  }

  /** Returns whether SRS listed the client as a publisher at the last look. */
  isPublishing(clientId: string): boolean {
    return this.isSrsUp && this.streams.some((stream) => stream.active && stream.clientId === clientId);
  }

  /** Bit/s that SRS sends, of all streams together. */
  get sentBps(): number {
    return this.streams.reduce((sum, { sentBps = 0 }) => sum + sentBps, 0);
  }

  mediaOf(clientId: string): SrsMedia | undefined {
    return this.streams.find((stream) => stream.active && stream.clientId === clientId)?.media;
  }

  /** SRS said something. A new id means that it has restarted: nobody of before is connected any more. */
  sawService(serviceId: string): void {
    if (this.retired.has(serviceId)) return;
    this.heardAt = this.deps.clock.now();
    if (serviceId === this.serviceId) return;
    if (this.serviceId !== undefined) this.retire(this.serviceId);
    this.serviceId = serviceId;
    const { sessions, sessionCloser } = this.deps;
    const before = sessions.open().filter(({ state }) => state.client.serviceId !== serviceId);
    sessionCloser.endEach(before, 'SRS has restarted');
  }

  /** An SRS that starts over and over must not fill the memory: a hook is late by seconds. */
  private retire(serviceId: string): void {
    this.retired.add(serviceId);
    const [oldest] = this.retired;
    if (this.retired.size > MAX_RETIRED && oldest !== undefined) this.retired.delete(oldest);
  }

  async look(): Promise<void> {
    try {
      const { serviceId, streams } = await this.deps.srs.streams();
      this.failures = 0;
      this.isGivenUp = false;
      this.sawService(serviceId);
      this.streams = streams;
    } catch (error) {
      return this.silent(error);
    }
    await this.endAbsent();
    await this.kickStrangers();
  }

  private silent(error: unknown): void {
    const { sessions, sessionCloser, log } = this.deps;
    this.failures += 1;
    if (this.isGivenUp || this.failures < FAILURES_TO_BELIEVE || this.isBusy(error)) return;
    this.isGivenUp = true;
    log.error('srs_down', { error: reasonOf(error) });
    sessionCloser.endEach(sessions.open(), 'SRS does not answer');
  }

  /** A refused connection is not one of a busy process. */
  private isBusy(error: unknown): boolean {
    const isLate = isTimeout(error) || (error instanceof DomainError && error.code === 'unavailable');
    return isLate && this.deps.clock.now() - this.heardAt < SIGN_OF_LIFE_MS;
  }

  private async endAbsent(): Promise<void> {
    const { sessions, sessionCloser, clock } = this.deps;
    const active = new Set(this.streams.filter((stream) => stream.active).map(({ clientId }) => clientId));
    const missing = sessions.open().filter(({ state }) => {
      const settleMs = isWebRtc(state.publishedAs) ? CONNECT_MS : SETTLE_MS;
      return !active.has(state.client.clientId) && clock.now() - state.client.since >= settleMs;
    });
    this.absent = counted(
      this.absent,
      missing.map(({ state }) => state.client.clientId),
    );
    const gone = missing.filter(({ state }) => (this.absent.get(state.client.clientId) ?? 0) >= LOOKS_TO_BELIEVE);
    sessionCloser.endEach(gone, 'gone from SRS');
    // One that never connected would hold the name for another while.
    const nameless = gone.filter(({ state }) => isWebRtc(state.publishedAs));
    await Promise.all(nameless.map(({ state }) => this.kick(state.client.clientId)));
  }

  private async kickStrangers(): Promise<void> {
    const { sessions, isWaiting, isCopy, log, counters } = this.deps;
    const strangers = this.streams.filter(({ active, clientId }) => {
      const isKnown = isWaiting(clientId) || isCopy(clientId) || sessions.ofClient(clientId) !== undefined;
      return active && clientId !== '' && !isKnown;
    });
    this.unknown = counted(
      this.unknown,
      strangers.map(({ clientId }) => clientId),
    );
    const believed = strangers.filter(({ clientId }) => (this.unknown.get(clientId) ?? 0) >= LOOKS_TO_BELIEVE);
    for (const { clientId, app, name } of believed) {
      log.warn('stranger_kicked', {
        clientId,
        app: withoutKeys(app).slice(0, 64),
        stream: withoutKeys(name).slice(0, 64),
      });
      counters.kicks += 1;
    }
    await Promise.all(believed.map(({ clientId }) => this.kick(clientId)));
  }

  /** Side by side, and each by itself: a connection that does not go keeps no other from being looked at. */
  private async kick(clientId: string): Promise<void> {
    const { srs, log } = this.deps;
    await srs.kick(clientId).catch((error: unknown) => log.warn('kick_failed', { clientId, error: reasonOf(error) }));
  }
}

const counted = (before: ReadonlyMap<string, number>, seen: readonly string[]): Map<string, number> =>
  new Map(seen.map((key) => [key, (before.get(key) ?? 0) + 1]));

/** Goes by shape: errors of Node's own modules are no `Error` of this realm under jest. */
const isTimeout = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'TimeoutError';
