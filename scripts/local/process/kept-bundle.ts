import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../functions/ports/stores';
import type { LocalService } from '../../emulators/server/local-service';
import { StartError } from '../../emulators/server/start-error';
import { Child, type LineSink } from './child-process';

export interface KeptBundleOptions {
  /** The bundle is `dist/<name>/<name>.js`. */
  readonly name: 'agent' | 'gate';
  /** Folder of this repository. */
  readonly root: string;
  /** Its address. */
  readonly url: URL;
  /** A path at this address that answers once it runs. */
  readonly answersAt: string;
  readonly output: LineSink;
  readonly log: Log;
}

/** systemd's `RestartSec` of the node image. */
const RESTART_MS = 1000;
const START_TIMEOUT_MS = 15_000;
const DRAIN_MS = 5000;

/** A real bundle of a VM in a process of its own, started again whenever it ends. */
export abstract class KeptBundle implements LocalService {
  readonly name: string;
  private child: Child | undefined;
  private wanted = false;
  private lastLine = '';

  constructor(private readonly bundle: KeptBundleOptions) {
    this.name = bundle.name;
  }

  protected abstract env(): Record<string, string>;

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async start(): Promise<URL> {
    await this.answers(this.launch());
    this.wanted = true;
    return this.bundle.url;
  }

  async stop(): Promise<void> {
    this.wanted = false;
    await this.child?.end('SIGTERM', DRAIN_MS);
  }

  /** Kills the process with SIGKILL; it is started again after a second. */
  async kill(): Promise<void> {
    await this.child?.end('SIGKILL');
  }

  private launch(): Child {
    const { root, output } = this.bundle;
    const child = new Child({
      name: this.name,
      command: process.execPath,
      args: [
        '--require',
        join(root, 'scripts/local/process/exit-with-parent.cjs'),
        join(root, `dist/${this.name}/${this.name}.js`),
      ],
      env: this.env(),
      channel: true,
      output: (source, line) => {
        this.lastLine = line;
        output(source, line);
      },
    });
    this.child = child;
    void child.exited.then((reason) => this.comeBack(reason));
    return child;
  }

  private async comeBack(reason: string): Promise<void> {
    if (!this.wanted) return;
    this.bundle.log.warn(`${this.name}_died`, { reason });
    await sleep(RESTART_MS);
    if (this.wanted) this.launch();
  }

  private async answers(child: Child): Promise<void> {
    const died = child.exited.then((reason) => {
      throw new StartError(`the ${this.name} does not start (${reason}): ${this.lastLine}`);
    });
    died.catch(() => undefined);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await Promise.race([this.isUp(), died]))) {
      if (Date.now() > deadline)
        throw new StartError(`the ${this.name} does not answer within ${START_TIMEOUT_MS / 1000} s: ${this.lastLine}`);
      await sleep(50);
    }
  }

  private async isUp(): Promise<boolean> {
    return await fetch(new URL(this.bundle.answersAt, this.bundle.url)).then(
      () => true,
      () => false,
    );
  }
}
