import type { Policy } from '../../contract/ids';
import type { Latency } from '../../contract/latency';
import { DomainError } from '../errors';

/** DomainError `invalid_field` for a latency that goes with no stream of this policy. */
export function assertLatency(latency: Latency | undefined, policy: Policy): void {
  if (latency !== 'low' || policy === 'open') return;
  const message =
    "got 'low', must be 'normal' because the policy is 'gated': caches keep low-latency HLS for everybody";
  throw new DomainError('invalid_field', `latency: ${message}`, { fields: [{ field: 'latency', message }] });
}
