import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Receives the output of a child, line by line. */
export type LineSink = (source: string, line: string) => void;

export interface ChildOptions {
  /** The name in logs. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly output: LineSink;
  /** True for Node children only: a channel to this process, with which they end when this process does. */
  readonly channel?: boolean;
}

/** A running process, its output read line by line. */
export class Child {
  private readonly process: ChildProcess;
  /** Resolves when the process is gone, with the cause of its end. */
  readonly exited: Promise<string>;
  private gone = false;

  constructor(options: ChildOptions) {
    this.process = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: { ...options.env },
      // A process group of its own: Ctrl-C reaches the stack only, which then stops its parts in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(options.channel === true ? (['ipc'] as const) : [])],
    });
    this.exited = new Promise((resolve) => {
      this.process.once('error', (error) => resolve(error.message));
      this.process.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    void this.exited.then(() => {
      this.gone = true;
    });
    readLines(this.process.stdout, (line) => options.output(options.name, line));
    readLines(this.process.stderr, (line) => options.output(options.name, line));
  }

  get pid(): number | undefined {
    return this.gone ? undefined : this.process.pid;
  }

  /** Resolves with the first message over the channel; rejects if the process ends before. */
  firstMessage(): Promise<unknown> {
    return Promise.race([
      new Promise((resolve) => this.process.once('message', resolve)),
      this.exited.then((reason) => Promise.reject(new Error(reason))),
    ]);
  }

  /** Sends a message over the channel, if the process still runs. */
  send(message: object): void {
    if (this.process.connected) this.process.send(message, () => undefined);
  }

  /** Sends a signal and waits until the process is gone; after `graceMs` it is killed. */
  async end(signal: NodeJS.Signals, graceMs = 5000): Promise<void> {
    if (!this.gone) this.process.kill(signal);
    const killer = setTimeout(() => this.process.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(killer);
  }
}

function readLines(stream: Readable | null | undefined, each: (line: string) => void): void {
  if (stream) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', each);
}
