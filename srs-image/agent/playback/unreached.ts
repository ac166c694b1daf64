import type { StreamId } from '../../../functions/contract/ids';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { SrsApi, SrsFlv } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { NodeSession } from '../session/session';
import { isWebRtc } from '../session/session-state';
import type { Sessions } from '../session/sessions';
import type { Ticket, Tickets } from '../srs/tickets';

export interface UnreachedDeps {
  sessions: Sessions;
  srs: Pick<SrsApi, 'kick'>;
  flv: SrsFlv;
  tickets: Pick<Tickets, 'issueOwn' | 'close'>;
  clock: Clock;
  log: Log;
  counters: { kicks: number };
}

/** SRS plays at once what it has. Within this time two segments of the usual length are closed. */
const SILENT_MS = 6000;
const SEGMENTS = 2;
const POLL_MS = 100;

/**
 * Finds publishes that SRS writes to HLS and gives to no player: SRS 6 can lose one from its table, and only a new
 * publish helps (SRS issues 4182 and 4449). The agent listens by itself, because a viewer may be slow, paused, or in
 * line for its right to play, and none of that may end a publisher. Nothing here rejects.
 */
export class Unreached {
  private readonly listening = new WeakSet<NodeSession>();
  private readonly reached = new WeakSet<NodeSession>();
  /** Sessions whose publisher was kicked for it: once is enough, because the next publish is another session. */
  private readonly kicked = new WeakSet<NodeSession>();

  constructor(private readonly deps: UnreachedDeps) {}

  /** A viewer waits for the media of a stream, until `heard`: after 6 s the agent listens. */
  async waits(streamId: StreamId, heard: AbortSignal): Promise<void> {
    await this.deps.clock.sleep(SILENT_MS, heard);
    const session = this.sessionOf(streamId);
    if (!heard.aborted && session !== undefined) await this.listen(session);
  }

  /** Somebody plays by RTMP, and what that player hears is not known: the agent listens, until it heard the session. */
  async playsByRtmp(streamId: StreamId): Promise<void> {
    const session = this.sessionOf(streamId);
    if (session !== undefined && !this.reached.has(session)) await this.listen(session);
  }

  /** Browsers are left alone: their players wait for sender reports. */
  private sessionOf(streamId: StreamId): NodeSession | undefined {
    const session = this.deps.sessions.ofStream(streamId).find(({ open }) => open);
    return session === undefined || isWebRtc(session.state.publishedAs) ? undefined : session;
  }

  /** Listens over HTTP-FLV until the first media; one at a time of each session. */
  private async listen(session: NodeSession): Promise<void> {
    if (this.listening.has(session)) return;
    this.listening.add(session);
    const { flv, tickets, log } = this.deps;
    const { streamId } = session.ref;
    const heard = new AbortController();
    const ticket = tickets.issueOwn(streamId);
    void this.kickUnlessHeard(session, ticket, heard.signal);
    try {
      const media = await flv.play({ streamId, ticket: ticket.id });
      media?.destroy();
      this.reached.add(session);
    } catch (error) {
      log.info('stream_not_heard', { ...session.ref, error: reasonOf(error) });
    } finally {
      heard.abort();
      tickets.close(ticket);
      this.listening.delete(session);
    }
  }

  /** The time counts from SRS's own question on: before it, SRS has not begun to answer. */
  private async kickUnlessHeard(session: NodeSession, ticket: Ticket, heard: AbortSignal): Promise<void> {
    const { srs, clock, log, counters } = this.deps;
    while (ticket.outcome === undefined && !heard.aborted) await clock.sleep(POLL_MS, heard);
    const before = session.state.nextIndex;
    await (clock.sleepAwake ?? clock.sleep)(SILENT_MS, heard);
    const grew = session.state.nextIndex - before;
    if (heard.aborted || !session.open || grew < SEGMENTS || this.kicked.has(session)) return;
    this.kicked.add(session);
    counters.kicks += 1;
    const about = { ...session.ref, clientId: session.state.client.clientId };
    log.warn('silent_publisher_kicked', about);
    await srs
      .kick(about.clientId)
      .catch((error: unknown) => log.warn('kick_failed', { ...about, error: reasonOf(error) }));
  }
}
