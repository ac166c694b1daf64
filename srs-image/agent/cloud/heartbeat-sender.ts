import type { AgentEnv } from '../../../functions/contract/env/agent';
import type { SessionHealth } from '../../../functions/contract/hooks/session-health';
import {
  type Heartbeat,
  type NodeCommand,
  type Reach,
  ReceivedHeartbeatAnswer,
  type SessionReport,
} from '../../../functions/contract/hooks/srs';
import type { NodeId } from '../../../functions/contract/ids';
import type { MediaReport } from '../../../functions/contract/media-report';
import type { RenditionReport } from '../../../functions/contract/packaging';
import { ROUTES } from '../../../functions/contract/routes';
import { defined } from '../../../functions/core/defined';
import { judgeReports, type LeftOut } from '../../../functions/core/publish/session-reports';
import type { Log } from '../../../functions/ports/stores';
import type { Counters } from '../metrics/counters';
import type { HooksClient, SrsApi } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import { Isolation } from '../session/isolation';
import type { NodeSession } from '../session/session';
import { pendingOf } from '../session/session-state';
import type { Sessions } from '../session/sessions';

export interface HeartbeatSenderDeps {
  nodeId: NodeId;
  role: AgentEnv['role'];
  region?: AgentEnv['region'] | undefined;
  reach?: Reach | undefined;
  hooks: HooksClient;
  srs: SrsApi;
  sessions: Sessions;
  log: Log;
  counters: Counters;
  /** Its publisher was ended because of what it sent. */
  isCut: (session: NodeSession) => boolean;
  /** Returns the media of its publisher, which is judged before it is reported. */
  mediaOf: (session: NodeSession) => MediaReport | undefined;
  /** Returns how it goes; `undefined` while it does not publish. */
  healthOf: (session: NodeSession) => SessionHealth | undefined;
  /** The state of its renditions; absent: it is in transport streams. */
  renditionsOf: (session: NodeSession) => readonly RenditionReport[] | undefined;
  serviceId: () => string | undefined;
  isDraining: () => boolean;
  drain: () => void;
  endPlays: (order: Extract<NodeCommand, { kind: 'end_plays' }>) => Promise<unknown>;
  edges: EdgeNews;
}

/** The part that edges have in a heartbeat, and in its answer. */
export interface EdgeNews {
  node: () => Pick<Heartbeat, 'viewers' | 'egressBps' | 'pushes' | 'copies'>;
  session: (session: NodeSession) => Pick<SessionReport, 'edges' | 'viewers'>;
  push: (order: Extract<NodeCommand, { kind: 'push' }>) => void;
  endPush: (order: Extract<NodeCommand, { kind: 'end_push' }>) => void;
}

/**
 * Says what the node serves and does what the answer asks for. What one session has to say never keeps the heartbeat
 * from going.
 */
export class HeartbeatSender {
  /** Reports that were left out, by session: each is logged once. */
  private readonly noticed = new WeakMap<NodeSession, Set<string>>();

  private readonly isolation: Isolation;

  constructor(private readonly deps: HeartbeatSenderDeps) {
    this.isolation = new Isolation(deps.log);
  }

  /**
   * Nothing before SRS has been seen: without its id the cloud could not tell a restart of SRS from one of the agent.
   */
  async beat(): Promise<void> {
    const { hooks } = this.deps;
    const serviceId = this.deps.serviceId();
    if (serviceId === undefined) return;
    const { status, body } = await hooks.post(ROUTES.hooks.heartbeat, this.now(serviceId));
    if (status !== 200) throw new Error(`srs-hooks answered a heartbeat with ${status}`);
    // Not waited for: a connection that does not go must not hold up the next heartbeat. Never rejects.
    for (const command of ReceivedHeartbeatAnswer.parse(body).commands) void this.obey(command);
  }

  private now(serviceId: string): Heartbeat {
    const { nodeId, role, region, reach, sessions, isDraining } = this.deps;
    const unfinished = sessions.all().filter(({ state }) => !state.finished);
    const judged = judgeReports(unfinished.map((session) => this.reportOf(session)));
    for (const leftOut of judged.leftOut) this.notice(leftOut, unfinished);
    return {
      nodeId,
      serviceId,
      role,
      ...defined({ region }),
      draining: isDraining(),
      spoolBytes: sessions.pendingBytes,
      ...defined({ reach }),
      sessions: judged.sessions,
      ...this.deps.edges.node(),
    };
  }

  private reportOf(session: NodeSession) {
    return {
      ...session.ref,
      publishing: session.open,
      pendingSegments: pendingOf(session.state).length,
      peakBitrateBps: session.state.peakBps,
      media: this.mediaOf(session),
      health: this.deps.healthOf(session),
      renditions: this.deps.renditionsOf(session),
      ...(this.deps.isCut(session) && { cut: 'media_clock' }),
      ...this.deps.edges.session(session),
    };
  }

  private mediaOf(session: NodeSession): unknown {
    try {
      return this.deps.mediaOf(session);
    } catch (error) {
      return { error };
    }
  }

  private notice(leftOut: LeftOut, sessions: readonly NodeSession[]): void {
    const { counters, log } = this.deps;
    counters.reportsLeftOut += 1;
    const session = sessions.find(
      ({ ref }) => ref.sessionId === leftOut.sessionId && ref.streamId === leftOut.streamId,
    );
    const known = session && (this.noticed.get(session) ?? new Set<string>());
    const what = leftOut.part ?? 'report';
    if (session === undefined || known === undefined || known.has(what)) return;
    this.noticed.set(session, known.add(what));
    log.warn('session_report_left_out', { ...leftOut });
  }

  private async obey(command: NodeCommand): Promise<void> {
    const { drain, endPlays, edges } = this.deps;
    switch (command.kind) {
      case 'drain':
        return drain();
      case 'end_plays':
        return void (await endPlays(command));
      case 'push':
        return edges.push(command);
      case 'end_push':
        return edges.endPush(command);
      case 'kick':
        return this.kick(command);
    }
  }

  private async kick(command: Extract<NodeCommand, { kind: 'kick' }>): Promise<void> {
    const { sessions, srs, log, counters } = this.deps;
    const session = sessions
      .ofStream(command.streamId)
      .find(({ open, ref }) => open && ref.sessionId === command.sessionId);
    if (session === undefined) return;
    if (command.reason === 'stopped') this.isolation.run('final', session.ref, () => session.makeFinal());
    const about = { ...session.ref, clientId: session.state.client.clientId };
    log.warn('publisher_kicked', { ...about, reason: command.reason });
    counters.kicks += 1;
    // The cloud says it again until the session is gone.
    await srs
      .kick(about.clientId)
      .catch((error: unknown) => log.warn('kick_failed', { ...about, error: reasonOf(error) }));
  }
}
