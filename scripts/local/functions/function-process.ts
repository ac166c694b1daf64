import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Log } from '../../../functions/ports/stores';
import { StartError } from '../../emulators/server/start-error';
import { Child, type LineSink } from '../process/child-process';

const Ready = z.object({ port: z.int() });

/** The number of starts in a row, each without a minute of life, after which a function stays down. */
const MAX_STARTS = 5;
const HEALTHY_MS = 60_000;
const BACKOFF_MS = 200;

export interface FunctionProcessOptions {
  readonly name: string;
  /** Arguments of Node. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly output: LineSink;
  readonly log: Log;
}

/** One function in its own process, restarted when it crashes. */
export class FunctionProcess {
  private child: Child | undefined;
  private listening: Promise<number> | undefined;
  private wanted = false;
  private starts = 0;
  private startedAt = 0;
  private lastLine = '';

  constructor(private readonly options: FunctionProcessOptions) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Resolves with the port once the function listens; rejects with its last output when it does not start. */
  async start(): Promise<number> {
    this.wanted = true;
    this.starts = 0;
    return await this.launch();
  }

  /**
   * Returns the port; while the function starts, callers wait, as they do for a cold instance. `undefined`: it is down.
   */
  async port(): Promise<number | undefined> {
    return await this.listening?.catch(() => undefined);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.wanted = false;
    this.listening = undefined;
    await this.child?.end(signal, 3000);
  }

  /** Ends the process as a crash does; it is started again. */
  async crash(): Promise<void> {
    await this.child?.end('SIGKILL');
  }

  private launch(): Promise<number> {
    const { name, args, env } = this.options;
    this.startedAt = Date.now();
    const child = new Child({
      name,
      command: process.execPath,
      args,
      env,
      channel: true,
      output: (...line) => this.hear(...line),
    });
    this.child = child;
    this.listening = child.firstMessage().then(
      (message) => Ready.parse(message).port,
      (error: Error) => {
        throw new StartError(`function ${name} did not start (${error.message}): ${this.lastLine}`);
      },
    );
    this.listening.catch(() => undefined);
    void child.exited.then((reason) => this.comeBack(child, reason));
    return this.listening;
  }

  /** Starts it again after a crash, until there were too many. Callers wait meanwhile. */
  private comeBack(child: Child, reason: string): void {
    if (!this.wanted || child !== this.child) return;
    this.starts = Date.now() - this.startedAt > HEALTHY_MS ? 1 : this.starts + 1;
    this.options.log.error('function_died', { function: this.options.name, reason, starts: this.starts });
    this.listening = this.starts < MAX_STARTS ? this.relaunch(child) : undefined;
    this.listening?.catch(() => undefined);
  }

  private async relaunch(crashed: Child): Promise<number> {
    await sleep(BACKOFF_MS * this.starts);
    if (!this.wanted || crashed !== this.child) throw new StartError(`function ${this.options.name} was stopped`);
    return await this.launch();
  }

  private hear(source: string, line: string): void {
    if (line.trim() !== '') this.lastLine = line;
    this.options.output(source, line);
  }
}
