import type { RtcAnswer, RtcEnd, RtcEnded, RtcKind, RtcOffer } from '../../../functions/contract/hooks/media';
import type { SessionId, StreamId } from '../../../functions/contract/ids';
import { defined } from '../../../functions/core/defined';
import { equalSecrets, sha256Hex } from '../../../functions/core/signing/hash';
import { withCandidatesAt } from '../../../functions/core/webrtc/answer';
import type { Clock, Log, RandomId } from '../../../functions/ports/stores';
import { type AgentReply, refused } from '../http/listener';
import type { Counters } from '../metrics/counters';
import type { SessionCloser } from '../publish/session-closer';
import { takeOverStream } from '../publish/takeover';
import type { SrsApi, SrsRtc } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { Sessions } from '../session/sessions';
import type { Offers } from '../session/sighting';
import type { Ticket, Tickets } from '../srs/tickets';

export interface RtcDeps {
  rtc: SrsRtc;
  srs: SrsApi;
  sessions: Sessions;
  sessionCloser: SessionCloser;
  tickets: Tickets;
  isLive: (streamId: StreamId) => boolean;
  isDraining: () => boolean;
  /** The address at which media reaches this node, if SRS itself does not know it. */
  externalAddress?: string | undefined;
  /** The address at which TURN servers reach it, in their own network. */
  relayAddress?: string | undefined;
  clock: Clock;
  randomId: RandomId;
  log: Log;
  counters: Counters;
}

interface HeldSession {
  kind: RtcKind;
  streamId: StreamId;
  clientId: string;
  secretHash: string;
  /** The publish it is. */
  sessionId: SessionId | undefined;
  /** The time when SRS reported the end of its connection. */
  leftAt?: number;
  /** The tracks its offer has. */
  offers: Offers;
}

/** A page that is closed takes its connection with it, and what it sent last comes after that. */
const REMEMBERED_MS = 60_000;

/** More sessions than a node serves: a client that never ends its session is forgotten in the end. */
const MAX_HELD = 20_000;

/**
 * WebRTC sessions on behalf of the api, which has decided that the caller may: opened at SRS, ended by their owners.
 */
export class Rtc {
  private readonly held = new Map<string, HeldSession>();

  constructor(private readonly deps: RtcDeps) {}

  async offer(offer: RtcOffer): Promise<AgentReply> {
    const { tickets, log } = this.deps;
    const notNow = await this.refuseNow(offer);
    if (notNow !== undefined) return notNow;
    const ticket = tickets.issue(offer.kind, offer.streamId);
    try {
      return await this.ask(offer, ticket);
    } catch (error) {
      const { outcome } = ticket;
      if (outcome?.kind === 'refused') return refused(403, outcome.error, outcome.message);
      log.warn('offer_failed', { streamId: offer.streamId, kind: offer.kind, error: reasonOf(error) });
      return unanswered(error);
    } finally {
      tickets.close(ticket);
    }
  }

  /**
   * Ends a session for the one who opened it: the id cannot be guessed, and the secret must be the one of the offer.
   */
  async end({ kind, streamId, session, secret }: RtcEnd): Promise<AgentReply> {
    this.forget();
    const held = this.held.get(session);
    if (held === undefined || held.kind !== kind || held.streamId !== streamId) {
      return refused(404, 'session_not_found', 'there is no such session: it has ended, or is another stream’s');
    }
    if (!equalSecrets(held.secretHash, sha256Hex(secret ?? ''))) {
      return refused(403, 'forbidden', 'the session was opened with another key or token');
    }
    if (held.leftAt === undefined) await this.deps.srs.kick(held.clientId);
    this.held.delete(session);
    const { sessionId } = held;
    const body: RtcEnded = sessionId === undefined ? {} : { sessionId };
    return { status: 200, body };
  }

  /** SRS says that a connection is gone. */
  left(clientId: string): void {
    this.forget();
    for (const held of this.held.values()) if (held.clientId === clientId) held.leftAt ??= this.deps.clock.now();
  }

  private forget(): void {
    const before = this.deps.clock.now() - REMEMBERED_MS;
    for (const [session, { leftAt = before }] of this.held) if (leftAt < before) this.held.delete(session);
  }

  /** The tracks a browser said that it sends. */
  offersOf(clientId: string): Offers | undefined {
    return [...this.held.values()].find((held) => held.kind === 'publish' && held.clientId === clientId)?.offers;
  }

  private async refuseNow({ kind, streamId }: RtcOffer): Promise<AgentReply | undefined> {
    const { isLive, isDraining } = this.deps;
    if (kind === 'play')
      return isLive(streamId) ? undefined : refused(409, 'not_live', 'nobody publishes this stream here');
    if (isDraining()) return refused(503, 'draining', 'this node takes no new publisher');
    // SRS turns a WHIP client away from a stream that is live before it asks anybody.
    const isFree = await takeOverStream(this.deps, streamId, 'whip');
    return isFree ? undefined : refused(409, 'busy', 'the publisher before did not let go within 3 s');
  }

  private async ask(offer: RtcOffer, ticket: Ticket): Promise<AgentReply> {
    const { kind, streamId, secret, address, sdp } = offer;
    const request = { kind, streamId, address, ticket: ticket.id, ...defined({ secret }) };
    const answer = await this.deps.rtc.offer(request, sdp);
    if (answer.kind === 'failed') {
      return answer.status === 404
        ? refused(503, 'not_here', 'this media server has no WebRTC')
        : refused(400, 'offer_refused', `SRS answered ${answer.status}`);
    }
    if (ticket.outcome?.kind !== 'accepted') return refused(503, 'unavailable', 'SRS answered without asking');
    const { clientId } = ticket.outcome;
    const sessionId = kind === 'publish' ? this.deps.sessions.ofClient(clientId)?.ref.sessionId : undefined;
    const body: RtcAnswer = {
      session: this.hold(offer, clientId, sessionId),
      sdp: withCandidatesAt(answer.sdp, this.deps.externalAddress, this.deps.relayAddress),
      ...defined({ sessionId }),
    };
    return { status: 201, body };
  }

  private hold({ kind, streamId, secret, sdp }: RtcOffer, clientId: string, sessionId: SessionId | undefined): string {
    const session = this.deps.randomId(32);
    const [oldest] = this.held.keys();
    if (this.held.size >= MAX_HELD && oldest !== undefined) this.held.delete(oldest);
    this.held.set(session, {
      kind,
      streamId,
      clientId,
      secretHash: sha256Hex(secret ?? ''),
      sessionId,
      offers: tracksIn(sdp),
    });
    return session;
  }
}

/**
 * Media sections that send (RFC 8829, 5.2.1): their port is not 0, and their direction neither `recvonly` nor
 * `inactive`.
 */
function tracksIn(sdp: string): Offers {
  const sending = sdp
    .split(/^m=/m)
    .filter((section) => !/^\S+ 0 /.test(section) && !/^a=(recvonly|inactive)\s*$/m.test(section));
  const has = (kind: string) => sending.some((section) => section.startsWith(`${kind} `));
  return { video: has('video'), audio: has('audio') };
}

/** SRS closes the connection without a word when it cannot make anything of an offer. */
const unanswered = (error: unknown): AgentReply =>
  wasClosed(error)
    ? refused(400, 'offer_refused', 'the media server could make nothing of this offer')
    : refused(503, 'unavailable', 'the media server does not answer');

/** https://github.com/nodejs/undici/blob/main/docs/docs/api/Errors.md */
function wasClosed(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause && codesOfClosing.has(cause.code);
}
const codesOfClosing = new Set<unknown>(['UND_ERR_SOCKET', 'ECONNRESET']);
