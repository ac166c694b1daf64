/** A whole object as the origin sent it, or the fact that it does not exist (404). */
export interface CachedAnswer {
  readonly status: number;
  /** End-to-end headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The time of the request, in milliseconds. */
  readonly storedAtMs: number;
  readonly freshMs: number;
}

/** Longer than any answer of the origin takes. */
const REMEMBERED_MS = 60_000;
/** Rough size of headers and bookkeeping. */
const OVERHEAD_BYTES = 1024;
const sizeOf = (answer: CachedAnswer): number => answer.body.length + OVERHEAD_BYTES;

/** Answers by key, never more than `limitBytes`: the least recently used are dropped first. */
export class AnswerCache {
  private readonly answers = new Map<string, CachedAnswer>();
  private bytes = 0;
  private forgotten: readonly { readonly holds: (key: string) => boolean; readonly atMs: number }[] = [];

  constructor(private readonly limitBytes: number) {}

  get sizeBytes(): number {
    return this.bytes;
  }

  get(key: string): CachedAnswer | undefined {
    const answer = this.answers.get(key);
    if (answer === undefined) return undefined;
    this.answers.delete(key);
    this.answers.set(key, answer);
    return answer;
  }

  /** Drops the answers whose key `holds`, and those of requests from before `atMs` that are still under way. */
  forget(holds: (key: string) => boolean, atMs: number): void {
    for (const key of this.answers.keys()) if (holds(key)) this.delete(key);
    this.forgotten = [...this.forgotten.filter((each) => atMs - each.atMs < REMEMBERED_MS), { holds, atMs }];
  }

  set(key: string, answer: CachedAnswer): void {
    this.delete(key);
    if (this.forgotten.some(({ holds, atMs }) => answer.storedAtMs <= atMs && holds(key))) return;
    if (sizeOf(answer) > this.limitBytes) return;
    this.answers.set(key, answer);
    this.bytes += sizeOf(answer);
    for (const oldest of this.answers.keys()) {
      if (this.bytes <= this.limitBytes) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const answer = this.answers.get(key);
    if (answer === undefined) return;
    this.answers.delete(key);
    this.bytes -= sizeOf(answer);
  }
}
