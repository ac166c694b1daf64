import { basename } from 'node:path';
import type { GrantedPlay } from '../../../functions/app/grants/right-to-play';
import { OnUnpublish, type RelayedHook, type SrsHook } from '../../../functions/contract/hooks/srs';
import { LIVE_APP, StreamId } from '../../../functions/contract/ids';
import { withoutKeys } from '../../../functions/core/keys';
import type { Log } from '../../../functions/ports/stores';
import type { Outbox } from '../cloud/outbox';
import type { Questions } from '../cloud/questions';
import type { Relay } from '../cloud/relay';
import type { Counters } from '../metrics/counters';
import type { Copies } from '../playback/edges/copies';
import type { Plays } from '../playback/plays';
import type { Unreached } from '../playback/unreached';
import type { Admission, Decision } from '../publish/admission';
import type { SessionCloser } from '../publish/session-closer';
import type { HookVerdict, SrsApi } from '../runtime/ports';
import type { SegmentIngest } from '../session/segment-ingest';
import { isWebRtc } from '../session/session-state';
import type { Sessions } from '../session/sessions';
import { ACCEPTED, answerOf, type HookAnswer, refusal } from '../srs/answers';
import { settle, type Tickets } from '../srs/tickets';
import type { Refusals } from './refusals';

export interface HooksDeps {
  admission: Admission;
  /** Admits pushes of origins alone; absent: the node is no edge. */
  copies?: Copies | undefined;
  sessions: Sessions;
  segmentIngest: SegmentIngest;
  sessionCloser: SessionCloser;
  relay: Relay;
  outbox: Outbox;
  srs: SrsApi;
  log: Log;
  counters: Counters;
  tickets: Tickets;
  plays: Plays;
  refusals: Refusals;
  unreached: Pick<Unreached, 'playsByRtmp'>;
  /** The questions whether a client may play. */
  questions: Questions;
  /** A connection is gone, or was never let in. */
  left: (clientId: string) => void;
  /** A draining node takes no new publisher. */
  isDraining: () => boolean;
  /** Every hook says which run of SRS sent it. */
  sawService: (serviceId: string) => void;
}

type HookOf<Action extends SrsHook['action']> = Extract<SrsHook, { action: Action }>;

/**
 * Answers SRS's hooks. Advisory ones are answered at once; what the cloud must know of them goes out in the background.
 */
export class Hooks {
  constructor(private readonly deps: HooksDeps) {}

  /** `gone`: SRS has stopped waiting for the answer. */
  async answer(hook: SrsHook, gone: AbortSignal): Promise<HookAnswer> {
    this.deps.sawService(hook.service_id);
    switch (hook.action) {
      case 'on_publish':
        return this.publish(hook, gone);
      case 'on_unpublish':
        return this.unpublish(hook);
      case 'on_hls':
        return this.hls(hook);
      case 'on_play':
        return this.play(hook, gone);
      case 'on_connect':
        return this.connect(hook);
      case 'on_stop':
        this.deps.left(hook.client_id);
        return this.tell(hook);
      case 'on_close':
        return ACCEPTED;
    }
  }

  private async publish(hook: HookOf<'on_publish'>, gone: AbortSignal): Promise<HookAnswer> {
    const { answer, holdMs = 0 } = await this.admit(hook, gone);
    if (answer.code === 0) return answer;
    const { counters, log } = this.deps;
    counters.refusedPublishers += 1;
    log.warn('publisher_refused', {
      app: shown(hook.app),
      stream: shown(hook.stream),
      clientId: hook.client_id,
      ip: hook.ip,
      error: answer.error,
      message: answer.message,
    });
    // SRS lets a refused WHIP client publish all the same, and keeps the name from everybody for 35 s (5.0.216,
    // 6.0.157).
    if (isWebRtc(hook)) this.kickSoon(hook);
    await this.deps.refusals.hold(holdMs, gone);
    return answer;
  }

  /** Names the stream, claims the ticket, refuses what this node does not take, then asks for admission. */
  private async admit(hook: HookOf<'on_publish'>, gone: AbortSignal): Promise<Decision> {
    const { isDraining, tickets } = this.deps;
    const stream = streamOf(hook);
    if (typeof stream !== 'string') return { answer: stream };
    const ticket = tickets.claim('publish', stream, hook.param);
    if (isWebRtc(hook) && ticket === undefined) return { answer: NOT_OURS };
    const decision = isDraining() ? { answer: DRAINING } : await this.decide(stream, hook, gone);
    settle(ticket, decision.answer, { clientId: hook.client_id });
    return decision;
  }

  private async decide(stream: StreamId, hook: HookOf<'on_publish'>, gone: AbortSignal): Promise<Decision> {
    const { copies, admission } = this.deps;
    return copies === undefined
      ? admission.publish(stream, hook, gone)
      : { answer: await copies.publish(stream, hook, gone) };
  }

  private unpublish(hook: HookOf<'on_unpublish'>): HookAnswer {
    const { sessions, sessionCloser, copies, left } = this.deps;
    const isCopy = copies?.has(hook.client_id) === true;
    left(hook.client_id);
    if (isCopy) return ACCEPTED;
    const session = sessions.ofClient(hook.client_id);
    if (session === undefined) return this.tell(OnUnpublish.parse({ ...hook, param: '' }));
    sessionCloser.end(session, 'unpublished');
    return ACCEPTED;
  }

  private hls(hook: HookOf<'on_hls'>): HookAnswer {
    const { sessions, segmentIngest, log } = this.deps;
    const { app, stream, client_id: clientId, file } = hook;
    // An edge uploads nothing.
    if (this.deps.copies !== undefined) return ACCEPTED;
    // SRS tells of the last segment and of the end at one time: the look at the end of its session took it.
    if (app === LIVE_APP && sessions.hasTaken(stream, basename(file))) return ACCEPTED;
    const session = app === LIVE_APP ? sessions.ofSegment(stream, clientId) : undefined;
    if (session !== undefined) segmentIngest.onHls(session, hook);
    else if (app !== LIVE_APP || !sessions.isOver(stream, clientId))
      log.warn('segment_ignored', { clientId, stream: shown(stream), reason: 'not admitted' });
    return ACCEPTED;
  }

  private async play(hook: HookOf<'on_play'>, gone: AbortSignal): Promise<HookAnswer> {
    const stream = streamOf(hook);
    if (typeof stream !== 'string') return stream;
    const ticket = this.deps.tickets.claim('play', stream, hook.param);
    if (isWebRtc(hook) && ticket === undefined) return NOT_OURS;
    if (ticket?.isOwn) {
      settle(ticket, ACCEPTED, { clientId: hook.client_id });
      return ACCEPTED;
    }
    // SRS sees the agent's address behind what the agent asks for.
    const party = ticket?.party ?? `${hook.ip} ${stream}`;
    const verdict = await this.mayPlay(stream, hook, { party, gone });
    const answer = answerOf(verdict);
    if (verdict.kind === 'accepted') this.note(stream, hook, { isOurs: ticket !== undefined, grant: verdict.play });
    const allowedOrigins = verdict.kind === 'accepted' ? verdict.allowedOrigins : undefined;
    settle(ticket, answer, { clientId: hook.client_id, allowedOrigins });
    return answer;
  }

  private async mayPlay(
    stream: StreamId,
    hook: HookOf<'on_play'>,
    { party, gone }: { party: string; gone: AbortSignal },
  ): Promise<HookVerdict> {
    const { relay, sessions, questions, copies } = this.deps;
    const verdict = await questions.ask(party, gone, () => relay.ask(hook, gone));
    if (verdict === 'gone' || verdict === 'too_many')
      return { kind: 'refused', error: verdict, message: NOT_ASKED[verdict] };
    // Running streams stay watchable while the cloud is away, if anybody may watch them.
    const isOpen =
      copies?.isOpen(stream) === true ||
      sessions.ofStream(stream).some((session) => session.open && session.state.grant.policy === 'open');
    return verdict.kind === 'away' && isOpen ? { kind: 'accepted' } : verdict;
  }

  /** Notes a player. A question of the agent's own that is no WebRTC is HTTP-FLV. */
  private note(
    streamId: StreamId,
    hook: HookOf<'on_play'>,
    { isOurs, grant }: { isOurs: boolean; grant: GrantedPlay | undefined },
  ): void {
    const kind = isOurs ? 'flv' : 'rtmp';
    const play = {
      streamId,
      clientId: hook.client_id,
      kind: isWebRtc(hook) ? 'whep' : kind,
      ...(grant && { grant }),
    } as const;
    this.deps.plays.began(play, hook.service_id);
    if (play.kind === 'rtmp') void this.deps.unreached.playsByRtmp(streamId);
  }

  /**
   * Accepts every connection: whether it may publish or play is decided at that hook, and the cloud would know no more
   * now.
   */
  private connect(hook: HookOf<'on_connect'>): HookAnswer {
    return hook.app === LIVE_APP ? ACCEPTED : wrongApp(hook.app);
  }

  private tell(hook: RelayedHook & { app: string; stream?: string | undefined }): HookAnswer {
    const { outbox, relay } = this.deps;
    if (typeof streamOf({ app: hook.app, stream: hook.stream ?? '' }) !== 'string') return ACCEPTED;
    const party = `address ${hook.ip}`;
    outbox.add({
      name: `${hook.action} ${hook.client_id}`,
      party,
      send: async () => (await relay.once(hook)).kind !== 'away',
    });
    return ACCEPTED;
  }

  private kickSoon({ client_id: clientId, ip }: HookOf<'on_publish'>): void {
    const { outbox, srs } = this.deps;
    outbox.add({ name: `kick ${clientId}`, party: `address ${ip}`, send: () => srs.kick(clientId).then(() => true) });
  }
}

const NOT_ASKED = {
  too_many: 'too many from this address wait for their answers',
  gone: 'the client left before it was answered',
} as const;

/**
 * SRS's own API takes WHIP from anybody, with an ICE password of the client's choice: only what came through the agent
 * counts.
 */
const NOT_OURS = refusal('not_proxied', 'WebRTC goes through the API');

const DRAINING = refusal('draining', 'this node takes no new publisher');

/** People paste the key where the id belongs. */
const shown = (text: string): string => withoutKeys(text).slice(0, 64);

const wrongApp = (app: string): HookAnswer => refusal('wrong_app', `app '${shown(app)}': use '${LIVE_APP}'`);

/** SRS takes any app and stream, `../` too, and makes folders of them. */
function streamOf({ app, stream }: { app: string; stream: string }): StreamId | HookAnswer {
  if (app !== LIVE_APP) return wrongApp(app);
  const id = StreamId.safeParse(stream);
  return id.success ? id.data : refusal('malformed_stream', `stream '${shown(stream)}': use 16 of a-z, 0-9`);
}
