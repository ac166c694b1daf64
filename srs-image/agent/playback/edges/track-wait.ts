import type { Clock } from '../../../../functions/ports/stores';
import { soundWaitMs } from '../../low-latency/feed';
import type { SrsMedia } from '../../runtime/ports';
import type { NodeSession } from '../../session/session';

export interface TrackWaitDeps {
  mediaOf: (clientId: string) => SrsMedia | undefined;
  clock: Pick<Clock, 'now'>;
}

/** Knows which sessions have all tracks that they will have: both, or one for so long that no other comes. */
export class TrackWait {
  private readonly since = new WeakMap<NodeSession, number>();
  private readonly ready = new WeakSet<NodeSession>();

  constructor(private readonly deps: TrackWaitDeps) {}

  isReady(session: NodeSession): boolean {
    return this.ready.has(session);
  }

  /** Looks at sessions; true when one of them has become ready. */
  look(sessions: readonly NodeSession[]): boolean {
    const news = sessions.filter((session) => !this.ready.has(session) && this.hasTracks(session));
    for (const session of news) this.ready.add(session);
    return news.length > 0;
  }

  private hasTracks(session: NodeSession): boolean {
    const { mediaOf, clock } = this.deps;
    const media = mediaOf(session.state.client.clientId);
    if (media?.video === undefined && media?.audio === undefined) return false;
    const since = this.since.get(session) ?? clock.now();
    this.since.set(session, since);
    const hasBoth = media.video !== undefined && media.audio !== undefined;
    return hasBoth || clock.now() - since >= soundWaitMs(session);
  }
}
