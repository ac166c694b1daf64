import type { AgentEnv } from '../../../functions/contract/env/agent';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { Counters } from '../metrics/counters';
import type { SrsApi } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { SessionRef } from '../session/ports';
import type { Sessions } from '../session/sessions';

export interface EvacuationDeps {
  sessions: Sessions;
  srs: SrsApi;
  /** Returns the time that publishers may stay after the node began to drain. */
  settings: () => Pick<AgentEnv, 'evacuateAfterSeconds'>;
  clock: Clock;
  log: Log;
  counters: Counters;
}

/**
 * A look a second sends this many on, so that other nodes and srs-hooks never take a whole node's publishers at once.
 */
const AT_ONCE = 5;

/**
 * A node that is to go: it takes no new publisher, those that are there may end by themselves, and after the deadline
 * they are cut off a few at a time. Encoders connect again by themselves, the load balancer has another node for them,
 * and within the reconnect window they go on in the same broadcast.
 */
export class Evacuation {
  private begunAt: number | undefined;
  private empty = false;
  private readonly sent = new Set<string>();

  constructor(private readonly deps: EvacuationDeps) {}

  get begun(): boolean {
    return this.begunAt !== undefined;
  }

  begin(): void {
    const { settings, clock, sessions, log } = this.deps;
    this.begunAt = clock.now();
    log.info('draining', { publishers: sessions.open().length, afterSeconds: settings().evacuateAfterSeconds });
  }

  async look(): Promise<void> {
    if (this.begunAt === undefined) return;
    const { sessions, clock, log, settings } = this.deps;
    const open = sessions.open();
    if (open.length === 0 && !this.empty) log.info('node_empty');
    this.empty = open.length === 0;
    if (clock.now() < this.begunAt + settings().evacuateAfterSeconds * 1000) return;
    const unsent = open.filter(({ state }) => !this.sent.has(state.client.clientId));
    // A publisher that stays in spite of it is asked again, after all others.
    if (unsent.length === 0) this.sent.clear();
    await Promise.all(unsent.slice(0, AT_ONCE).map(({ ref, state }) => this.send(ref, state.client.clientId)));
  }

  private async send(ref: SessionRef, clientId: string): Promise<void> {
    const { srs, log, counters } = this.deps;
    log.warn('publisher_kicked', { ...ref, clientId, reason: 'draining' });
    counters.kicks += 1;
    this.sent.add(clientId);
    await srs
      .kick(clientId)
      .catch((error: unknown) => log.warn('kick_failed', { ...ref, clientId, error: reasonOf(error) }));
  }
}
