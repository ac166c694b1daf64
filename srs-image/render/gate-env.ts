import type { z } from 'zod';
import type { GateEnv } from '../../functions/contract/gate';
import { NODE } from './node';

type Shared = z.input<typeof GateEnv>;

/** The JSON of `GateEnv`, for instance metadata `gate-env`. `limits`: those that are not the gate's own. */
export function gateEnv(limits: Shared['limits'] = {}): string {
  const { rtmpPort, proxyPort, srsRtmpPort: srsPort, gateStatusPort: statusPort } = NODE;
  return JSON.stringify({ rtmpPort, proxyPort, srsPort, statusPort, limits } satisfies Shared);
}
