import type { AgentEnv } from '../../../functions/contract/env/agent';
import type { OnPublish, SessionGrant } from '../../../functions/contract/hooks/srs';
import type { StreamId } from '../../../functions/contract/ids';
import type { SessionEncryption } from '../../../functions/contract/objects/encryption';
import { defined } from '../../../functions/core/defined';
import { streamKeyOf } from '../../../functions/core/keys';
import { sha256Hex } from '../../../functions/core/signing/hash';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { Outbox } from '../cloud/outbox';
import { Questions } from '../cloud/questions';
import type { Relay } from '../cloud/relay';
import type { Counters } from '../metrics/counters';
import type { SrsApi } from '../runtime/ports';
import { NodeSession } from '../session/session';
import type { NewSession, PublishedAs, SessionClient } from '../session/session-state';
import type { Sessions } from '../session/sessions';
import { ACCEPTED, answerOf, type HookAnswer, refusal } from '../srs/answers';
import type { SessionCloser } from './session-closer';
import { takeOverStream } from './takeover';
import { Turns } from './turns';

export interface AdmissionDeps {
  sessions: Sessions;
  relay: Relay;
  outbox: Outbox;
  sessionCloser: SessionCloser;
  srs: SrsApi;
  clock: Clock;
  log: Log;
  counters: Counters;
  settings: () => Pick<AgentEnv, 'sessionWindowSeconds'>;
}

const publishedAs = ({ server_id, ip, vhost, tcUrl }: OnPublish): PublishedAs => ({
  server_id,
  ip,
  vhost,
  // An encoder may have put the key into the app.
  tcUrl: tcUrl.replace(/\?.*$/s, ''),
});

/** SHA-256 of the stream key in a publisher's `param`; empty when there is none. It is all the agent keeps of a key. */
function keyHashOf(param: string): string {
  const key = streamKeyOf(param);
  return key === undefined ? '' : sha256Hex(key);
}

/** A session that the cloud admitted, and its encryption. */
type Granted = Pick<NewSession, 'grant' | 'encryption'>;
const grantedBy = (grant: SessionGrant, encryption: SessionEncryption | undefined): Granted => ({
  grant,
  ...defined({ encryption }),
});

/** The outcome of an on_publish. `holdMs`: the time for which a refusal is held back, because keys are guessed. */
export interface Decision {
  answer: HookAnswer;
  holdMs?: number;
}

const decided = (answer: HookAnswer): Decision => ({ answer });
const TOO_MANY = decided(
  refusal('too_many', 'too many publishers of this stream from this address wait for their answers'),
);
const GONE = decided(refusal('gone', 'the publisher left before it was answered'));

/**
 * Decides on_publish: the cloud admits; while it is away a key it admitted before goes on in its session. The cloud is
 * asked outside of any queue, so that no publisher waits for the answer to another; only takeovers of one stream are
 * done one after the other.
 */
export class Admission {
  /** Connections that wait for their answer: SRS may list them already. */
  readonly waiting = new Set<string>();
  private readonly questions: Questions;
  private readonly turns = new Turns();

  constructor(private readonly deps: AdmissionDeps) {
    this.questions = new Questions(deps.clock);
  }

  /** `gone`: aborted when SRS no longer waits for the answer. */
  async publish(streamId: StreamId, hook: OnPublish, gone: AbortSignal): Promise<Decision> {
    this.waiting.add(hook.client_id);
    try {
      return await this.decide(streamId, hook, gone);
    } finally {
      this.waiting.delete(hook.client_id);
    }
  }

  private async decide(streamId: StreamId, hook: OnPublish, gone: AbortSignal): Promise<Decision> {
    const { sessions } = this.deps;
    if (sessions.ofClient(hook.client_id)) return decided(ACCEPTED);
    const verdict = await this.ask(streamId, hook, gone);
    if (verdict === 'too_many') return TOO_MANY;
    if (verdict === 'gone') return GONE;
    if (verdict.kind === 'accepted' && verdict.session?.streamId === streamId) {
      return this.enter(streamId, hook, gone, grantedBy(verdict.session, verdict.encryption));
    }
    const earlier = verdict.kind === 'away' ? this.resumable(streamId, hook) : undefined;
    if (earlier !== undefined) return this.enter(streamId, hook, gone, earlier);
    if (verdict.kind === 'accepted')
      return decided(refusal('bad_answer', 'srs-hooks admitted without a session of this stream'));
    return {
      answer: answerOf(verdict),
      ...(verdict.kind === 'refused' && verdict.holdMs && { holdMs: verdict.holdMs }),
    };
  }

  /**
   * Asks the cloud. A client with a key that was right here before waits in no line: strangers at the same address must
   * not keep it out.
   */
  private ask(streamId: StreamId, hook: OnPublish, gone: AbortSignal) {
    const { relay, sessions } = this.deps;
    const keyHash = keyHashOf(hook.param);
    const isKnown = keyHash !== '' && sessions.ofStream(streamId).some(({ state }) => state.keyHash === keyHash);
    const question = () => relay.ask(hook, gone);
    return isKnown ? question() : this.questions.ask(`${hook.ip} ${streamId}`, gone, question);
  }

  /** Lets an admitted connection in, in its turn: with a new session, or going on in an `earlier` one. */
  private async enter(
    streamId: StreamId,
    hook: OnPublish,
    gone: AbortSignal,
    into: Granted | NodeSession,
  ): Promise<Decision> {
    const answer = await this.turns.take(streamId, () => this.inTurn(streamId, hook, gone, into));
    if (answer !== undefined && answer.code === 0) return decided(answer);
    if (!(into instanceof NodeSession)) this.withdraw(hook);
    return decided(answer ?? refusal('busy', 'too many publishers take this stream over at once'));
  }

  private async inTurn(
    streamId: StreamId,
    hook: OnPublish,
    gone: AbortSignal,
    into: Granted | NodeSession,
  ): Promise<HookAnswer> {
    const { sessions, sessionCloser } = this.deps;
    if (sessions.ofClient(hook.client_id)) return ACCEPTED;
    if (gone.aborted) return GONE.answer;
    const ordinal = into instanceof NodeSession ? into.state.grant.ordinal : into.grant.ordinal;
    // Their answers may overtake each other: who was admitted later stays.
    if ((sessions.ofStream(streamId)[0]?.state.grant.ordinal ?? 0) > ordinal) {
      return refusal('superseded', 'a newer publisher has replaced this one');
    }
    if (!(await takeOverStream(this.deps, streamId, hook.client_id))) {
      return refusal('busy', 'the publisher before did not let go within 3 s');
    }
    if (gone.aborted) return GONE.answer;
    sessionCloser.endEach(sessions.ofStream(streamId), 'superseded');
    if (into instanceof NodeSession) this.resume(into, hook);
    else this.begin(into, hook);
    return ACCEPTED;
  }

  private begin(granted: Granted, hook: OnPublish): void {
    const { sessions, settings, log } = this.deps;
    const { grant } = granted;
    const windowMs = Math.max(settings().sessionWindowSeconds, grant.dvrWindowSeconds) * 1000;
    sessions.start({
      ...granted,
      keyHash: keyHashOf(hook.param),
      client: this.clientOf(hook),
      publishedAs: publishedAs(hook),
      windowMs,
    });
    log.info('session_started', {
      streamId: grant.streamId,
      sessionId: grant.sessionId,
      clientId: hook.client_id,
      ip: hook.ip,
    });
  }

  private resumable(streamId: StreamId, hook: OnPublish): NodeSession | undefined {
    const keyHash = keyHashOf(hook.param);
    const [newest] = this.deps.sessions.ofStream(streamId);
    if (newest === undefined || keyHash === '' || newest.state.keyHash !== keyHash || newest.state.final)
      return undefined;
    const { endedAt, grant } = newest.state;
    const inTime = endedAt === undefined || this.deps.clock.now() <= endedAt + grant.reconnectWindowSeconds * 1000;
    return inTime ? newest : undefined;
  }

  /** Goes on in the session the cloud gave this key last, and asks the cloud afterwards. */
  private resume(session: NodeSession, hook: OnPublish): void {
    const { sessions, outbox, log } = this.deps;
    session.resume(this.clientOf(hook), publishedAs(hook));
    sessions.activate(session);
    log.warn('session_resumed', { ...session.ref, clientId: hook.client_id, reason: 'srs-hooks is away' });
    const party = session.ref.streamId;
    outbox.add({ name: `on_publish ${session.ref.sessionId}`, party, send: () => this.confirm(hook) });
  }

  private async confirm(hook: OnPublish): Promise<boolean> {
    const { sessions, relay, sessionCloser, srs, log } = this.deps;
    if (sessions.ofClient(hook.client_id) === undefined) return true;
    const verdict = await relay.once(hook);
    const session = sessions.ofClient(hook.client_id);
    if (session === undefined) {
      if (verdict.kind === 'accepted') this.withdraw(hook);
      return true;
    }
    if (verdict.kind === 'away') return false;
    if (verdict.kind === 'accepted' && verdict.session) {
      if (verdict.session.sessionId === session.ref.sessionId) return true;
      // The cloud counts this connection as a session of its own: from here on it is one.
      sessionCloser.close(session, 'confirmed as another session');
      this.begin(grantedBy(verdict.session, verdict.encryption), hook);
      return true;
    }
    log.warn('publisher_refused', { ...session.ref, clientId: hook.client_id, verdict });
    await srs.kick(hook.client_id);
    return true;
  }

  /** The cloud opened a session that never came to be. */
  private withdraw(hook: OnPublish): void {
    const body = { ...hook, action: 'on_unpublish' as const, param: '' };
    const { outbox, relay } = this.deps;
    const party = hook.stream;
    outbox.add({
      name: `on_unpublish ${hook.client_id}`,
      party,
      send: async () => (await relay.once(body)).kind !== 'away',
    });
  }

  private clientOf({ client_id, service_id }: OnPublish): SessionClient {
    return { clientId: client_id, serviceId: service_id, since: this.deps.clock.now() };
  }
}
