import type { StreamStore, WebhookStore } from '../../../functions/ports/stores';
import { type ApiRig, apiRig, withDeps } from '../api-rig';
import type { VirtualClock } from '../virtual-clock';
import { instanceOf } from './instance';
import { type Leak, leakyApi } from './leaks';

/** The rate of a key: about one request a second, a few at once. */
const RATE = { perMinute: 60, burst: 20 };
const INSTANCE = { places: 40, requestMs: 5, timeoutMs: 60_000 };

export interface TenantApi {
  /** A request with the tenant's own key, and what it was answered. */
  ask(
    tenant: { streamId: string },
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }>;
}

/** The real API over the platform's stores, as one instance. Each tenant has a key. */
export function tenantApi(
  deps: { clock: VirtualClock; streamStore: StreamStore; webhooks: WebhookStore },
  leak: Leak | undefined,
): TenantApi {
  const { clock, streamStore } = deps;
  const rig: ApiRig = apiRig();
  const webhooks = { ...rig.deps.webhooks, store: deps.webhooks };
  withDeps(rig, { clock, streamStore, webhooks, rates: { perKey: RATE, perPublisher: RATE } });
  const instance = instanceOf(clock, leakyApi(leak, rig.handler, clock), INSTANCE);
  const keys = new Map<string, Promise<Record<string, string>>>();
  const keyOf = (subject: string) => {
    const key = keys.get(subject) ?? rig.caller({ role: 'publisher', subject });
    keys.set(subject, key);
    return key;
  };
  return {
    async ask({ streamId }, method, path, body) {
      const headers = await keyOf(streamId);
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const type = { 'content-type': 'application/json' };
      const init = { method, headers: { ...headers, ...type }, ...(text === undefined ? {} : { body: text }) };
      const answer = await instance(new Request(`http://function/api/v1${path}`, init));
      return { status: answer?.status ?? 0, body: answer?.status === 200 ? await answer.json() : undefined };
    },
  };
}
