import type { HealthMinute, SessionHealth } from '../../../functions/contract/hooks/session-health';
import type { HealthProblem } from '../../../functions/contract/media-report';
import type { Clock } from '../../../functions/ports/stores';
import type { SrsStream } from '../runtime/ports';
import type { NodeSession } from '../session/session';
import { pendingOf, type SessionSegment } from '../session/session-state';
import type { Sessions } from '../session/sessions';
import { lateBy } from '../session/timeline';
import type { Inspections } from '../upload/inspections';
import { HealthSeries } from './health-series';
import { healthOf, paceOf, problemsOf, type Readings, recentOf } from './rolling-health';

export interface HealthWatchDeps {
  sessions: Sessions;
  clock: Clock;
  /** SRS's list of streams, as of the last look. */
  watch: { readonly streams: readonly SrsStream[] };
  /** They know the frames in a second that a publisher began with. */
  inspections: Pick<Inspections, 'reportOf'>;
}

interface Watched {
  clientId: string;
  readings: Readings;
  problems: HealthProblem[];
  health?: SessionHealth;
}

const NOTHING: Readings = { bytes: [], segments: [], losses: [] };

/** Measures how each session goes: rolling values for the heartbeat, and the last hour of each stream. In memory. */
export class HealthWatch {
  private readonly watched = new WeakMap<NodeSession, Watched>();
  private readonly series = new HealthSeries();

  constructor(private readonly deps: HealthWatchDeps) {}

  /** A file was taken, as these segments. */
  taken(session: NodeSession, taken: readonly SessionSegment[]): void {
    const at = this.deps.clock.now();
    const readings = taken.map(({ durationMs, pictures }) => ({
      at,
      durationMs,
      pictures: pictures?.count ?? 0,
      keyframes: pictures?.keyframes ?? 0,
    }));
    this.change(session, ({ segments }) => ({ segments: [...segments, ...readings] }));
  }

  /** A segment will never be in the bucket. */
  lost(session: NodeSession): void {
    this.change(session, ({ losses }) => ({ losses: [...losses, this.deps.clock.now()] }));
  }

  /** A segment is in the bucket, `lagMs` after its end. */
  uploaded(session: NodeSession, lagMs: number): void {
    this.change(session, () => ({ lagMs }));
  }

  /** Measures every session that publishes; its report is this until the next look. */
  look(): void {
    const now = this.deps.clock.now();
    const byClient = new Map(this.deps.watch.streams.map((stream) => [stream.clientId, stream]));
    for (const session of this.deps.sessions.open()) {
      const stream = byClient.get(session.state.client.clientId);
      if (stream?.active) this.count(session, stream, now);
      this.series.add(session.ref.streamId, this.judge(session, now), now);
    }
  }

  /** Returns the values of a session that publishes; `undefined` before the first look. */
  healthOf(session: NodeSession): SessionHealth | undefined {
    const watched = this.watched.get(session);
    return session.open && watched?.clientId === session.state.client.clientId ? watched.health : undefined;
  }

  minutesOf(streamId: string): HealthMinute[] {
    return this.series.of(streamId, this.deps.clock.now());
  }

  private count(session: NodeSession, { receivedBytes: received, sentBytes: sent }: SrsStream, at: number): void {
    this.change(session, ({ bytes }) => {
      const last = bytes.at(-1);
      // SRS counts from 0 for a stream that it had forgotten.
      const goesOn = last !== undefined && received >= last.received && sent >= last.sent;
      return { bytes: [...(goesOn ? bytes : []), { at, received, sent }] };
    });
  }

  private judge(session: NodeSession, now: number): SessionHealth {
    const watched = this.of(session);
    watched.readings = recentOf(watched.readings, now);
    const [oldest] = pendingOf(session.state);
    const waitingMs = oldest === undefined ? 0 : lateBy(oldest, now);
    const health = healthOf(watched.readings, waitingMs);
    watched.problems = problemsOf(health, {
      pace: paceOf(watched.readings.segments, now),
      usual: this.deps.inspections.reportOf(session)?.video?.framesPerSecond,
      before: watched.problems,
    });
    watched.health = { ...health, ...(watched.problems.length > 0 && { problems: watched.problems }) };
    return watched.health;
  }

  private change(session: NodeSession, next: (readings: Readings) => Partial<Readings>): void {
    const watched = this.of(session);
    watched.readings = { ...watched.readings, ...next(watched.readings) };
  }

  /** Another connection is another encoder, maybe: it begins with nothing known. */
  private of(session: NodeSession): Watched {
    const { clientId } = session.state.client;
    const known = this.watched.get(session);
    if (known?.clientId === clientId) return known;
    const fresh: Watched = { clientId, readings: NOTHING, problems: [] };
    this.watched.set(session, fresh);
    return fresh;
  }
}
