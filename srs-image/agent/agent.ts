import { PUBLISHERS_METRIC, VIEWERS_METRIC } from '../../functions/contract/env/agent';
import type { SrsHook } from '../../functions/contract/hooks/srs';
import { ROUTES } from '../../functions/contract/routes';
import { HeartbeatSender } from './cloud/heartbeat-sender';
import { writeNodeMetrics } from './cloud/node-metrics';
import { Outbox } from './cloud/outbox';
import { Questions } from './cloud/questions';
import { Relay } from './cloud/relay';
import type { AgentDeps } from './config/agent-deps';
import { Hooks } from './hooks/hooks';
import { Refusals } from './hooks/refusals';
import { forCallers } from './http/callers';
import { type AgentHandler, type AgentReply, firstOf, getHandler, hookHandler } from './http/listener';
import { Counters } from './metrics/counters';
import { METRICS_TYPE, metricsText } from './metrics/metrics';
import { liveHandler, passedOnHandler } from './playback/live';
import { type NodePlayback, wirePlayback } from './playback/wire-playback';
import { ClockWatch } from './publish/clock-watch';
import { type DrainLimits, drainNode } from './publish/drain';
import { HealthWatch } from './publish/health-watch';
import { SessionCloser } from './publish/session-closer';
import { type Publishing, wirePublishing } from './publish/wire-publishing';
import { boundedHooks, boundedSrs } from './runtime/bounded';
import { type Loop, repeat } from './runtime/loop';
import { reasonOf } from './runtime/reason';
import { Isolation } from './session/isolation';
import { SegmentIngest } from './session/segment-ingest';
import { Sessions } from './session/sessions';
import type { HookAnswer } from './srs/answers';
import { gateMetrics, withClientAddress } from './srs/gate-clients';
import { Inspections } from './upload/inspections';
import { type Uploading, wireUploads } from './upload/wire-uploads';

const POLL_INTERVAL_MS = 1000;
const FOLDER_POLL_INTERVAL_MS = 5000;
const FORGET_EVERY_MS = 10_000;
const LIVE_EVERY_MS = 250;

/** Parts that every room of the agent gets. */
interface SharedParts extends AgentDeps {
  sessions: Sessions;
  outbox: Outbox;
  relay: Relay;
  segmentIngest: SegmentIngest;
  sessionCloser: SessionCloser;
  counters: Counters;
}

/** The agent of one node, wired from its ports. Starts on whatever an earlier one left in the spool. */
export class Agent {
  readonly sessions: Sessions;
  private readonly counters = new Counters();
  private readonly outbox: Outbox;
  private readonly segmentIngest: SegmentIngest;
  private readonly sessionCloser: SessionCloser;
  private readonly publishing: Publishing;
  private readonly playback: NodePlayback;
  private readonly uploading: Uploading;
  private readonly inspections: Inspections;
  private readonly hooks: Hooks;
  private readonly heartbeatSender: HeartbeatSender;
  private readonly clocks: ClockWatch;
  private readonly healthWatch: HealthWatch;
  private readonly stopping = new AbortController();
  private readonly isolation: Isolation;

  private readonly deps: AgentDeps;

  constructor(given: AgentDeps) {
    const deps = { ...given, srs: boundedSrs(given.srs, given.clock), hooks: boundedHooks(given.hooks, given.clock) };
    this.deps = deps;
    this.isolation = new Isolation(deps.log);
    const shared = this.sharedParts(deps);
    this.sessions = shared.sessions;
    this.outbox = shared.outbox;
    this.segmentIngest = shared.segmentIngest;
    this.sessionCloser = shared.sessionCloser;
    const mediaOf = (clientId: string) => this.publishing.watch.mediaOf(clientId);
    this.publishing = wirePublishing({ ...shared, isCopy: (id) => this.playback.edges.isCopy(id) });
    const { isLive, isDraining, watch } = this.publishing;
    const beat = () => this.heartbeatSender.beat();
    this.inspections = new Inspections({ ...deps, segmentSeconds: deps.env.segmentSeconds });
    this.healthWatch = new HealthWatch({ ...shared, watch: this.publishing.watch, inspections: this.inspections });
    const { healthWatch: health, inspections } = this;
    const ownUrl = deps.reach?.agentUrl;
    this.playback = wirePlayback({ ...shared, isLive, isDraining, mediaOf, health, ownUrl, watch, beat });
    const background = (work: Promise<void>) => this.background('upload', work);
    const stop = this.stopping.signal;
    this.uploading = wireUploads({ ...shared, mediaOf, inspections, health, stop, background });
    this.hooks = this.answersToHooks(shared);
    this.heartbeatSender = this.heartbeats(shared);
    this.clocks = new ClockWatch({ ...shared, beat });
  }

  /** Makes the sessions and the way to the cloud. They find the rooms that are made later when they need them. */
  private sharedParts(deps: AgentDeps): SharedParts {
    const { counters } = this;
    const sessions = new Sessions(deps.spool, (session) => this.uploading.uploads.begin(session));
    const outbox = new Outbox(deps);
    const relay = new Relay({ ...deps, counters });
    const segmentIngest = new SegmentIngest({
      ...deps,
      sessions,
      counters,
      mediaOf: (clientId) => this.publishing.watch.mediaOf(clientId),
      offersOf: (clientId) => this.playback.rtc.offersOf(clientId),
      taken: (session, segments) => {
        this.clocks.taken(session);
        this.healthWatch.taken(session, segments);
      },
      lost: (session) => this.healthWatch.lost(session),
      missed: (session) => this.clocks.missed(session),
      sheds: (session, file) => this.clocks.sheds(session, file),
    });
    const sessionCloser = new SessionCloser({ ...deps, segmentIngest, outbox, relay });
    return { ...deps, sessions, outbox, relay, segmentIngest, sessionCloser, counters };
  }

  private answersToHooks(shared: SharedParts): Hooks {
    const { admission, isDraining, watch } = this.publishing;
    const { tickets, plays, unreached, left, edges } = this.playback;
    return new Hooks({
      ...shared,
      admission,
      copies: edges.copies,
      refusals: new Refusals(shared.clock),
      questions: new Questions(shared.clock),
      tickets,
      plays,
      left,
      unreached,
      isDraining,
      sawService: (id) => watch.sawService(id),
    });
  }

  private heartbeats(shared: SharedParts): HeartbeatSender {
    const { lowLatency, plays, edges } = this.playback;
    const { watch, isDraining } = this.publishing;
    const { renditionsOf } = this.uploading;
    return new HeartbeatSender({
      ...shared,
      mediaOf: (session) => this.inspections.reportOf(session, this.clocks.faultOf(session)),
      healthOf: (session) => this.healthWatch.healthOf(session),
      renditionsOf,
      isCut: (session) => this.clocks.isCut(session),
      role: shared.env.role,
      region: shared.env.region,
      serviceId: () => watch.service,
      isDraining,
      drain: () => this.drain(),
      endPlays: (order) => Promise.all([lowLatency.endPlays(order), plays.end(order, order.reason)]),
      edges: edges.news,
    });
  }

  /** Goes on where the last one ended, then runs until `stop`. */
  start(): void {
    this.sessions.load((ref, error) => this.deps.log.error('session_unreadable', { ...ref, error: reasonOf(error) }));
    this.lookAtFolders();
    for (const session of this.sessions.all())
      if (!session.open && !session.state.reported) this.sessionCloser.report(session);
    const { clock, settings } = this.deps;
    this.background('outbox', this.outbox.run(this.stopping.signal));
    this.loop('srs', POLL_INTERVAL_MS, () => this.publishing.watch.look());
    this.loop('clocks', POLL_INTERVAL_MS, () => this.clocks.look());
    this.loop('health', POLL_INTERVAL_MS, () => this.healthWatch.look());
    this.loop('folder', FOLDER_POLL_INTERVAL_MS, () => this.lookAtFolders());
    this.loop('live', LIVE_EVERY_MS, () => {
      this.playback.lowLatency.look();
      this.playback.edges.look();
    });
    this.loop('plays', POLL_INTERVAL_MS, () => this.playback.plays.look(this.publishing.watch.isSrsUp));
    this.loop(
      'heartbeat',
      () => settings().heartbeatSeconds * 1000,
      () => this.heartbeatSender.beat(),
    );
    this.loop('forget', FORGET_EVERY_MS, () => this.sessions.forgetOver(clock.now(), this.isolation));
    this.tellMonitoring();
  }

  /** Origins grow by their publishers, edges by their viewers. */
  private tellMonitoring(): void {
    const { writePoints, env, gate } = this.deps;
    if (writePoints === undefined) return;
    const ofRole = {
      origin: {
        growth: { type: PUBLISHERS_METRIC, value: () => this.sessions.open().length },
        gateMetrics: () => gateMetrics(gate),
      },
      edge: { growth: { type: VIEWERS_METRIC, value: () => this.playback.plays.count } },
    };
    const deps = { ...this.deps, writePoints, ...ofRole[env.role] };
    this.background('metric', writeNodeMetrics(deps, this.stopping.signal));
  }

  /** Takes no new publisher any more; those that are there stay until they end or the deadline comes. */
  drain(): void {
    if (this.publishing.evacuation.begun) return;
    this.publishing.evacuation.begin();
    this.loop('evacuation', POLL_INTERVAL_MS, () => this.publishing.evacuation.look());
  }

  /** Drains, ends what is left, uploads and reports it within the limits, then stops. True if nothing was left over. */
  async shutDown(limits?: DrainLimits): Promise<boolean> {
    this.drain();
    const { sessions, outbox, sessionCloser } = this;
    const { watch } = this.publishing;
    const clean = await drainNode({ ...this.deps, sessions, outbox, sessionCloser, watch }, limits);
    await this.heartbeatSender
      .beat()
      .catch((error: unknown) => this.deps.log.warn('heartbeat_failed', { error: reasonOf(error) }));
    this.stop();
    return clean;
  }

  /** Lets go of everything at once; what waits is in the spool. */
  stop(): void {
    this.stopping.abort();
    this.playback.lowLatency.stop();
    this.playback.edges.stop();
    for (const session of this.sessions.all()) session.changed.notify();
  }

  /** For SRS and the operator on this machine. */
  localHandler(): AgentHandler {
    const hooks = hookHandler((hook, gone) => this.timed(hook, gone));
    const metrics = this.metricsHandler();
    return (request) => (request.path === ROUTES.agent.metrics ? metrics(request) : hooks(request));
  }

  /**
   * For load balancers: whether publishers may come here, and media for viewers. For the instance group: whether the
   * node works. The rest is for our callers, and what nodes pass on for nodes.
   */
  publicHandler(): AgentHandler {
    const { verifyToken: verify, settings } = this.deps;
    const { live, media } = this.playback;
    const probes = getHandler({ [ROUTES.agent.healthz]: () => this.health(), [ROUTES.agent.livez]: () => this.life() });
    const passedOn = forCallers({ verify, allowed: () => settings().peers }, passedOnHandler(live));
    const ours = forCallers({ verify, allowed: () => settings().callers }, firstOf(this.metricsHandler(), media));
    const open = firstOf(probes, liveHandler(live));
    return (request) => (request.path.startsWith(ROUTES.agent.passedOn) ? passedOn : firstOf(open, ours))(request);
  }

  private metricsHandler(): AgentHandler {
    const text = async () =>
      metricsText({
        counters: this.counters,
        openSessions: this.sessions.open().length,
        pending: { segments: this.sessions.pendingSegments, bytes: this.sessions.pendingBytes },
        outboxSize: this.outbox.size,
        srsUp: this.publishing.watch.isSrsUp,
        draining: this.publishing.evacuation.begun,
      }) + (await gateMetrics(this.deps.gate));
    const headers = { 'content-type': METRICS_TYPE };
    return getHandler({ [ROUTES.agent.metrics]: async () => ({ status: 200, body: await text(), headers }) });
  }

  private async timed(hook: SrsHook, gone: AbortSignal): Promise<HookAnswer> {
    const { clock } = this.deps;
    const from = clock.now();
    const named = await withClientAddress(hook, this.deps.gate, this.deps.log);
    const answer = await this.hooks.answer(named, gone);
    this.counters.hookAnswered(hook.action, (clock.now() - from) / 1000);
    return answer;
  }

  private health(): AgentReply {
    return this.publishing.evacuation.begun ? { status: 503, body: 'draining\n' } : this.life();
  }

  private life(): AgentReply {
    const { isSrsUp } = this.publishing.watch;
    return isSrsUp ? { status: 200, body: 'ok\n' } : { status: 503, body: 'SRS does not answer\n' };
  }

  private lookAtFolders(): void {
    for (const session of this.sessions.open()) {
      this.isolation.run('folder', session.ref, () => this.segmentIngest.look(session, true));
    }
  }

  private loop(name: string, everyMs: Loop['everyMs'], run: () => Promise<void> | void): void {
    this.background(name, repeat({ name, everyMs, run }, this.deps, this.stopping.signal));
  }

  private background(name: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.deps.log.error('loop_ended', { loop: name, error }));
  }
}
