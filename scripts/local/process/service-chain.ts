import type { LocalService } from '../../emulators/server/local-service';

/** Starts parts one after the other, and stops them in reverse. */
export class ServiceChain {
  private readonly started: LocalService[] = [];
  private stopping: Promise<void> | undefined;

  /** `onStarted` is called for each part that answers, with the time it took. */
  constructor(
    private readonly services: readonly LocalService[],
    private readonly onStarted: (name: string, tookMs: number) => void = () => undefined,
  ) {}

  /**
   * Starts the parts. If one does not start, or `stop` is called meanwhile, the started ones are stopped and this
   * rejects.
   */
  async start(): Promise<void> {
    try {
      for (const service of this.services) {
        if (this.stopping !== undefined) throw new Error('stopped while starting');
        this.started.push(service);
        const began = performance.now();
        await service.start();
        this.onStarted(service.name, Math.round(performance.now() - began));
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops every part, also when another one fails to stop; then rejects with the first failure. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let service = this.started.pop(); service !== undefined; service = this.started.pop())
      await service.stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
