import { GateEnv } from '../../../functions/contract/gate';
import { ROUTES } from '../../../functions/contract/routes';
import type { Log } from '../../../functions/ports/stores';
import { StartError } from '../../emulators/server/start-error';
import type { Ports } from '../ports';
import type { LineSink } from '../process/child-process';
import { KeptBundle } from '../process/kept-bundle';

export interface GateOptions {
  readonly root: string;
  /** The blueprint's `gate-env`. */
  readonly gateEnv: Readonly<Record<string, unknown>>;
  readonly ports: Pick<Ports, 'rtmp' | 'gateProxy' | 'srsRtmp' | 'gateStatus'>;
  readonly output: LineSink;
  readonly log: Log;
}

/** Every encoder and player of one machine has the same address. */
const ONE_MACHINE = { connectionsPerAddress: 1800, connectsPerMinute: 100_000 };

/** The gate's real bundle, in front of any origin. */
export class GateProcess extends KeptBundle {
  constructor(private readonly options: GateOptions) {
    const url = new URL(`http://127.0.0.1:${options.ports.gateStatus}`);
    super({ ...options, name: 'gate', url, answersAt: ROUTES.gate.metrics });
  }

  protected env(): Record<string, string> {
    const { gateEnv, ports } = this.options;
    const env = GateEnv.safeParse({
      ...gateEnv,
      host: '127.0.0.1',
      rtmpPort: ports.rtmp,
      proxyPort: ports.gateProxy,
      srsPort: ports.srsRtmp,
      statusPort: ports.gateStatus,
      sourceAddresses: process.platform === 'linux',
      limits: { ...(typeof gateEnv.limits === 'object' ? gateEnv.limits : {}), ...ONE_MACHINE },
    });
    if (env.success) return { NODE_ENV: 'production', GATE_ENV: JSON.stringify(env.data) };
    const [issue] = env.error.issues;
    throw new StartError(`gate-env of the instance template: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
}
