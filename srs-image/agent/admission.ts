import type { AgentEnv } from '../../functions/contract/agent';
import type { OnPublish, SessionGrant } from '../../functions/contract/srs-hooks';
import type { StreamId } from '../../functions/contract/words';
import type { Clock, Log } from '../../functions/core/ports';
import { ACCEPTED, answerOf, type HookAnswer, refusal } from './answers';
import type { Counters } from './counters';
import type { Endings } from './endings';
import type { Outbox } from './outbox';
import type { SrsApi } from './ports';
import type { Relay } from './relay';
import type { Session } from './session';
import type { Client, PublishedAs } from './session-state';
import type { Sessions } from './sessions';
import { keyHashOf } from './stream-key';
import { makeWay } from './takeover';

export interface AdmissionDeps {
  sessions: Sessions;
  relay: Relay;
  outbox: Outbox;
  endings: Endings;
  srs: SrsApi;
  clock: Clock;
  log: Log;
  counters: Counters;
  limits: Pick<AgentEnv, 'sessionWindowSeconds'>;
}

const publishedAs = ({ server_id, ip, vhost, tcUrl }: OnPublish): PublishedAs => ({
  server_id,
  ip,
  vhost,
  // An encoder may have put the key into the app.
  tcUrl: tcUrl.replace(/\?.*$/s, ''),
});

/** Decides on_publish: the cloud admits; while it is away a key it admitted before goes on in its session. */
export class Admission {
  /** Connections that wait for their answer: SRS may list them already. */
  readonly waiting = new Set<string>();
  private readonly turns = new Map<StreamId, Promise<unknown>>();

  constructor(private readonly deps: AdmissionDeps) {}

  /** One after the other for a stream, so that two newcomers do not end each other. */
  async publish(streamId: StreamId, hook: OnPublish): Promise<HookAnswer> {
    this.waiting.add(hook.client_id);
    const turn = (this.turns.get(streamId) ?? Promise.resolve()).then(() => this.decide(streamId, hook));
    const settled = turn.catch(() => undefined);
    this.turns.set(streamId, settled);
    try {
      return await turn;
    } finally {
      this.waiting.delete(hook.client_id);
      if (this.turns.get(streamId) === settled) this.turns.delete(streamId);
    }
  }

  private async decide(streamId: StreamId, hook: OnPublish): Promise<HookAnswer> {
    const { sessions, relay } = this.deps;
    if (sessions.ofClient(hook.client_id)) return ACCEPTED;
    const verdict = await relay.ask(hook);
    if (verdict.kind === 'accepted' && verdict.session?.streamId === streamId) {
      const { session } = verdict;
      return this.enter(
        streamId,
        hook,
        () => this.begin(session, hook),
        () => this.withdraw(hook),
      );
    }
    const earlier = verdict.kind === 'away' ? this.resumable(streamId, hook) : undefined;
    if (earlier !== undefined) return this.enter(streamId, hook, () => this.resume(earlier, hook));
    return verdict.kind === 'accepted'
      ? refusal('bad_answer', 'srs-hooks admitted without a session of this stream')
      : answerOf(verdict);
  }

  /** Lets an admitted connection in once nobody else publishes the stream here. */
  private async enter(streamId: StreamId, hook: OnPublish, letIn: () => void, giveUp = () => {}): Promise<HookAnswer> {
    const { sessions, endings } = this.deps;
    if (!(await makeWay(this.deps, streamId, hook.client_id))) {
      giveUp();
      return refusal('busy', 'the publisher before did not let go within 3 s');
    }
    for (const session of sessions.ofStream(streamId)) endings.end(session, 'superseded');
    letIn();
    return ACCEPTED;
  }

  private begin(grant: SessionGrant, hook: OnPublish): void {
    const { sessions, limits, log } = this.deps;
    const windowMs = Math.max(limits.sessionWindowSeconds, grant.liveWindowSeconds) * 1000;
    sessions.start({
      grant,
      keyHash: keyHashOf(hook.param),
      client: this.clientOf(hook),
      publishedAs: publishedAs(hook),
      windowMs,
    });
    log.info('session_started', { streamId: grant.streamId, sessionId: grant.sessionId, clientId: hook.client_id, ip: hook.ip });
  }

  private resumable(streamId: StreamId, hook: OnPublish): Session | undefined {
    const keyHash = keyHashOf(hook.param);
    const [newest] = this.deps.sessions.ofStream(streamId);
    if (newest === undefined || keyHash === '' || newest.state.keyHash !== keyHash) return undefined;
    const { endedAt, grant } = newest.state;
    const inTime = endedAt === undefined || this.deps.clock.now() <= endedAt + grant.reconnectWindowSeconds * 1000;
    return inTime ? newest : undefined;
  }

  /** Goes on in the session the cloud gave this key last, and asks the cloud afterwards. */
  private resume(session: Session, hook: OnPublish): void {
    const { sessions, outbox, log } = this.deps;
    session.resume(this.clientOf(hook), publishedAs(hook));
    sessions.activate(session);
    log.warn('session_resumed', { ...session.ref, clientId: hook.client_id, reason: 'srs-hooks is away' });
    const party = session.ref.streamId;
    outbox.add({ name: `on_publish ${session.ref.sessionId}`, party, send: () => this.confirm(hook) });
  }

  private async confirm(hook: OnPublish): Promise<boolean> {
    const { sessions, relay, endings, srs, log } = this.deps;
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
      endings.close(session, 'confirmed as another session');
      this.begin(verdict.session, hook);
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
    outbox.add({ name: `on_unpublish ${hook.client_id}`, party, send: async () => (await relay.once(body)).kind !== 'away' });
  }

  private clientOf({ client_id, service_id }: OnPublish): Client {
    return { clientId: client_id, serviceId: service_id, since: this.deps.clock.now() };
  }
}
