import type { Edges } from '../../../../functions/contract/hooks/edges';
import type { NodeCommand, Push } from '../../../../functions/contract/hooks/srs';
import type { Clock, Log } from '../../../../functions/ports/stores';
import type { EdgeGates, SrsFlv, SrsMedia } from '../../runtime/ports';
import { reasonOf } from '../../runtime/reason';
import type { NodeSession } from '../../session/session';
import type { Sessions } from '../../session/sessions';
import type { Tickets } from '../../srs/tickets';
import type { Unreached } from '../unreached';
import { pushOnce } from './push-once';
import { TrackWait } from './track-wait';

export interface PushesDeps {
  sessions: Sessions;
  flv: SrsFlv;
  tickets: Tickets;
  gates: EdgeGates;
  /** Told that a push waits for media, which SRS may give to nobody. */
  unreached: Pick<Unreached, 'waits'>;
  mediaOf: (clientId: string) => SrsMedia | undefined;
  /** Sends a heartbeat now: the answer has the orders. */
  beat: () => Promise<void>;
  clock: Clock;
  log: Log;
}

type PushOrder = Extract<NodeCommand, { kind: 'push' }>;
interface Running {
  session: NodeSession;
  edgeId: string;
  over: AbortController;
}

/** More than one machine can send. */
const MAX_PUSHES = 500;
/** One that ends sooner waits for the next heartbeat, so that an edge that refuses is not asked all the time. */
const SETTLED_MS = 2000;

/** The copies that this origin pushes to edges, each by an order with a token of its own. */
export class Pushes {
  private readonly running = new Set<Running>();
  private readonly tracks: TrackWait;

  constructor(private readonly deps: PushesDeps) {
    this.tracks = new TrackWait(deps);
  }

  /** Lists what is pushed, or about to be. */
  list(): Push[] {
    return [...this.running].map(({ session, edgeId }) => ({ ...session.ref, edgeId }));
  }

  /** The edges that a session is to get, once its tracks are there: a copy that begins sooner lacks one for ever. */
  edgesOf(session: NodeSession): Edges | undefined {
    return this.tracks.isReady(session) ? session.state.grant.edges : undefined;
  }

  /** Obeys an order. One for a session that is over, or that the edge gets already, counts as obeyed. */
  begin({ streamId, sessionId, edgeId, to, token }: PushOrder): void {
    const session = this.deps.sessions.ofStream(streamId).find(({ open, ref }) => open && ref.sessionId === sessionId);
    const isRunning = [...this.running].some((each) => each.session === session && each.edgeId === edgeId);
    if (session === undefined || isRunning || this.running.size >= MAX_PUSHES) return;
    const running = { session, edgeId, over: new AbortController() };
    this.running.add(running);
    void this.run(running, { ...to, token });
  }

  end({ streamId, edgeId }: Extract<NodeCommand, { kind: 'end_push' }>): void {
    for (const { session, edgeId: id, over } of this.running)
      if (session.ref.streamId === streamId && id === edgeId) over.abort();
  }

  /** Ends the copies of sessions that are over, and asks for orders when tracks have come. */
  look(): void {
    for (const { session, over } of this.running) if (!session.open) over.abort();
    const open = this.deps.sessions.open().filter(({ state }) => state.grant.edges !== undefined);
    if (this.tracks.look(open)) this.beatSoon();
  }

  stop(): void {
    for (const { over } of this.running) over.abort();
  }

  private async run(running: Running, to: { host: string; port: number; token: string }): Promise<void> {
    const { session, edgeId, over } = running;
    const { clock, log } = this.deps;
    const about = { ...session.ref, edgeId };
    const from = clock.now();
    log.info('push_begins', about);
    const reason = await pushOnce(session.ref.streamId, { ...to, signal: over.signal }, this.deps).catch(reasonOf);
    this.running.delete(running);
    const isOver = over.signal.aborted || !session.open;
    const ranMs = clock.now() - from;
    if (isOver) log.info('push_ended', { ...about, ranMs });
    else log.warn('push_ended', { ...about, ranMs, reason });
    if (!isOver && ranMs >= SETTLED_MS) this.beatSoon();
  }

  private beatSoon(): void {
    const { beat, log } = this.deps;
    beat().catch((error: unknown) => log.warn('heartbeat_failed', { error: reasonOf(error) }));
  }
}
