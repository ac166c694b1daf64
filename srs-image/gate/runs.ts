/**
 * Bytes that are passed on, in order: what lies side by side in a read stays one piece, and nothing of a read is
 * copied.
 */
export class Runs {
  private readonly pieces: Buffer[] = [];
  private from: Buffer | undefined;
  private start = 0;
  private end = 0;

  /** `[start, end)` of what was read. */
  pass(read: Buffer, start: number, end: number): void {
    if (start >= end) return;
    if (this.from === read && this.end === start) {
      this.end = end;
      return;
    }
    this.close();
    this.from = read;
    this.start = start;
    this.end = end;
  }

  /** Bytes made here. */
  own(bytes: Buffer): void {
    this.close();
    this.pieces.push(bytes);
  }

  /** Everything so far; the next begins with nothing. */
  take(): Buffer[] {
    this.close();
    return this.pieces.splice(0);
  }

  private close(): void {
    if (this.from !== undefined) this.pieces.push(this.from.subarray(this.start, this.end));
    this.from = undefined;
  }
}
