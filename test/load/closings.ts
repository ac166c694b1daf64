import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** `<timestamp>-<seq>.ts`, the name a segment has once SRS has closed it. */
const SEGMENT = /-(\d+)\.ts$/;

/**
 * The times when SRS had written the last byte of each segment of one publish, by the segment's number; wall clock, in
 * milliseconds.
 */
export class Closings {
  readonly at = new Map<number, number>();
  private watcher: FSWatcher | undefined;
  private wanted = true;

  constructor(private readonly folder: string) {
    void this.begin();
  }

  stop(): void {
    this.wanted = false;
    this.watcher?.close();
  }

  /** The folder is there once SRS writes into it; a file is not removed for 30 s. */
  private async begin(): Promise<void> {
    for (; this.wanted; await sleep(200)) {
      try {
        this.watcher = watch(this.folder, (_, name) => name !== null && void this.look(name));
      } catch {
        continue;
      }
      for (const name of await readdir(this.folder)) await this.look(name);
      return;
    }
  }

  /** The time of the last write, which neither the final name nor a link changes: no delay of this process is in it. */
  private async look(name: string): Promise<void> {
    const [, seq] = SEGMENT.exec(name) ?? [];
    if (seq === undefined || this.at.has(Number(seq))) return;
    const file = await stat(join(this.folder, name)).catch(() => undefined);
    if (file !== undefined) this.at.set(Number(seq), file.mtimeMs);
  }
}
