import { systemClock } from '../../../functions/adapters/system';
import { pollUntil } from '../../../functions/app/poll-until';
import type { LocalService } from '../../emulators/server/local-service';
import { StartError } from '../../emulators/server/start-error';
import { accepts } from '../command/accepts';
import type { Compose, ComposeServiceName } from './compose';

/** The Firestore emulator is a Java program on a machine that may be slow. */
const START_TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 100;

export interface ComposeServiceOptions {
  readonly compose: Compose;
  readonly service: ComposeServiceName;
  /** The port on 127.0.0.1 once it runs. */
  readonly port: number;
  /** Writes the files that the container reads. @default none */
  readonly prepare?: () => Promise<void>;
}

/** One service of the Compose file, as a part of the stack. */
export class ComposeService implements LocalService {
  readonly name: string;
  private started = false;

  constructor(private readonly options: ComposeServiceOptions) {
    this.name = options.service;
  }

  async start(): Promise<URL> {
    const { compose, service, port, prepare } = this.options;
    await prepare?.();
    this.started = true;
    await compose.run('up', '--build', '--detach', service);
    const polling = { clock: systemClock, everyMs: POLL_INTERVAL_MS, limitMs: START_TIMEOUT_MS };
    if (!(await pollUntil(polling, () => accepts(port))))
      throw new StartError(`${service} in its container does not listen on ${port}: see its logs`);
    return new URL(`http://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    if (!this.started) return;
    this.started = false;
    await this.options.compose.run('rm', '--stop', '--force', '--volumes', this.options.service);
  }
}
