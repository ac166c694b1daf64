import type { AgentEnv } from '../../../functions/contract/env/agent';
import type { OnHls } from '../../../functions/contract/hooks/srs';
import { DomainError } from '../../../functions/core/errors';
import { withoutKeys } from '../../../functions/core/keys';
import type { Log } from '../../../functions/ports/stores';
import type { Counters } from '../metrics/counters';
import type { SrsMedia } from '../runtime/ports';
import type { SegmentFile, SegmentFolder } from './ports';
import type { NodeSession } from './session';
import { isWebRtc, type SessionSegment } from './session-state';
import type { Sessions } from './sessions';
import type { Offers } from './sighting';
import { isTaken, missedFiles } from './timeline';

export interface SegmentIngestDeps {
  sessions: Sessions;
  folder: SegmentFolder;
  settings: () => Pick<AgentEnv, 'spoolLimitBytes'>;
  env: Pick<AgentEnv, 'segmentSeconds'>;
  /** Returns SRS's description of a connection's tracks. */
  mediaOf: (clientId: string) => SrsMedia | undefined;
  /** Returns the tracks that a browser announced; `undefined` for a client that announces nothing. */
  offersOf: (clientId: string) => Offers | undefined;
  /** True for a file of a publisher that floods: it is not taken. */
  sheds: (session: NodeSession, file: SegmentFile) => boolean;
  /** Called for every segment that was gone before it could be taken. */
  missed: (session: NodeSession) => void;
  /** Called for every segment of a session that will never be in the bucket. */
  lost: (session: NodeSession) => void;
  /** Called for every file that was taken, with its segments: several, if it was cut. */
  taken: (session: NodeSession, segments: readonly SessionSegment[]) => void;
  log: Log;
  counters: Counters;
}

/** Takes segments out of SRS's folder into the spool: told by on_hls, or found by looking. */
export class SegmentIngest {
  private readonly losses = new WeakMap<NodeSession, number>();

  constructor(private readonly deps: SegmentIngestDeps) {}

  /** Throws DomainError `bad_request` for a file that is not a segment in the stream's own folder. */
  onHls(session: NodeSession, hook: OnHls): void {
    const { folder } = this.deps;
    const file = folder.find(session.ref.streamId, hook.cwd, hook.file);
    if (file === 'outside') {
      throw new DomainError(
        'bad_request',
        `file '${withoutKeys(hook.file).slice(0, 200)}': use a segment in the folder of the stream`,
      );
    }
    if (file === 'gone') {
      this.deps.missed(session);
      this.lost(session, hook.seq_no, 'SRS removed it');
      return;
    }
    if (file.bytes === 0) {
      this.lost(session, file.seqNo, 'it is empty');
      return;
    }
    if (isTaken(session.state, file.name)) return;
    // Segments that were closed while nobody listened come first.
    if (file.seqNo !== (session.state.last?.seqNo ?? -1) + 1) this.catchUp(session, file.openedAt);
    this.take(session, file, Math.round(hook.duration * 1000));
  }

  /**
   * Looks for segments that no hook reported. While the publisher is connected it takes only listed ones: the others
   * get their exact duration in a moment.
   */
  look(session: NodeSession, listedOnly: boolean): void {
    const missed = this.missed(session);
    for (const file of missed) if (!listedOnly || file.durationMs !== undefined) this.take(session, file);
    if (!listedOnly && session.state.nextIndex === 0) this.takeLeftOut(session);
  }

  /** It was over before the track came that was waited for: better than nothing. */
  private takeLeftOut(session: NodeSession): void {
    const { folder } = this.deps;
    const all = folder.list(session.ref.streamId).filter(({ bytes }) => bytes > 0);
    for (const file of all) if (file.openedAt >= session.state.client.since) session.take(file);
  }

  private catchUp(session: NodeSession, before: number): void {
    for (const file of this.missed(session)) if (file.openedAt < before) this.take(session, file);
  }

  /** An empty file is reported by its hook, so the look leaves it out. */
  private missed(session: NodeSession): SegmentFile[] {
    const files = this.deps.folder.list(session.ref.streamId);
    return missedFiles(
      session.state,
      files.filter(({ bytes }) => bytes > 0),
    );
  }

  private take(session: NodeSession, file: SegmentFile, fallbackMs?: number): void {
    const { mediaOf, taken, sheds, env, log } = this.deps;
    if (sheds(session, file)) {
      session.leaveOut(file);
      this.lost(session, file.seqNo, 'its publisher floods');
      return;
    }
    const { clientId } = session.state.client;
    const srs = mediaOf(clientId);
    const wantedSeconds = isWebRtc(session.state.publishedAs) ? env.segmentSeconds : undefined;
    const known = { fallbackMs, srs, offers: this.offers(clientId, srs), wantedSeconds };
    const { nextIndex } = session.state;
    const outcome = this.makeRoom(file.bytes) ? session.take(file, known) : 'full';
    if (outcome === 'taken')
      taken(
        session,
        session.state.kept.filter(({ index }) => index >= nextIndex),
      );
    else if (outcome === 'left_out')
      log.info('segment_left_out', { ...session.ref, seqNo: file.seqNo, reason: 'a track is late' });
    else this.lost(session, file.seqNo, outcome);
  }

  private offers(clientId: string, srs: SrsMedia | undefined): Offers {
    const said = this.deps.offersOf(clientId);
    return {
      video: said?.video === true || srs?.video !== undefined,
      audio: said?.audio === true || srs?.audio !== undefined,
    };
  }

  /** The stream that is furthest behind pays: dropping elsewhere would spread its trouble. */
  private makeRoom(bytes: number): boolean {
    const { sessions, settings, log, counters } = this.deps;
    const { spoolLimitBytes } = settings();
    // No place could be made for it: nobody else shall pay for that.
    if (bytes > spoolLimitBytes) return false;
    while (sessions.pendingBytes + bytes > spoolLimitBytes) {
      const furthestBehind = [...sessions.all()].sort((a, b) => b.pendingBytes - a.pendingBytes);
      const dropped = furthestBehind.find((session) => session.dropOldest(log));
      if (dropped === undefined) return false;
      counters.lostSegments += 1;
      this.deps.lost(dropped);
    }
    return true;
  }

  /** The first, the tenth, the hundredth of a session is logged: one publisher shall not fill the log of all. */
  private lost(session: NodeSession, seqNo: number, reason: string): void {
    const { counters, log } = this.deps;
    counters.lostSegments += 1;
    this.deps.lost(session);
    const count = (this.losses.get(session) ?? 0) + 1;
    this.losses.set(session, count);
    if (Number.isInteger(Math.log10(count)))
      log.error('segment_lost', { ...session.ref, seqNo, reason, ...(count > 1 && { count }) });
  }
}
