import type { SrsHook } from '../../functions/contract/hooks/srs';
import type { StreamId } from '../../functions/contract/ids';
import { ROUTES } from '../../functions/contract/routes';
import { HeartbeatSender } from './cloud/heartbeat-sender';
import { writeNodeMetrics } from './cloud/node-metrics';
import { Outbox } from './cloud/outbox';
import { Questions } from './cloud/questions';
import { Relay } from './cloud/relay';
import { StreamLocator } from './cloud/stream-locator';
import type { AgentDeps } from './config/agent-deps';
import { Hooks } from './hooks/hooks';
import { Refusals } from './hooks/refusals';
import { forCallers } from './http/callers';
import { type AgentHandler, type AgentReply, firstOf, getHandler, hookHandler } from './http/listener';
import { HeldRequests } from './low-latency/held-requests';
import { LowLatency } from './low-latency/low-latency';
import { Counters } from './metrics/counters';
import { METRICS_TYPE, metricsText } from './metrics/metrics';
import { corsHeaders } from './playback/cors';
import { FlvSeats } from './playback/flv-seats';
import { type LiveDeps, liveHandler, MAX_PASSING, passedOnHandler } from './playback/live';
import { mediaRoutes } from './playback/media-routes';
import { Plays } from './playback/plays';
import { Rtc } from './playback/rtc';
import { Unreached } from './playback/unreached';
import { Admission } from './publish/admission';
import { ClockWatch } from './publish/clock-watch';
import { type DrainLimits, drainNode } from './publish/drain';
import { Evacuation } from './publish/evacuation';
import { HealthWatch } from './publish/health-watch';
import { SessionCloser } from './publish/session-closer';
import { SrsMonitor } from './publish/srs-monitor';
import { type MetadataDeps, MetadataTaker } from './publish/take-metadata';
import { boundedHooks, boundedSrs } from './runtime/bounded';
import { type Loop, repeat } from './runtime/loop';
import { reasonOf } from './runtime/reason';
import { Isolation } from './session/isolation';
import type { SegmentFile } from './session/ports';
import { SegmentIngest } from './session/segment-ingest';
import type { NodeSession } from './session/session';
import { Sessions } from './session/sessions';
import type { HookAnswer } from './srs/answers';
import { gateMetrics, withClientAddress } from './srs/gate-clients';
import { Tickets } from './srs/tickets';
import { Inspections } from './upload/inspections';
import { packagingDeps } from './upload/packaging-deps';
import { Semaphore } from './upload/semaphore';
import { Uploads } from './upload/uploads';

const LOOK_EVERY_MS = 1000;
const FOLDER_POLL_INTERVAL_MS = 5000;
const FORGET_EVERY_MS = 10_000;
const LOW_LATENCY_EVERY_MS = 250;

/** The agent of one node, wired from its ports. Starts on whatever an earlier one left in the spool. */
export class Agent {
  readonly sessions: Sessions;
  readonly watch: SrsMonitor;
  private readonly counters = new Counters();
  private readonly outbox: Outbox;
  private readonly segmentIngest: SegmentIngest;
  private readonly sessionCloser: SessionCloser;
  private readonly hooks: Hooks;
  private readonly plays: Plays;
  private readonly heartbeatSender: HeartbeatSender;
  private readonly clocks: ClockWatch;
  private readonly healthWatch: HealthWatch;
  private readonly media: AgentHandler;
  private readonly live: LiveDeps;
  private readonly lowLatency: LowLatency;
  private readonly uploads: Uploads;
  private readonly stopping = new AbortController();
  private readonly evacuation: Evacuation;
  private readonly isolation: Isolation;

  private readonly deps: AgentDeps;

  constructor(given: AgentDeps) {
    const deps = { ...given, srs: boundedSrs(given.srs, given.clock), hooks: boundedHooks(given.hooks, given.clock) };
    this.deps = deps;
    const { counters } = this;
    const { env } = deps;
    this.isolation = new Isolation(deps.log);
    const sessions = new Sessions(deps.spool, (session) => this.uploads.begin(session));
    const outbox = new Outbox(deps);
    const relay = new Relay({ ...deps, counters });
    const seen = {
      mediaOf: (clientId: string) => watch.mediaOf(clientId),
      offersOf: (clientId: string) => rtc.offersOf(clientId),
      taken: (session: NodeSession) => {
        for (const watching of [this.clocks, this.healthWatch]) watching.taken(session);
      },
      lost: (session: NodeSession) => this.healthWatch.lost(session),
      missed: (session: NodeSession) => this.clocks.missed(session),
      sheds: (session: NodeSession, file: SegmentFile) => this.clocks.sheds(session, file),
    };
    const segmentIngest = new SegmentIngest({ ...deps, ...seen, sessions, counters });
    const sessionCloser = new SessionCloser({ ...deps, segmentIngest, outbox, relay });
    const shared = { ...deps, sessions, outbox, relay, segmentIngest, sessionCloser, counters };
    const admission = new Admission(shared);
    const isWaiting = (clientId: string) => admission.waiting.has(clientId);
    const watch = new SrsMonitor({ ...shared, isWaiting, kickUnknown: env.role === 'origin' });
    const evacuation = new Evacuation(shared);
    const isDraining = () => evacuation.begun;
    const tickets = new Tickets(deps.randomId);
    const isLive = (stream: StreamId) => sessions.ofStream(stream).some(({ open }) => open) || watch.isLive(stream);
    const rtc = new Rtc({ ...shared, tickets, isLive, isDraining });
    const plays = new Plays({ ...shared, notes: deps.playNotes });
    const left = (clientId: string) => {
      for (const each of [rtc, plays]) each.left(clientId);
    };
    const isOpen = (stream: StreamId) =>
      sessions.ofStream(stream).some((session) => session.open && session.state.grant.policy === 'open');
    const unreached = new Unreached({ ...shared, tickets });
    const seats = new FlvSeats(env.flvViewers);
    const locator = new StreamLocator({ ...shared, ownUrl: deps.reach?.agentUrl });
    this.lowLatency = new LowLatency({ ...shared, tickets, mediaOf: seen.mediaOf });
    this.live = {
      ...shared,
      seats,
      isLive,
      locator,
      flv: { ...shared, ...env, tickets, isOpen, unreached },
      lowLatency: { lowLatency: this.lowLatency, cors: (origin) => corsHeaders(env.playerOrigins, origin) },
      passing: new HeldRequests(MAX_PASSING),
    };
    const inspections = new Inspections({ ...deps, segmentSeconds: env.segmentSeconds });
    this.healthWatch = new HealthWatch({ ...shared, watch, inspections });
    const mark: MetadataDeps['mark'] = (session, metadata) => this.lowLatency.mark(session, metadata);
    const metadata = new MetadataTaker({ ...shared, mark });
    this.media = mediaRoutes({ rtc, plays, finality: shared, metadata, health: this.healthWatch });
    this.hooks = new Hooks({
      ...shared,
      admission,
      refusals: new Refusals(deps.clock),
      questions: new Questions(deps.clock),
      tickets,
      plays,
      left,
      unreached,
      isDraining,
      sawService: (id) => watch.sawService(id),
    });
    const packaging = packagingDeps(deps.packaging);
    this.heartbeatSender = new HeartbeatSender({
      ...shared,
      mediaOf: (session) => inspections.reportOf(session, this.clocks.faultOf(session)),
      healthOf: (session) => this.healthWatch.healthOf(session),
      renditionsOf: (session) => packaging?.states.of(session),
      isCut: (session) => this.clocks.isCut(session),
      role: env.role,
      region: env.region,
      serviceId: () => watch.service,
      isDraining,
      drain: () => this.drain(),
      endPlays: (order) => Promise.all([this.lowLatency.endPlays(order), plays.end(order, order.reason)]),
    });
    this.clocks = new ClockWatch({ ...shared, beat: () => this.heartbeatSender.beat() });
    const uploaderDeps = {
      ...shared,
      inspections,
      health: this.healthWatch,
      gate: new Semaphore(() => deps.settings().uploadsAtOnce),
      packaging,
      mediaOf: seen.mediaOf,
    };
    this.uploads = new Uploads(uploaderDeps, this.stopping.signal, (work) => this.background('upload', work));
    this.sessions = sessions;
    this.outbox = outbox;
    this.segmentIngest = segmentIngest;
    this.sessionCloser = sessionCloser;
    this.watch = watch;
    this.plays = plays;
    this.evacuation = evacuation;
  }

  /** Goes on where the last one ended, then runs until `stop`. */
  start(): void {
    this.sessions.load((ref, error) => this.deps.log.error('session_unreadable', { ...ref, error: reasonOf(error) }));
    this.lookAtFolders();
    for (const session of this.sessions.all())
      if (!session.open && !session.state.reported) this.sessionCloser.report(session);
    const { clock, settings } = this.deps;
    this.background('outbox', this.outbox.run(this.stopping.signal));
    this.loop('srs', LOOK_EVERY_MS, () => this.watch.look());
    this.loop('clocks', LOOK_EVERY_MS, () => this.clocks.look());
    this.loop('health', LOOK_EVERY_MS, () => this.healthWatch.look());
    this.loop('folder', FOLDER_POLL_INTERVAL_MS, () => this.lookAtFolders());
    this.loop('low_latency', LOW_LATENCY_EVERY_MS, () => this.lowLatency.look());
    this.loop('plays', LOOK_EVERY_MS, () => this.plays.look(this.watch.isSrsUp));
    this.loop(
      'heartbeat',
      () => settings().heartbeatSeconds * 1000,
      () => this.heartbeatSender.beat(),
    );
    this.loop('forget', FORGET_EVERY_MS, () => this.sessions.forgetOver(clock.now(), this.isolation));
    this.tellMonitoring();
  }

  /** Edge nodes come and go by hand. */
  private tellMonitoring(): void {
    const { writePoints, env, gate } = this.deps;
    if (writePoints === undefined || env.role !== 'origin') return;
    const publishers = () => this.sessions.open().length;
    const deps = { ...this.deps, writePoints, publishers, gateMetrics: () => gateMetrics(gate) };
    this.background('metric', writeNodeMetrics(deps, this.stopping.signal));
  }

  /** Takes no new publisher any more; those that are there stay until they end or the deadline comes. */
  drain(): void {
    if (this.evacuation.begun) return;
    this.evacuation.begin();
    this.loop('evacuation', LOOK_EVERY_MS, () => this.evacuation.look());
  }

  /** Drains, ends what is left, uploads and reports it within the limits, then stops. True if nothing was left over. */
  async shutDown(limits?: DrainLimits): Promise<boolean> {
    this.drain();
    const { sessions, outbox, sessionCloser, watch } = this;
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
    this.lowLatency.stop();
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
    const probes = getHandler({ [ROUTES.agent.healthz]: () => this.health(), [ROUTES.agent.livez]: () => this.life() });
    const passedOn = forCallers({ verify, allowed: () => settings().peers }, passedOnHandler(this.live));
    const ours = forCallers({ verify, allowed: () => settings().callers }, firstOf(this.metricsHandler(), this.media));
    const open = firstOf(probes, liveHandler(this.live));
    return (request) => (request.path.startsWith(ROUTES.agent.passedOn) ? passedOn : firstOf(open, ours))(request);
  }

  private metricsHandler(): AgentHandler {
    const text = async () =>
      metricsText({
        counters: this.counters,
        openSessions: this.sessions.open().length,
        pending: { segments: this.sessions.pendingSegments, bytes: this.sessions.pendingBytes },
        outboxSize: this.outbox.size,
        srsUp: this.watch.isSrsUp,
        draining: this.evacuation.begun,
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
    return this.evacuation.begun ? { status: 503, body: 'draining\n' } : this.life();
  }

  private life(): AgentReply {
    return this.watch.isSrsUp ? { status: 200, body: 'ok\n' } : { status: 503, body: 'SRS does not answer\n' };
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
