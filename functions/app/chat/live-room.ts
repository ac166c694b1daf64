import type { ChatEntry } from '../../contract/chat/documents';
import { HISTORY } from '../../core/chat/room';

/**
 * A reader of a room. `began`: once, before all else. `heard`: new entries, in order. `ended`: nothing is heard any
 * more.
 */
export interface RoomReader {
  began(beginning: Beginning): void;
  heard(entries: readonly ChatEntry[]): void;
  ended(reason: 'reconnect' | 'closed'): void;
}

/** The beginning of a reading, from which `heard` goes on. */
interface Beginning {
  /** True: after the number that was asked for. False: from the newest entries that there are. */
  resumed: boolean;
  entries: readonly ChatEntry[];
}

/** The newest entries of one room, and its readers on this instance. */
export class LiveRoom {
  readonly readers = new Map<RoomReader, { after: number }>();
  private entries: readonly ChatEntry[] = [];

  /** The number of the newest entry here; 0 before the first. */
  private get last(): number {
    return this.entries.at(-1)?.number ?? 0;
  }

  /**
   * Adds a reader that has everything up to `after`. One that is ahead, because another instance was faster, hears
   * what follows its number; one that is further ahead or behind than the history begins with the history.
   */
  join(reader: RoomReader, after: number | undefined): void {
    const first = this.entries[0]?.number ?? Number.POSITIVE_INFINITY;
    const resumed = after !== undefined && after >= first - 1 && after <= this.last + HISTORY;
    const from = resumed ? after : 0;
    this.readers.set(reader, { after: Math.max(from, this.last) });
    reader.began({ resumed, entries: this.entries.filter(({ number }) => number > from) });
  }

  /** Takes entries that are new, which every reader hears once, or changed. */
  take(heard: readonly ChatEntry[]): void {
    const { last } = this;
    const added = heard.filter(({ number }) => number > last);
    const hasGap = last > 0 && added[0] !== undefined && added[0].number > last + 1;
    const numbers = new Set(heard.map(({ number }) => number));
    const kept = this.entries.filter(({ number }) => !numbers.has(number));
    this.entries = [...kept, ...heard].sort((a, b) => a.number - b.number).slice(-HISTORY);
    if (hasGap) this.end('reconnect');
    for (const [reader, { after }] of this.readers) {
      const missing = added.filter(({ number }) => number > after);
      if (missing.length > 0) reader.heard(missing);
    }
  }

  end(reason: 'reconnect' | 'closed'): void {
    for (const reader of [...this.readers.keys()]) reader.ended(reason);
  }
}
