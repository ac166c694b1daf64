/** The state of the media element at one look. Times in milliseconds; `time`: the element's own clock, in seconds. */
export interface Look {
  readonly at: number;
  readonly time: number;
  readonly paused: boolean;
  readonly seeking: boolean;
  readonly rate: number;
}

/** The picture is judged over this time: over a shorter one, a busy machine looks like a stall. */
const JUDGED_MS = 1000;
/**
 * The picture stands still below this share of the time that passed; a player that nudges itself on moves a tenth of a
 * second.
 */
const STANDS_BELOW = 0.25;
/**
 * A seek that takes longer than this counts as standing, but not as a stall: the player may have gone where there is no
 * media.
 */
const SEEK_MS = 750;
/** Without a look for this long, the tab slept. */
const ASLEEP_MS = 2500;

const playedOn = (before: Look, look: Look): boolean =>
  look.at - before.at > ASLEEP_MS &&
  !look.paused &&
  !look.seeking &&
  (look.time - before.time) * 1000 >= (look.at - before.at) * STANDS_BELOW;

/**
 * Judges by the media's own clock whether the picture moves, and counts stalls: the picture stands although it had
 * begun, and the viewer neither paused nor sought. The browser's events (`playing`, `waiting`) are not used: there are
 * none when time stamps lead nowhere.
 */
export class PlaybackProgress {
  private looks: Look[] = [];
  private hasBegun = false;
  private standsSince: number | undefined;
  private seeksSince: number | undefined;
  private total = 0;

  /** Stalls so far. */
  get stalls(): number {
    return this.total;
  }

  /** Returns whether a picture has moved since the last restart. */
  get begun(): boolean {
    return this.hasBegun;
  }

  /** Milliseconds for which the picture has stood still; 0 while it moves, is paused or is sought. */
  get standingMs(): number {
    const last = this.looks.at(-1);
    return last === undefined || this.standsSince === undefined ? 0 : last.at - this.standsSince;
  }

  /** Looks once. True when a stall begins. */
  look(look: Look): boolean {
    const before = this.looks.at(-1);
    this.seeksSince = look.seeking && !look.paused ? (this.seeksSince ?? look.at) : undefined;
    if (this.seeksSince !== undefined && look.at - this.seeksSince > SEEK_MS && this.hasBegun)
      this.standsSince ??= this.seeksSince;
    if (before === undefined || this.isExcused(look, before)) {
      // A hidden tab is looked at once a minute: a picture that moved since then has begun.
      this.hasBegun ||= before !== undefined && playedOn(before, look);
      return this.beginAnew(look);
    }
    this.looks = [...this.looks.filter(({ at }) => look.at - at <= JUDGED_MS), look];
    const [first = look] = this.looks;
    const passed = look.at - first.at;
    const moved = (look.time - first.time) * 1000;
    if (passed < JUDGED_MS * 0.6) return false;
    if (moved >= passed * STANDS_BELOW) {
      this.hasBegun = true;
      this.standsSince = undefined;
      return false;
    }
    return this.stands(first.at);
  }

  /** Begins with another source: the wait for its first picture is no stall. */
  restart(): void {
    this.looks = [];
    this.hasBegun = false;
    this.standsSince = undefined;
    this.seeksSince = undefined;
  }

  private stands(since: number): boolean {
    if (!this.hasBegun || this.standsSince !== undefined) return false;
    this.standsSince = since;
    this.total += 1;
    return true;
  }

  /**
   * True while it is paused, sought, or not looked at, when nothing can be judged. A wait that goes on across it is not
   * counted twice.
   */
  private isExcused(look: Look, before: Look): boolean {
    const elapsed = look.at - before.at;
    const jumped = look.time < before.time || (look.time - before.time) * 1000 > elapsed * 2 + 500;
    return look.paused || look.seeking || elapsed > ASLEEP_MS || jumped;
  }

  private beginAnew(look: Look): false {
    this.looks = [look];
    if (look.paused) this.standsSince = undefined;
    return false;
  }
}
