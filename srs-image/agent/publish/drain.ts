import { pollUntil } from '../../../functions/app/poll-until';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { Outbox } from '../cloud/outbox';
import type { SrsApi } from '../runtime/ports';
import type { Sessions } from '../session/sessions';
import type { SessionCloser } from './session-closer';
import type { SrsMonitor } from './srs-monitor';

/** The time limits of each step, in milliseconds. */
export interface DrainLimits {
  /** SRS is stopped first, as a rule. */
  srsMs: number;
  /** Publishers that are still there are ended; SRS says so within this. */
  kickMs: number;
  /** The time for emptying the spool and reporting the ends of sessions. systemd kills after 90 s. */
  uploadMs: number;
}
const LIMITS: DrainLimits = { srsMs: 3000, kickMs: 2000, uploadMs: 20_000 };
const POLL_INTERVAL_MS = 100;

export interface DrainDeps {
  sessions: Sessions;
  outbox: Outbox;
  sessionCloser: SessionCloser;
  watch: SrsMonitor;
  srs: SrsApi;
  clock: Clock;
  log: Log;
}

const waitFor = (clock: Clock, limitMs: number, isDone: () => boolean | Promise<boolean>): Promise<boolean> =>
  pollUntil({ clock, everyMs: POLL_INTERVAL_MS, limitMs }, isDone);

/** Waits for SRS to end, ends who still publishes, then waits for the uploads. True if nothing was left over. */
export async function drainNode(deps: DrainDeps, limits: DrainLimits = LIMITS): Promise<boolean> {
  const { sessions, outbox, sessionCloser, watch, srs, clock, log } = deps;
  const nobodyPublishes = async () => {
    if (sessions.open().length > 0) await watch.look();
    return sessions.open().length === 0;
  };
  if (!(await waitFor(clock, limits.srsMs, nobodyPublishes))) {
    await Promise.allSettled(sessions.open().map(({ state }) => srs.kick(state.client.clientId)));
    await waitFor(clock, limits.kickMs, nobodyPublishes);
  }
  sessionCloser.endEach(sessions.open(), 'the node shuts down');
  const isDone = () => outbox.size === 0 && sessions.all().every(({ state }) => state.finished);
  const clean = await waitFor(clock, limits.uploadMs, isDone);
  if (!clean) log.error('spool_left_over', { bytes: sessions.pendingBytes, messages: outbox.size });
  return clean;
}
