import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../functions/adapters/system';
import { pollUntil } from '../../../functions/app/poll-until';
import type { LocalService } from '../../emulators/server/local-service';
import { StartError } from '../../emulators/server/start-error';
import { accepts } from '../command/accepts';
import { Child, type LineSink } from '../process/child-process';
import { type LocalTurn, localTurnConf } from './turn-conf';

const START_TIMEOUT_MS = 10_000;
const POLL_INTERVAL_MS = 50;

export interface TurnProcessOptions extends LocalTurn {
  /** Debian's `turnserver`, or another coturn. */
  readonly turnBin: string;
  /** The folder of its files. */
  readonly folder: string;
  readonly output: LineSink;
}

/** A real coturn, with the configuration of the cloud as far as it works on one machine. */
export class TurnProcess implements LocalService {
  readonly name = 'turn';
  private child: Child | undefined;
  private lastLine = '';

  constructor(private readonly options: TurnProcessOptions) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async start(): Promise<URL> {
    const { ports, folder, turnBin } = this.options;
    if (await accepts(ports.turn)) throw new StartError(`turn: port ${ports.turn} is taken`);
    const file = join(folder, 'turnserver.conf');
    // It has files of its own, so that two stacks do not share them.
    const conf = localTurnConf(this.options).replaceAll('=/tmp/', `=${folder}/`);
    await writeFile(file, conf, { mode: 0o600 });
    const child = new Child({
      name: this.name,
      command: turnBin,
      args: ['-c', file],
      env: {},
      output: (source, line) => {
        this.lastLine = line;
        this.options.output(source, line);
      },
    });
    this.child = child;
    await this.listens(child);
    return new URL(`http://127.0.0.1:${ports.turn}`);
  }

  async stop(): Promise<void> {
    // SIGTERM waits for flows, which may never end.
    await this.child?.end('SIGKILL');
  }

  private async listens(child: Child): Promise<void> {
    const { ports, turnBin } = this.options;
    const died = child.exited.then((reason) => {
      throw new StartError(`TURN_BIN '${turnBin}' does not start (${reason}): ${this.lastLine}`);
    });
    died.catch(() => undefined);
    const polling = { clock: systemClock, everyMs: POLL_INTERVAL_MS, limitMs: START_TIMEOUT_MS };
    if (!(await pollUntil(polling, () => Promise.race([accepts(ports.turn), died]))))
      throw new StartError(`TURN_BIN '${turnBin}' does not listen on ${ports.turn}: ${this.lastLine}`);
  }
}
