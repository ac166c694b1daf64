import type { RenditionTrouble } from '../../../functions/contract/packaging';
import { commonKey, fragmentEncryption } from '../../../functions/core/encryption/content-keys';
import type { Rung } from '../../../functions/core/packaging/ladder';
import type { PackagedTracks } from '../packaging/ports';
import { ProgramError } from '../packaging/run-program';
import { RungLevel } from '../packaging/rung-level';
import { reasonOf } from '../runtime/reason';
import type { Spool } from '../session/ports';
import type { NodeSession } from '../session/session';
import { awaitingRungs, type SessionSegment } from '../session/session-state';
import type { CmafDeps, PackagingDeps } from './cmaf-segments';
import { withMeasured } from './renditions';
import { writeFragments } from './write-fragments';

/** So many segments may wait for their rungs; the oldest beyond that goes without. */
const MAX_WAITING = 2;
/** An encoder may take so many times the length of what it encodes. */
const MAX_TIMES_REAL = 2;
const MIN_LIMIT_MS = 2000;
const RETRY_MS = 500;
/** Fragments of one segment are as long as each other, within a frame. */
const MAX_DIFFERENCE_MS = 100;

export interface RungDeps extends CmafDeps {
  spool: Pick<Spool, 'read'>;
}

/**
 * Makes the rungs of one session's segments, in order, behind the source, which never waits for them. A job that fails,
 * hangs or comes too late costs its segment's rungs, and the top one from then on, until all was well for a while.
 */
export class RungMaker {
  private readonly level = new RungLevel();
  private readonly known = new Set<string>();
  private isShedding = false;

  constructor(
    private readonly session: NodeSession,
    private readonly deps: RungDeps,
  ) {}

  /** Until the session is finished, or `stop`. */
  async run(stop: AbortSignal): Promise<void> {
    const { session, deps } = this;
    while (!stop.aborted && !session.state.finished) {
      const waiting = awaitingRungs(session.state);
      const [segment] = waiting;
      if (segment === undefined) await session.changed.wait();
      else await this.next(segment, waiting.length);
    }
    deps.packaging?.room.leave(session);
  }

  private async next(segment: SessionSegment, waiting: number): Promise<void> {
    const { session, deps } = this;
    try {
      await this.settle(segment, waiting);
    } catch (error) {
      // The store or the disk has trouble that the source has too; a rung that waits too long is left out.
      deps.log.warn('rungs_delayed', { ...session.ref, error: reasonOf(error) });
      await deps.clock.sleep(RETRY_MS);
    }
  }

  private async settle(segment: SessionSegment, waiting: number): Promise<void> {
    const { session, deps } = this;
    const { packaging, clock } = deps;
    const plan = session.state.cmaf?.plan ?? [];
    if (waiting > MAX_WAITING) return this.trouble(segment, 'too_slow', 'the encoder falls behind');
    const active = packaging === undefined ? [] : packaging.room.fit(session, this.level.active(plan, clock.now()));
    this.tell(active, 'no_cores');
    if (packaging === undefined || active.length === 0) return this.shed(segment, 'no cores are left');
    const bytes = deps.spool.read(session.ref, segment.index);
    if (bytes === undefined) return this.shed(segment, 'its segment is not in the spool any more');
    try {
      await this.make(segment, { bytes, active, packaging });
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      return this.trouble(segment, 'encoder_failed', error.message);
    }
    if (active.length === plan.length) this.recovered();
    else this.note(`of ${plan.length} rungs ${active.length} are made`);
  }

  private async make(
    segment: SessionSegment,
    job: { bytes: Uint8Array; active: readonly Rung[]; packaging: PackagingDeps },
  ) {
    const { session, deps } = this;
    const { state } = session;
    const limitMs = Math.max(MIN_LIMIT_MS, MAX_TIMES_REAL * segment.durationMs);
    const number = state.firstNumber + state.kept.findIndex(({ index }) => index === segment.index);
    const { streamId, sessionId } = state.grant;
    const key = commonKey({ streamId, sessionId, number }, state.encryption);
    const { jobs, rungGate } = job.packaging;
    const made = await rungGate.run(() => jobs.rungs(job.bytes, job.active, limitMs, key));
    const shift = segment.packaged?.shift ?? 0;
    assertAligned(made, segment, shift);
    const encryption = fragmentEncryption({ sessionId, number }, state.encryption);
    const to = {
      store: deps.delivery(state.grant.policy),
      grant: state.grant,
      nowMs: deps.clock.now(),
      known: this.known,
    };
    deps.counters.uploadedBytes += await writeFragments(to, made, { ...segment, shift, number, encryption });
    const inits = Object.fromEntries([...made].map(([name, { init }]) => [name, init.name]));
    // Read again: the source went on meanwhile.
    const renditions = withMeasured(session.state.cmaf?.renditions ?? [], made, segment.durationMs);
    session.settledRungs(segment.index, { inits, renditions });
    deps.counters.rungFragments += made.size;
  }

  private trouble(segment: SessionSegment, reason: RenditionTrouble, message: string): void {
    const now = this.deps.clock.now();
    this.level.trouble(now);
    this.tell(this.level.active(this.session.state.cmaf?.plan ?? [], now), reason);
    this.shed(segment, message);
  }

  /** Notes the rungs for the next heartbeat. */
  private tell(active: readonly Rung[], reason: RenditionTrouble): void {
    const planned = (this.session.state.cmaf?.plan ?? []).map(({ name }) => name);
    this.deps.packaging?.states.rungs(this.session, { planned, made: active.map(({ name }) => name), reason });
  }

  private shed(segment: SessionSegment, reason: string): void {
    const { session, deps } = this;
    deps.counters.shedRungSegments += 1;
    session.settledRungs(segment.index, { inits: {}, renditions: session.state.cmaf?.renditions ?? [] });
    this.note(reason);
  }

  /** Once each time: a node that has no room would fill the log. */
  private note(reason: string): void {
    if (!this.isShedding) this.deps.log.warn('rungs_shed', { ...this.session.ref, reason });
    this.isShedding = true;
  }

  private recovered(): void {
    if (this.isShedding) this.deps.log.info('rungs_recovered', { ...this.session.ref });
    this.isShedding = false;
  }
}

/** Throws ProgramError for a rung that is not where its source is: no player could change over to it. */
function assertAligned(made: PackagedTracks, { programDateTimeMs, durationMs }: SessionSegment, shift: number): void {
  for (const [name, { times, init }] of made) {
    const ticksAMs = init.track.timescale / 1000;
    const startMs = (times.decodeTime + shift) / ticksAMs;
    const isAligned =
      Math.abs(startMs - programDateTimeMs) <= MAX_DIFFERENCE_MS &&
      Math.abs(times.duration / ticksAMs - durationMs) <= MAX_DIFFERENCE_MS;
    if (!isAligned)
      throw new ProgramError(`${name}: begins at ${startMs} for ${times.duration / ticksAMs} ms, not as its source`);
  }
}
