import type { Log } from '../../../functions/ports/stores';
import { reasonOf } from '../runtime/reason';
import type { SessionRef } from './ports';

/** Names that are remembered as failing; each is forgotten once its work is done again. */
const MAX_FAILING = 10_000;

/** Runs the work for one party among many. A failure is logged once and does not stop the work for the others. */
export class Isolation {
  private readonly failing = new Set<string>();

  constructor(private readonly log: Log) {}

  /** Does `work` for one session; true if it was done. `what` names it for the log. */
  run(what: string, about: SessionRef, work: () => void): boolean {
    const key = keyOf(what, about);
    try {
      work();
      this.failing.delete(key);
      return true;
    } catch (error) {
      this.failed(key, what, about, error);
      return false;
    }
  }

  private failed(key: string, what: string, about: SessionRef, error: unknown): void {
    if (this.failing.has(key)) return;
    if (this.failing.size >= MAX_FAILING) this.failing.clear();
    this.failing.add(key);
    this.log.error('one_failed', { what, ...about, error: reasonOf(error) });
  }
}

const keyOf = (what: string, { streamId, sessionId }: SessionRef): string => [what, streamId, sessionId].join(' ');
