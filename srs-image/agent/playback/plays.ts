import type { StreamId } from '../../../functions/contract/ids';
import type { Clock, Log, RandomId } from '../../../functions/ports/stores';
import type { Counters } from '../metrics/counters';
import type { SrsApi, SrsPlayer } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { Play, PlayNotes } from './play-notes';

export interface PlaysDeps {
  srs: Pick<SrsApi, 'kick' | 'players'>;
  notes: PlayNotes;
  clock: Pick<Clock, 'now'>;
  randomId: RandomId;
  log: Log;
  counters: Pick<Counters, 'kicks'>;
}

/** A connection. `isFound`: SRS lists it, but its grant is not known here. */
type Known = Play & { isFound?: true };

/** Connections that an order means: all of a stream, those of a grant, or one. */
export interface WhichPlays {
  streamId: StreamId;
  grantId?: string | undefined;
  id?: string | undefined;
}

/** More than a node serves: SRS's word that one left can be lost, and the oldest is forgotten then. */
const MAX_PLAYS = 20_000;
/** The notes are rewritten when this many of their lines are stale. */
const MAX_STALE_NOTES = 1000;

/** Keeps who plays here, by what right: SRS keeps neither the token nor its grant. */
export class Plays {
  private readonly byClient = new Map<string, Known>();
  private serviceId = '';
  private noted = 0;
  private isRecalled = false;

  constructor(private readonly deps: PlaysDeps) {}

  /** A connection was let in. `serviceId`: of the run of SRS that has it; connections of an earlier run are gone. */
  began(play: Omit<Play, 'id' | 'since'>, serviceId: string): void {
    if (serviceId !== this.serviceId) this.byClient.clear();
    this.serviceId = serviceId;
    const [oldest] = this.byClient.keys();
    if (this.byClient.size >= MAX_PLAYS && oldest !== undefined) this.byClient.delete(oldest);
    const known = { ...play, id: this.deps.randomId(16), since: this.deps.clock.now() };
    this.byClient.set(play.clientId, known);
    this.note(known);
  }

  /** A connection is gone. The notes go with the last of them. */
  left(clientId: string): void {
    this.byClient.delete(clientId);
    if (this.isRecalled && this.byClient.size === 0 && this.noted > 0) this.rewrite();
  }

  /**
   * Reads from SRS which connections are older than this agent, once, as soon as SRS answers. The notes say by what
   * right. A connection without a note is listed without a grant, and every order for a grant of its stream ends it:
   * a viewer with a good grant comes back.
   */
  private async recall(): Promise<void> {
    if (this.isRecalled) return;
    const { srs, notes } = this.deps;
    const { serviceId, players } = await srs.players();
    if (this.serviceId !== '' && this.serviceId !== serviceId) return;
    this.serviceId = serviceId;
    const noted = new Map(notes.of(serviceId).map((play) => [play.clientId, play]));
    for (const player of players)
      if (!this.byClient.has(player.clientId))
        this.byClient.set(player.clientId, noted.get(player.clientId) ?? this.found(player));
    this.isRecalled = true;
    this.rewrite();
  }

  /** Those of a stream, the longest there first. */
  of(streamId: StreamId): Play[] {
    return this.matching({ streamId });
  }

  /** Connections of all streams. */
  get count(): number {
    return this.byClient.size;
  }

  /** Ends them at SRS; how many. One that SRS does not let go stays listed, so that the next order means it too. */
  async end(which: WhichPlays, reason: string): Promise<number> {
    await this.recall().catch(() => undefined);
    return this.kickAll(this.matching(which), reason);
  }

  /** Learns which players are connected, if that is still to be done, and ends those whose viewing session is over. */
  async look(isSrsUp: boolean): Promise<void> {
    if (isSrsUp) await this.recall();
    await this.endOver();
  }

  /** Ends those whose sitting is over. */
  private async endOver(): Promise<void> {
    const now = this.deps.clock.now();
    const over = [...this.byClient.values()].filter(({ grant }) => grant !== undefined && grant.until <= now);
    await this.kickAll(over, 'sitting_over');
  }

  private found({ clientId, streamId, kind, playedMs }: SrsPlayer): Known {
    const since = Math.max(0, Math.round(this.deps.clock.now() - playedMs));
    return { id: this.deps.randomId(16), clientId, streamId, kind, since, isFound: true };
  }

  /** A full disk does not keep anyone from playing. */
  private note(play: Play): void {
    try {
      this.deps.notes.add(play, this.serviceId);
      this.noted += 1;
    } catch (error) {
      this.deps.log.warn('play_not_noted', { clientId: play.clientId, error: reasonOf(error) });
    }
    if (this.isRecalled && this.noted > this.byClient.size + MAX_STALE_NOTES) this.rewrite();
  }

  private rewrite(): void {
    try {
      this.writeNotes();
    } catch (error) {
      this.deps.log.warn('plays_not_rewritten', { error: reasonOf(error) });
    }
  }

  private writeNotes(): void {
    const plays = [...this.byClient.values()].filter(({ isFound }) => isFound === undefined);
    this.deps.notes.replace(plays, this.serviceId);
    this.noted = plays.length;
  }

  private matching({ streamId, grantId, id }: WhichPlays): Known[] {
    return [...this.byClient.values()].filter(
      (play) =>
        play.streamId === streamId &&
        (grantId === undefined || play.isFound === true || play.grant?.grantId === grantId) &&
        (id === undefined || play.id === id),
    );
  }

  private async kickAll(plays: readonly Play[], reason: string): Promise<number> {
    const ended = await Promise.all(plays.map((play) => this.kick(play, reason)));
    return ended.filter(Boolean).length;
  }

  private async kick({ clientId, streamId, kind, grant }: Play, reason: string): Promise<boolean> {
    const { srs, log, counters } = this.deps;
    const about = { streamId, clientId, kind, ...(grant && { grantId: grant.grantId }), reason };
    try {
      await srs.kick(clientId);
    } catch (error) {
      log.warn('player_not_kicked', { ...about, error: reasonOf(error) });
      return false;
    }
    this.left(clientId);
    counters.kicks += 1;
    log.info('player_kicked', about);
    return true;
  }
}
