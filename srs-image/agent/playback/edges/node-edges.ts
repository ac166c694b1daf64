import type { AgentEnv } from '../../../../functions/contract/env/agent';
import type { StreamId } from '../../../../functions/contract/ids';
import { defined } from '../../../../functions/core/defined';
import type { EdgeNews } from '../../cloud/heartbeat-sender';
import type { Relay } from '../../cloud/relay';
import type { TakeoverDeps } from '../../publish/takeover';
import type { EdgeGates, SrsFlv, SrsMedia } from '../../runtime/ports';
import type { Tickets } from '../../srs/tickets';
import type { Unreached } from '../unreached';
import { Copies } from './copies';
import { Pushes } from './pushes';

export interface NodeEdgesDeps extends TakeoverDeps {
  env: Pick<AgentEnv, 'role' | 'flvViewers'>;
  /** The way to edges; absent: this node pushes to none. */
  edgeGates?: EdgeGates | undefined;
  flv: SrsFlv;
  tickets: Tickets;
  unreached: Pick<Unreached, 'waits'>;
  relay: Relay;
  watch: {
    mediaOf: (clientId: string) => SrsMedia | undefined;
    isPublishing: (clientId: string) => boolean;
    readonly sentBps: number;
  };
  plays: { readonly count: number; of: (streamId: StreamId) => readonly unknown[] };
  beat: () => Promise<void>;
}

/** The part of this node in edges: what it pushes as an origin, or what is pushed to it as an edge. */
export class NodeEdges {
  /** Absent on an origin. */
  readonly copies: Copies | undefined;
  readonly news: EdgeNews;
  private readonly pushes: Pushes | undefined;

  constructor(private readonly deps: NodeEdgesDeps) {
    const { env, edgeGates, watch } = deps;
    const isPublishing = (clientId: string) => watch.isPublishing(clientId);
    if (env.role === 'edge') this.copies = new Copies({ ...deps, isPublishing, viewersOf: this.viewersOf });
    else if (edgeGates !== undefined)
      this.pushes = new Pushes({ ...deps, gates: edgeGates, mediaOf: (clientId) => watch.mediaOf(clientId) });
    this.news = {
      node: () => this.ofNode(),
      session: (session) => {
        const edges = this.pushes?.edgesOf(session);
        return edges === undefined ? {} : { edges, viewers: this.viewersOf(session.ref.streamId) };
      },
      push: (order) => this.pushes?.begin(order),
      endPush: (order) => this.pushes?.end(order),
    };
  }

  /** True for a copy, and for one that waits to be let in. */
  isCopy(clientId: string): boolean {
    return this.copies !== undefined && (this.copies.has(clientId) || this.copies.waiting.has(clientId));
  }

  left(clientId: string): void {
    this.copies?.left(clientId);
  }

  look(): void {
    this.copies?.look();
    this.pushes?.look();
  }

  stop(): void {
    this.pushes?.stop();
  }

  private ofNode(): ReturnType<EdgeNews['node']> {
    const { plays, watch, env, sessions } = this.deps;
    const pushes = this.pushes?.list();
    const copies = this.copies?.list();
    // A node that has nothing to do with edges says what it said before there were any.
    if (copies === undefined && !sessions.open().some(({ state }) => state.grant.edges !== undefined)) return {};
    return {
      viewers: { playing: plays.count, most: env.flvViewers.perNode },
      egressBps: watch.sentBps,
      ...defined({ pushes: pushes?.length ? pushes : undefined, copies }),
    };
  }

  private readonly viewersOf = (streamId: StreamId): number => this.deps.plays.of(streamId).length;
}
