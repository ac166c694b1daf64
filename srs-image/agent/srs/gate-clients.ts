import { abortedAfter } from '../../../functions/adapters/awake-timer';
import { GATE_SOURCES, GateClient } from '../../../functions/contract/gate';
import type { SrsHook } from '../../../functions/contract/hooks/srs';
import { path, ROUTES } from '../../../functions/contract/routes';
import { isAddressIn } from '../../../functions/core/addresses/ip-address';
import type { Log } from '../../../functions/ports/stores';
import type { GateClients } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';

/** It is on this machine, and does nothing but look into a table. */
const TIMEOUT_MS = 1000;

export const httpGateClients = (gateUrl: string): GateClients => ({
  clientOf: (source) =>
    abortedAfter(TIMEOUT_MS, async (signal) => {
      const answer = await fetch(`${gateUrl}${path(ROUTES.gate.client, { source })}`, { signal });
      if (answer.status === 404) return undefined;
      return GateClient.parse(await answer.json()).address;
    }),
  metrics: () =>
    abortedAfter(TIMEOUT_MS, async (signal) => {
      const answer = await fetch(`${gateUrl}${ROUTES.gate.metrics}`, { signal });
      if (!answer.ok) throw new Error(`the gate answered ${answer.status}`);
      return await answer.text();
    }),
});

/**
 * Answers whether the gate answers, then what it counts, in Prometheus's text format; nothing where there is no gate.
 */
export async function gateMetrics(gate: GateClients | undefined): Promise<string> {
  if (gate === undefined) return '';
  const counted = await gate.metrics().catch(() => undefined);
  const answers = Number(counted !== undefined);
  const head = '# HELP srs_agent_gate_up The gate answers\n# TYPE srs_agent_gate_up gauge\n';
  return `${head}srs_agent_gate_up ${answers}\n${counted ?? ''}`;
}

/**
 * Puts the client's own address into the hook, in which SRS shows the gate's. Where the gate does not know it, the hook
 * stays as it is, and no list of allowed addresses has that address.
 */
export async function withClientAddress<H extends SrsHook>(
  hook: H,
  gate: GateClients | undefined,
  log: Log,
): Promise<H> {
  if (gate === undefined || (hook.action !== 'on_publish' && hook.action !== 'on_play')) return hook;
  if (!isAddressIn(hook.ip, [GATE_SOURCES])) return hook;
  try {
    const ip = await gate.clientOf(hook.ip);
    if (ip !== undefined) return { ...hook, ip };
    log.warn('client_address_unknown', { source: hook.ip, action: hook.action });
  } catch (error) {
    log.warn('gate_silent', { source: hook.ip, error: reasonOf(error) });
  }
  return hook;
}
