import type { z } from 'zod';
import type { GateEnv } from '../../functions/contract/gate';
import { NODE } from './node';

type SharedGateEnv = z.input<typeof GateEnv>;

/** The JSON of `GateEnv`, for instance metadata `gate-env`. `limits`: those that are not the gate's own. */
export function gateEnv(limits: SharedGateEnv['limits'] = {}): string {
  const { rtmpPort, proxyPort, srsRtmpPort: srsPort, gateStatusPort: statusPort } = NODE;
  return JSON.stringify({ rtmpPort, proxyPort, srsPort, statusPort, limits } satisfies SharedGateEnv);
}
