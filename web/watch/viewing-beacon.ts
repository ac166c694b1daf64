import type { Beacon, BeaconAnswer } from '../../functions/contract/api/viewers';
import type { WatchState } from './words';

/** A look at the player. */
export interface PlayerLook {
  /**
   * `moves`: the picture does. `stands`: it had begun, and stands still. `starts`: the player was opened. `over`: there
   * is no picture any more.
   */
  readonly picture: 'starts' | 'moves' | 'stands' | 'none' | 'over';
  readonly way: Beacon['way'];
}

export interface ViewingBeaconOptions {
  /** Sends one beacon; `undefined` if it is not known to have arrived. Never rejects. */
  readonly send: (beacon: Omit<Beacon, 'playToken'>) => Promise<Pick<BeaconAnswer, 'nextSeconds'> | undefined>;
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Makes the name of a viewing. */
  readonly name: () => string;
}

/** Viewers who begin together send one after the other. */
const FIRST_SPREAD_MS = 4000;
/** The time without a moving picture after which a viewer has left. */
const LEFT_MS = 10_000;
const RETRY_MS = 10_000;
const RETRIES = 3;
const FIRST_SECONDS = 30;
/** A hidden tab is looked at once a minute; one that slept is not, and has not played meanwhile. */
const MAX_LOOK_MS = 90_000;

/**
 * Tells the service that a viewer watches, how long, and how well. A viewing begins with a picture and ends with it;
 * the next one has another name, and nothing joins the two. Every beacon has the totals of its viewing, so the next one
 * makes up for a lost one.
 */
export class ViewingBeacon {
  private viewing: { name: string; number: number; played: number; stalls: number; stalled: number } | undefined;
  private last: { at: number; look: PlayerLook } | undefined;
  private openedAt: number | undefined;
  private startupMs = 0;
  private movedAt = 0;
  private dueAt = 0;
  private attempts = 0;
  private isSending = false;

  constructor(private readonly options: ViewingBeaconOptions) {}

  /** Looks once; more often than beacons are sent. */
  look(look: PlayerLook): void {
    const at = this.options.now();
    const { picture, way } = look;
    if (picture === 'starts') this.openedAt ??= at;
    else if (picture !== 'stands' && picture !== 'moves') this.openedAt = undefined;
    if (picture === 'moves') this.moves(at);
    this.measure(at, look);
    this.last = { at, look };
    if (this.hasLeft(at, look)) this.leave();
    else if (this.viewing !== undefined && at >= this.dueAt && !this.isSending) void this.send(at, way);
  }

  /** Ends the viewing. */
  leave(): void {
    if (this.viewing === undefined) return;
    const { way } = this.last?.look ?? { way: 'hls' as const };
    if (this.viewing.number > 0) void this.options.send({ ...this.beacon(way), leaving: true });
    this.viewing = undefined;
  }

  /** A viewer who waits for a picture that stands still has not left. */
  private hasLeft(at: number, { picture }: PlayerLook): boolean {
    return picture === 'over' || (picture !== 'stands' && at - this.movedAt > LEFT_MS);
  }

  private moves(at: number): void {
    this.movedAt = at;
    if (this.openedAt !== undefined) this.startupMs = Math.round(at - this.openedAt);
    this.openedAt = undefined;
    if (this.viewing !== undefined) return;
    this.viewing = { name: this.options.name(), number: 0, played: 0, stalls: 0, stalled: 0 };
    this.dueAt = at + this.options.random() * FIRST_SPREAD_MS;
    this.attempts = 0;
  }

  private measure(at: number, { picture }: PlayerLook): void {
    const { viewing, last } = this;
    if (viewing === undefined || last === undefined) return;
    const elapsed = Math.min(at - last.at, MAX_LOOK_MS) / 1000;
    const was = last.look.picture;
    if (was === 'moves') viewing.played += elapsed;
    if (was === 'stands') viewing.stalled += elapsed;
    if (was === 'moves' && picture === 'stands') viewing.stalls += 1;
  }

  private async send(at: number, way: Beacon['way']): Promise<void> {
    const { viewing } = this;
    this.isSending = true;
    const answer = await this.options.send(this.beacon(way));
    this.isSending = false;
    if (viewing !== this.viewing) return;
    this.attempts = answer === undefined ? this.attempts + 1 : 0;
    const isTriedAgain = answer === undefined && this.attempts <= RETRIES;
    this.dueAt = at + (isTriedAgain ? RETRY_MS : 1000 * (answer?.nextSeconds ?? FIRST_SECONDS));
    if (!isTriedAgain) this.attempts = 0;
  }

  private beacon(way: Beacon['way']): Omit<Beacon, 'playToken'> {
    const { name = '', number = 0, played = 0, stalls = 0, stalled = 0 } = this.viewing ?? {};
    if (this.viewing !== undefined) this.viewing.number += 1;
    return {
      viewing: name,
      number: number + 1,
      way,
      stalls,
      startupMs: this.startupMs,
      playedSeconds: tenths(played),
      stalledSeconds: tenths(stalled),
    };
  }
}

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

/** Reads the picture from the page's state. */
export function pictureOf(state: WatchState): PlayerLook['picture'] {
  if (state === 'playing' || state === 'behind') return 'moves';
  if (state === 'buffering' || state === 'reconnecting') return 'stands';
  if (state === 'starting') return 'starts';
  return state === 'ended' || state === 'refused' || state === 'suspended' ? 'over' : 'none';
}
