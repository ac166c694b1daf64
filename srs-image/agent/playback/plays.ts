import type { GrantedPlay } from '../../../functions/app/grants/right-to-play';
import type { PlayKind } from '../../../functions/contract/hooks/media';
import type { StreamId } from '../../../functions/contract/ids';
import type { Clock, Log, RandomId } from '../../../functions/ports/stores';
import type { Counters } from '../metrics/counters';
import type { SrsApi } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';

export interface PlaysDeps {
  srs: Pick<SrsApi, 'kick'>;
  clock: Pick<Clock, 'now'>;
  randomId: RandomId;
  log: Log;
  counters: Pick<Counters, 'kicks'>;
}

/** One connection that plays. `id` is ours and names it to operators; `clientId` is SRS's. */
export interface Play {
  id: string;
  kind: PlayKind;
  streamId: StreamId;
  clientId: string;
  /** The time of its admission, in milliseconds. */
  since: number;
  /** The grant, on a gated stream. */
  grant?: GrantedPlay;
}

/** The connections that an order means: all of a stream, those of a grant, or one. */
export interface WhichPlays {
  streamId: StreamId;
  grantId?: string | undefined;
  id?: string | undefined;
}

/** More than a node serves: SRS's word that one left can be lost, and the oldest is forgotten then. */
const MAX_PLAYS = 20_000;

/** Keeps who plays here, by what right: SRS keeps neither the token nor its grant. */
export class Plays {
  private readonly byClient = new Map<string, Play>();
  private serviceId = '';

  constructor(private readonly deps: PlaysDeps) {}

  /**
   * A connection was let in. `serviceId`: of the run of SRS that has it; nobody of an earlier run is connected any
   * more.
   */
  began(play: Omit<Play, 'id' | 'since'>, serviceId: string): void {
    if (serviceId !== this.serviceId) this.byClient.clear();
    this.serviceId = serviceId;
    const [oldest] = this.byClient.keys();
    if (this.byClient.size >= MAX_PLAYS && oldest !== undefined) this.byClient.delete(oldest);
    this.byClient.set(play.clientId, { ...play, id: this.deps.randomId(16), since: this.deps.clock.now() });
  }

  left(clientId: string): void {
    this.byClient.delete(clientId);
  }

  /** Those of a stream, the longest there first. */
  of(streamId: StreamId): Play[] {
    return this.matching({ streamId });
  }

  /** Ends them at SRS; how many. One that SRS does not let go stays listed, so that the next order means it too. */
  async end(which: WhichPlays, reason: string): Promise<number> {
    return this.kickAll(this.matching(which), reason);
  }

  /** Ends those whose sitting is over. */
  async endOver(): Promise<void> {
    const now = this.deps.clock.now();
    const over = [...this.byClient.values()].filter(({ grant }) => grant !== undefined && grant.until <= now);
    await this.kickAll(over, 'sitting_over');
  }

  private matching({ streamId, grantId, id }: WhichPlays): Play[] {
    return [...this.byClient.values()].filter(
      (play) =>
        play.streamId === streamId &&
        (grantId === undefined || play.grant?.grantId === grantId) &&
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
    this.byClient.delete(clientId);
    counters.kicks += 1;
    log.info('player_kicked', about);
    return true;
  }
}
