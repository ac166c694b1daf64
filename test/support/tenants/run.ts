import { seededRandom } from '../world/random';
import { attack, maliceOf } from './hostile';
import type { Leak } from './leaks';
import { TenantPlatform } from './platform';
import { HOSTILE, type Outcome, publishing, settle, tenantOf } from './tenants';

const TENANTS = 3;
/** Two publishes of 21 s at the most, the window after them, and a pass of the reconciler. */
const RUN_MS = 95_000;

/** The number of plans of the tenants: each leak has to be found once by them. */
const PLANS = 40;
export const planOf = (seed: number): number => seed % PLANS;

/**
 * Runs everything for each tenant, with or without a hostile tenant beside them, and returns their results. The seed
 * decides the actions of all of them.
 */
export async function runTenants(
  seed: number,
  { hostile, leak }: { hostile: boolean; leak?: Leak },
): Promise<Outcome[]> {
  const malicious = seededRandom(seed + 1);
  const malice = maliceOf(malicious, () => platform.clock);
  const platform: TenantPlatform = new TenantPlatform(hostile ? malice : undefined, leak);
  const tenants = Array.from({ length: TENANTS }, (_, n) => tenantOf(n));
  for (const tenant of tenants) await settle(platform, tenant);
  const own = seededRandom(planOf(seed));
  const outcomes = tenants.map((tenant) => publishing(platform, tenant, own));
  if (hostile) {
    await settle(platform, HOSTILE);
    attack(platform, tenants, malicious);
  }
  await platform.run(RUN_MS);
  return Promise.all(outcomes.map((outcome) => outcome()));
}
