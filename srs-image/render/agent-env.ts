import type { z } from 'zod';
import type { AgentEnv } from '../../functions/contract/env/agent';
import { NODE } from './node';

type SharedAgentEnv = z.input<typeof AgentEnv>;
type FromLayout =
  | 'srsApiUrl'
  | 'srsHttpUrl'
  | 'gateUrl'
  | 'srtPort'
  | 'pushPort'
  | 'hlsRoot'
  | 'spoolRoot'
  | 'hooksPort'
  | 'publicPort';

/**
 * The JSON of `AgentEnv`, for instance metadata `agent-env`. Texts may be Terraform references, so it is parsed where
 * it is used and only typed here.
 */
export function agentEnv({
  takesSrt,
  takesPushes = false,
  ...env
}: Omit<SharedAgentEnv, FromLayout> & { readonly takesSrt: boolean; readonly takesPushes?: boolean }): string {
  const { hlsRoot, spoolRoot, hooksPort, publicPort, srsApiPort, srsHttpPort, gateStatusPort, srtPort, rtmpPort } =
    NODE;
  const shared: SharedAgentEnv = {
    ...env,
    hlsRoot,
    spoolRoot,
    hooksPort,
    publicPort,
    srsApiUrl: `http://127.0.0.1:${srsApiPort}`,
    srsHttpUrl: `http://127.0.0.1:${srsHttpPort}`,
    gateUrl: `http://127.0.0.1:${gateStatusPort}`,
    ...(takesSrt && { srtPort }),
    ...(takesPushes && { pushPort: rtmpPort }),
  };
  return JSON.stringify(shared);
}
