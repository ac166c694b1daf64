/**
 * Counts what a viewer sees as a stall: the picture stands although it had begun and nobody paused or moved it. A wait that begins
 * before the first picture, or by seeking, is none; one wait is one stall, however often the browser says so.
 */
export class StallCounter {
  private begun = false;
  private standing = false;
  private total = 0;

  get count(): number {
    return this.total;
  }

  playing(): void {
    this.begun = true;
    this.standing = false;
  }

  /** True if this is a new stall. */
  waiting(media: { seeking: boolean; paused: boolean }): boolean {
    if (!this.begun || this.standing || media.seeking || media.paused) return false;
    this.standing = true;
    this.total += 1;
    return true;
  }

  /** Another source: waiting for its first picture is no stall. */
  restart(): void {
    this.begun = false;
    this.standing = false;
  }
}
