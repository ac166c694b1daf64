import { type FSWatcher, watch } from 'node:fs';

const RETRY_MS = 50;

/** Records the whole segments that the origin closes in a stream's folder, also one that does not exist yet. */
export class Closings {
  private readonly names = new Set<string>();
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly folder: string) {
    this.begin();
  }

  get count(): number {
    return this.names.size;
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.watcher?.close();
  }

  /** Begins to watch; a missing folder is tried again. */
  private begin(): void {
    if (this.stopped) return;
    try {
      this.watcher = watch(this.folder, (_, file) => this.hear(file));
      this.watcher.on('error', () => this.again());
    } catch {
      this.again();
    }
  }

  private again(): void {
    this.watcher?.close();
    this.timer = setTimeout(() => this.begin(), RETRY_MS);
  }

  private hear(file: string | null): void {
    if (file?.endsWith('.ts') === true) this.names.add(file);
    // The event of the folder itself: it was moved or removed.
    else if (file !== null && this.folder.endsWith(`/${file}`)) this.again();
  }
}
