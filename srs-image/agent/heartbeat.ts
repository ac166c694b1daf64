import type { AgentEnv } from '../../functions/contract/agent';
import type { MediaReport } from '../../functions/contract/media-report';
import { ROUTES } from '../../functions/contract/routes';
import { Heartbeat, HeartbeatAnswer, type NodeCommand, type Reach } from '../../functions/contract/srs-hooks';
import type { NodeId } from '../../functions/contract/words';
import type { Log } from '../../functions/core/ports';
import type { Counters } from './counters';
import type { HooksClient, SrsApi } from './ports';
import type { Session } from './session';
import { pendingOf } from './session-state';
import type { Sessions } from './sessions';

export interface PulseDeps {
  nodeId: NodeId;
  role: AgentEnv['role'];
  reach?: Reach | undefined;
  hooks: HooksClient;
  srs: SrsApi;
  sessions: Sessions;
  log: Log;
  counters: Counters;
  mediaOf: (session: Session) => MediaReport | undefined;
  serviceId: () => string | undefined;
  isDraining: () => boolean;
  drain: () => void;
  endPlays: (order: Extract<NodeCommand, { kind: 'end_plays' }>) => Promise<unknown>;
}

/** Says what the node serves and does what the answer asks for. */
export class Pulse {
  constructor(private readonly deps: PulseDeps) {}

  /** Nothing before SRS has been seen: without its id the cloud could not tell a restart of SRS from one of the agent. */
  async beat(): Promise<void> {
    const { hooks } = this.deps;
    const serviceId = this.deps.serviceId();
    if (serviceId === undefined) return;
    const { status, body } = await hooks.post(ROUTES.hooks.heartbeat, this.now(serviceId));
    if (status !== 200) throw new Error(`srs-hooks answered a heartbeat with ${status}`);
    for (const command of HeartbeatAnswer.parse(body).commands) await this.obey(command);
  }

  private now(serviceId: string): Heartbeat {
    const { nodeId, role, reach, sessions, isDraining, mediaOf } = this.deps;
    const unfinished = sessions.all().filter(({ state }) => !state.finished);
    return Heartbeat.parse({
      nodeId,
      serviceId,
      role,
      draining: isDraining(),
      spoolBytes: sessions.pendingBytes,
      ...(reach === undefined ? {} : { reach }),
      sessions: unfinished.map((session) => ({
        ...session.ref,
        publishing: session.open,
        pendingSegments: pendingOf(session.state).length,
        peakBitrateBps: session.state.peakBps,
        media: mediaOf(session),
      })),
    });
  }

  private async obey(command: NodeCommand): Promise<void> {
    const { sessions, srs, log, counters, drain, endPlays } = this.deps;
    if (command.kind === 'drain') return drain();
    if (command.kind === 'end_plays') return void (await endPlays(command));
    const session = sessions.ofStream(command.streamId).find(({ open, ref }) => open && ref.sessionId === command.sessionId);
    if (session === undefined) return;
    log.warn('publisher_kicked', { ...session.ref, clientId: session.state.client.clientId, reason: command.reason });
    counters.kicks += 1;
    await srs.kick(session.state.client.clientId);
  }
}
