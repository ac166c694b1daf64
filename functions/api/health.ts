import { within } from '../core/deadline';
import type { ApiDeps } from './api-deps';

interface Check {
  state: 'ok' | 'down';
  latencyMs: number;
}

export interface Health {
  status: 'ok' | 'down';
  checks: { firestore: Check; storage: Check };
}

/** A probe gives up soon after. */
const CHECK_LIMIT_MS = 2000;

/** Whether the services behind the API answer: each is asked for something that is not there. */
export async function checkHealth(deps: ApiDeps): Promise<Health> {
  const [firestore, storage] = await Promise.all([
    check('firestore', () => deps.registry.getNode('health'), deps),
    check('storage', () => deps.delivery('open').stat('health'), deps),
  ]);
  const status = firestore.state === 'ok' && storage.state === 'ok' ? 'ok' : 'down';
  return { status, checks: { firestore, storage } };
}

async function check(what: string, work: () => Promise<unknown>, { clock, log }: ApiDeps): Promise<Check> {
  const startedAt = clock.now();
  const latencyMs = () => clock.now() - startedAt;
  try {
    await within({ clock, limitMs: CHECK_LIMIT_MS, what }, work());
    return { state: 'ok', latencyMs: latencyMs() };
  } catch (error) {
    log.error('health_check_failed', { what, error });
    return { state: 'down', latencyMs: latencyMs() };
  }
}
