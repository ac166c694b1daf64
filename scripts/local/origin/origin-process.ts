import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../../../functions/adapters/system';
import { pollUntil } from '../../../functions/app/poll-until';
import { close, listen } from '../../emulators/server/listen';
import { StartError } from '../../emulators/server/start-error';
import { Child } from '../process/child-process';
import { BUILT_IN, type Launch, type LaunchCommand } from './launch';
import type { LocalOrigin, OriginOptions } from './origin';

/** SRS needs a second, an instrumented build on a slow machine several. */
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 50;
/** SRS is gone 0.6 to 1.7 s after SIGTERM. */
const GRACE_MS = 5000;
/** The lines of its output that are shown when it does not start. */
const LAST_LINES = 5;

const Versions = z.object({ code: z.literal(0), server: z.string() });

/** A media server as a child process: the same for a real SRS and the built-in origin. */
export class OriginProcess implements LocalOrigin {
  readonly name = 'origin';
  readonly label: string;
  readonly isSrs: boolean;
  readonly rtmpUrl: string;
  private readonly apiUrl: string;
  private child: Child | undefined;
  private command: LaunchCommand | undefined;
  private runFolder: string | undefined;
  private lines: string[] = [];

  constructor(
    private readonly options: OriginOptions,
    private readonly launch: Launch,
  ) {
    this.label = launch.label;
    this.isSrs = launch.label !== BUILT_IN;
    this.rtmpUrl = `rtmp://127.0.0.1:${options.rtmpPort}/live`;
    this.apiUrl = `http://127.0.0.1:${options.apiPort}`;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async start(): Promise<URL> {
    try {
      await mkdir(this.options.hlsRoot, { recursive: true });
      this.runFolder ??= await mkdtemp(join(this.options.tempFolder ?? tmpdir(), 'srs-live-origin-'));
      await this.checkPorts();
      this.command = await this.launch.prepare(this.runFolder);
      await this.run(this.command, this.runFolder);
    } catch (error) {
      await this.stop();
      throw error;
    }
    return new URL(this.apiUrl);
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    if (this.runFolder !== undefined) await rm(this.runFolder, { recursive: true, force: true });
    this.runFolder = undefined;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.child?.pid === undefined) return;
    if (signal === 'SIGKILL') await this.command?.killHard?.();
    await this.child.end(signal, GRACE_MS);
  }

  async restart(): Promise<void> {
    await this.kill('SIGTERM');
    await this.start();
  }

  /** Checks the ports first, because SRS's own message about a taken port is not clear. */
  private async checkPorts(): Promise<void> {
    const { rtmpPort, apiPort, media } = this.options;
    const flv = media === undefined ? {} : { FLV: media.httpPort };
    const more = this.isSrs && media !== undefined ? { ...flv, WebRTC: media.rtcPort } : flv;
    const wanted = { RTMP: rtmpPort, 'SRS API': apiPort, ...more };
    for (const [what, port] of Object.entries(wanted)) {
      const probe = createServer();
      await listen(probe, port, what);
      await close(probe);
    }
  }

  private async run({ command, args, env, channel }: LaunchCommand, cwd: string): Promise<void> {
    this.lines = [];
    const child = new Child({
      name: this.name,
      command,
      args,
      env: { PATH: process.env.PATH ?? '', ...env },
      cwd,
      channel,
      output: (_source, line) => this.hear(line),
    });
    this.child = child;
    const failure = child.exited.then((reason) => Promise.reject(this.doesNotStart(reason)));
    failure.catch(() => undefined); // it is awaited in the race only; a later death is noticed by its watcher
    await Promise.race([this.answers(), failure]);
  }

  private async answers(): Promise<void> {
    const polling = { clock: systemClock, everyMs: POLL_MS, limitMs: START_TIMEOUT_MS };
    if (!(await pollUntil(polling, () => this.isUp())))
      throw this.doesNotStart(`no answer of its API within ${START_TIMEOUT_MS / 1000} s`);
  }

  /** Asks for its own API, because another program may hold the port. */
  private async isUp(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.apiUrl}/api/v1/versions`, { signal: AbortSignal.timeout(1000) });
      return Versions.parse(await answer.json()).server === this.options.nodeId;
    } catch {
      return false;
    }
  }

  private hear(line: string): void {
    this.lines = [...this.lines.slice(1 - LAST_LINES), line];
    this.options.record?.(this.name, line);
    this.options.log.info('origin_output', { line });
  }

  private doesNotStart(reason: string): StartError {
    const said = this.lines.length === 0 ? '' : `: ${this.lines.join(' | ')}`;
    return new StartError(`the origin (${this.label}) does not start, ${reason}${said}`);
  }
}
