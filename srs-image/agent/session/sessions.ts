import type { StreamId } from '../../../functions/contract/ids';
import { Signal } from '../runtime/signal';
import type { Isolation } from './isolation';
import type { Spool } from './ports';
import { NodeSession } from './session';
import { isWebRtc, type NewSession, newSession, pendingOf, type SessionState } from './session-state';
import { isTaken } from './timeline';

/** Every session with something left to do or to remember, those of before a restart too. */
export class Sessions {
  private readonly sessions = new Set<NodeSession>();

  constructor(
    private readonly spool: Spool,
    /** Called when a session has something to upload: at its opening, at a start on its journal, at a resume. */
    private readonly onActive: (session: NodeSession) => void,
  ) {}

  load(unreadable: Parameters<Spool['load']>[0]): void {
    for (const state of this.spool.load(unreadable)) this.add(state);
  }

  start(start: NewSession): NodeSession {
    const state = newSession(start);
    this.spool.replace({ streamId: state.grant.streamId, sessionId: state.grant.sessionId }, state);
    return this.add(state);
  }

  /** `session`, with another client or the same one again, has something to upload once more. */
  activate(session: NodeSession): void {
    this.onActive(session);
  }

  all(): readonly NodeSession[] {
    return [...this.sessions];
  }

  open(): readonly NodeSession[] {
    return this.all().filter((session) => session.open);
  }

  /** Those of a stream, the newest first. */
  ofStream(streamId: StreamId): readonly NodeSession[] {
    return this.all()
      .filter(({ ref }) => ref.streamId === streamId)
      .sort((a, b) => b.state.grant.ordinal - a.state.grant.ordinal);
  }

  /** The session a connection publishes into; one that ended is not found. */
  ofClient(clientId: string): NodeSession | undefined {
    return this.open().find(({ state }) => state.client.clientId === clientId);
  }

  /**
   * Returns the open session that a segment of this stream belongs to. `clientId` is whom SRS names: of WebRTC it is
   * whichever connection sent something beside media last (SRS 5 and 6, `SrsRtcServer::on_udp_packet`), so a browser's
   * segment is its stream's.
   */
  ofSegment(streamId: string, clientId: string): NodeSession | undefined {
    const ofStream = this.open().filter(({ ref }) => ref.streamId === streamId);
    const own = ofStream.find(({ state }) => state.client.clientId === clientId);
    if (own !== undefined || this.isOver(streamId, clientId)) return own;
    return ofStream.find(({ state }) => isWebRtc(state.publishedAs));
  }

  /** Returns whether this connection published a session of this stream that ended and may still be resumed. */
  isOver(streamId: string, clientId: string): boolean {
    return this.all().some(
      ({ open, ref, state }) => !open && ref.streamId === streamId && state.client.clientId === clientId,
    );
  }

  /** Returns whether a session of this stream has taken this file of SRS's folder. */
  hasTaken(streamId: string, file: string): boolean {
    return this.all().some(({ ref, state }) => ref.streamId === streamId && isTaken(state, file));
  }

  /** Segments that wait for upload. */
  get pendingSegments(): number {
    return this.all().reduce((sum, { state }) => sum + pendingOf(state).length, 0);
  }

  get pendingBytes(): number {
    return this.all().reduce((sum, { pendingBytes }) => sum + pendingBytes, 0);
  }

  /** Forgets finished sessions once they cannot be resumed any more. */
  forgetOver(nowMs: number, isolation: Isolation): void {
    for (const session of this.sessions) {
      const { finished, reported, endedAt = nowMs, grant } = session.state;
      if (!finished || !reported || nowMs <= endedAt + grant.reconnectWindowSeconds * 1000) continue;
      this.sessions.delete(session);
      isolation.run('forget', session.ref, () => this.spool.remove(session.ref));
    }
  }

  private add(state: SessionState): NodeSession {
    const session = new NodeSession(state, this.spool, new Signal());
    this.sessions.add(session);
    if (!state.finished) this.onActive(session);
    return session;
  }
}
