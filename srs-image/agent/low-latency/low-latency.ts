import type { NodeCommand } from '../../../functions/contract/hooks/srs';
import type { BroadcastId, StreamId } from '../../../functions/contract/ids';
import type { RandomId } from '../../../functions/ports/stores';
import { reasonOf } from '../runtime/reason';
import type { NodeSession } from '../session/session';
import type { WaitingMetadata } from '../session/session-state';
import type { Sessions } from '../session/sessions';
import { Feed, type FeedDeps } from './feed';
import { HeldRequests } from './held-requests';
import { LowLatencyStream } from './low-latency-stream';

export interface LowLatencyDeps extends FeedDeps {
  sessions: Sessions;
  randomId: RandomId;
}

/** A stream with its place in URLs: another `epoch` counts segments from 0 again. */
export interface RunningStream {
  epoch: string;
  broadcastId: BroadcastId;
  stream: LowLatencyStream;
}
interface Kept extends RunningStream {
  session: NodeSession;
  feed: AbortController;
  /** The time since which the stream is not published. */
  idleSince: number | undefined;
}

/** More than a node serves viewers of; beyond it a request is refused at once. */
const MAX_HELD = 4000;
/** An ended playlist is kept for who plays its last seconds. */
const KEPT_MS = 30_000;

/** Streams of this node that are cut for low latency: those whose session says so, and no others. */
export class LowLatency {
  private readonly streams = new Map<StreamId, Kept>();
  private readonly held = new HeldRequests(MAX_HELD);
  /** Sessions whose viewers were ended: nothing is cut of them any more. */
  private readonly ended = new WeakSet<NodeSession>();

  constructor(private readonly deps: LowLatencyDeps) {}

  of(streamId: StreamId): RunningStream | undefined {
    return this.streams.get(streamId);
  }

  /** Takes up sessions that began, and lets go of those that are over. */
  look(): void {
    for (const session of this.deps.sessions.open())
      if (session.state.grant.latency === 'low' && !this.ended.has(session)) this.follow(session);
    for (const [streamId, kept] of this.streams) this.age(streamId, kept);
  }

  /** Timed metadata of a session, for viewers of its low-latency playlist. */
  mark(session: NodeSession, metadata: WaitingMetadata): void {
    const kept = this.streams.get(session.ref.streamId);
    if (kept?.session === session) kept.stream.mark(metadata);
  }

  /** Obeys an order to end plays: where all of a stream are meant, its playlist and media are gone at once. */
  endPlays({ streamId, grantId }: Extract<NodeCommand, { kind: 'end_plays' }>): void {
    if (grantId !== undefined) return;
    for (const session of this.deps.sessions.ofStream(streamId)) this.ended.add(session);
    const kept = this.streams.get(streamId);
    kept?.feed.abort();
    kept?.stream.end();
    this.streams.delete(streamId);
  }

  stop(): void {
    for (const { feed } of this.streams.values()) feed.abort();
  }

  /** A session of the same broadcast goes on in its playlist. */
  private follow(session: NodeSession): void {
    const { streamId } = session.ref;
    const { broadcastId } = session.state.grant;
    const before = this.streams.get(streamId);
    if (before?.session === session && before.idleSince === undefined) return;
    before?.feed.abort();
    const goesOn = before !== undefined && before.broadcastId === broadcastId && !before.stream.isOver;
    const { epoch, stream } = goesOn
      ? before
      : { epoch: this.deps.randomId(8), stream: new LowLatencyStream({ clock: this.deps.clock, held: this.held }) };
    const feed = new AbortController();
    this.streams.set(streamId, { epoch, broadcastId, stream, session, feed, idleSince: undefined });
    this.run(new Feed(session, stream, this.deps), session, feed.signal);
  }

  private run(feed: Feed, session: NodeSession, over: AbortSignal): void {
    feed
      .run(over)
      .catch((error: unknown) => this.deps.log.warn('low_latency_ended', { ...session.ref, error: reasonOf(error) }));
  }

  private age(streamId: StreamId, kept: Kept): void {
    if (kept.session.open) return;
    const now = this.deps.clock.now();
    kept.feed.abort();
    kept.idleSince ??= now;
    const { final, grant } = kept.session.state;
    const windowMs = final ? 0 : grant.reconnectWindowSeconds * 1000;
    if (!kept.stream.isOver && now - kept.idleSince >= windowMs) kept.stream.end();
    if (now - kept.idleSince > windowMs + KEPT_MS) this.streams.delete(streamId);
  }
}
