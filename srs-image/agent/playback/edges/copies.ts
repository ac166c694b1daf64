import type { EdgeCopy } from '../../../../functions/contract/hooks/edges';
import type { OnPublish, PushedSession } from '../../../../functions/contract/hooks/srs';
import type { StreamId } from '../../../../functions/contract/ids';
import { pushTokenOf } from '../../../../functions/core/publish/push-token';
import type { Relay } from '../../cloud/relay';
import { type TakeoverDeps, takeOverStream } from '../../publish/takeover';
import { Turns } from '../../publish/turns';
import { reasonOf } from '../../runtime/reason';
import { ACCEPTED, answerOf, type HookAnswer, refusal } from '../../srs/answers';

export interface CopiesDeps extends TakeoverDeps {
  relay: Relay;
  /** Connections that play the stream from here. */
  viewersOf: (streamId: StreamId) => number;
  /** Returns whether SRS lists the client as a publisher now. */
  isPublishing: (clientId: string) => boolean;
  /** Sends a heartbeat now, so that viewers are told of the copy. */
  beat: () => Promise<void>;
}

interface Copy extends PushedSession {
  clientId: string;
  since: number;
}

/** SRS lists a publisher some milliseconds after its on_publish was answered. */
const SETTLE_MS = 5000;

const ordinalOf = (sessionId: string): number => Number.parseInt(sessionId, 10);

/**
 * The copies that origins push to this edge. Each shows a token for one use, which srs-hooks takes. None is a session:
 * nothing is uploaded, and no publisher counts.
 */
export class Copies {
  /** Connections that wait for their answer: SRS may list them already. */
  readonly waiting = new Set<string>();
  private readonly byStream = new Map<StreamId, Copy>();
  private readonly turns = new Turns();

  constructor(private readonly deps: CopiesDeps) {}

  /** Decides on_publish of an edge. A publisher without a push token is refused without a question. */
  async publish(streamId: StreamId, hook: OnPublish, gone: AbortSignal): Promise<HookAnswer> {
    if (pushTokenOf(hook.param) === undefined)
      return refusal('pushes_only', 'this node is an edge: it takes only what origins push to it');
    this.waiting.add(hook.client_id);
    try {
      const verdict = await this.deps.relay.ask(hook, gone);
      if (verdict.kind !== 'accepted') return answerOf(verdict);
      const { push } = verdict;
      if (push === undefined)
        return refusal('bad_answer', 'srs-hooks admitted without naming the session that is pushed');
      const answer = await this.turns.take(streamId, () => this.enter(streamId, hook, push));
      return answer ?? refusal('busy', 'too many origins push this stream at once');
    } finally {
      this.waiting.delete(hook.client_id);
    }
  }

  left(clientId: string): void {
    for (const [streamId, copy] of this.byStream) if (copy.clientId === clientId) this.byStream.delete(streamId);
  }

  /** Returns whether the connection has been let in as a copy. */
  has(clientId: string): boolean {
    return [...this.byStream.values()].some((copy) => copy.clientId === clientId);
  }

  /** Returns whether everybody may know that the stream is live. */
  isOpen(streamId: StreamId): boolean {
    return this.byStream.get(streamId)?.policy === 'open';
  }

  list(): EdgeCopy[] {
    return [...this.byStream].map(([streamId, { sessionId }]) => {
      return { streamId, sessionId, viewers: this.deps.viewersOf(streamId) };
    });
  }

  /** Forgets copies that SRS does not have any more: it says nothing when it restarts. */
  look(): void {
    const { clock, isPublishing } = this.deps;
    for (const [streamId, { clientId, since }] of this.byStream)
      if (clock.now() - since >= SETTLE_MS && !isPublishing(clientId)) this.byStream.delete(streamId);
  }

  /** The newest session stays, whichever origin came last. */
  private async enter(streamId: StreamId, hook: OnPublish, push: PushedSession): Promise<HookAnswer> {
    const { clock, log, beat } = this.deps;
    const before = this.byStream.get(streamId);
    if (before !== undefined && ordinalOf(before.sessionId) > ordinalOf(push.sessionId))
      return refusal('superseded', 'a newer session of the stream is here');
    if (!(await takeOverStream(this.deps, streamId, hook.client_id)))
      return refusal('busy', 'the copy before did not let go within 3 s');
    this.byStream.set(streamId, { ...push, clientId: hook.client_id, since: clock.now() });
    log.info('copy_begins', { streamId, sessionId: push.sessionId, clientId: hook.client_id });
    beat().catch((error: unknown) => log.warn('heartbeat_failed', { error: reasonOf(error) }));
    return ACCEPTED;
  }
}
