/**
 * Counts of a connection up to now, as `getStats` has them. `frames`: pictures sent or decoded; `undefined` without a
 * picture.
 */
export interface Sample {
  readonly atMs: number;
  readonly packets: number;
  readonly lost: number;
  readonly bytes: number;
  readonly frames: number | undefined;
  readonly roundTripMs: number | undefined;
  /**
   * Bits a second that the browser expects to be able to send; `undefined` where it does not say, and for a receiver.
   */
  readonly availableBits: number | undefined;
}

/** Share of packets lost at which pictures break. */
const LOST_SHARE = 0.08;
const ROUND_TRIP_MS = 1000;
/** Share of the best frame rate seen. */
const FRAMES_SHARE = 0.5;
/** Less than a small picture needs. */
const AVAILABLE_BITS = 200_000;
/** A browser begins at a low rate and raises it during this time. */
const SETTLE_MS = 8000;
/** Windows in a row that change the verdict. */
const IN_A_ROW = 3;

/**
 * Judges by measurements whether the network is sufficient: lost packets, the round trip, missing pictures, and the
 * rate that the browser expects. The verdict changes when three samples in a row agree.
 */
export class Bandwidth {
  private first: Sample | undefined;
  private last: Sample | undefined;
  private bestRate = 0;
  private run = 0;
  private enough = true;

  /** Takes the next sample, and answers whether the network is enough. */
  isEnough(sample: Sample): boolean {
    const { last } = this;
    this.first ??= sample;
    this.last = sample;
    if (last === undefined || sample.atMs <= last.atMs) return this.enough;
    const isBad = this.isBad(last, sample);
    this.run = isBad === this.enough ? this.run + 1 : 0;
    if (this.run >= IN_A_ROW) [this.enough, this.run] = [!this.enough, 0];
    return this.enough;
  }

  private isBad(from: Sample, to: Sample): boolean {
    const packets = to.packets - from.packets;
    const lost = Math.max(0, to.lost - from.lost);
    if (lost > LOST_SHARE * (packets + lost)) return true;
    if ((to.roundTripMs ?? 0) > ROUND_TRIP_MS) return true;
    if (this.first === undefined || to.atMs - this.first.atMs < SETTLE_MS) return false;
    if (to.availableBits !== undefined && to.availableBits < AVAILABLE_BITS) return true;
    return this.hasFewFrames(from, to);
  }

  private hasFewFrames(from: Sample, to: Sample): boolean {
    if (from.frames === undefined || to.frames === undefined) return false;
    const rate = ((to.frames - from.frames) * 1000) / (to.atMs - from.atMs);
    this.bestRate = Math.max(this.bestRate, rate);
    return rate < FRAMES_SHARE * this.bestRate;
  }
}
