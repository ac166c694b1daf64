import { HookAccepted, HookRefused, type RelayedHook } from '../../../functions/contract/hooks/srs';
import { path, ROUTES } from '../../../functions/contract/routes';
import { defined } from '../../../functions/core/defined';
import type { Clock } from '../../../functions/ports/stores';
import type { Counters } from '../metrics/counters';
import type { HooksClient, HookVerdict } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';

/** Longer than a function on a busy machine takes to start; encoders and SRS wait for 30 s. */
const TOTAL_MS = 10_000;
const FIRST_PAUSE_MS = 100;

/**
 * Cloud Run's own refusals, for a missing grant, an expired token or a missing function. They are no decision about a
 * publisher.
 */
const NOT_ASKED = [401, 403, 404];
const isTransient = (status: number): boolean => status >= 500 || status === 429 || status === 408;

function judge(status: number, body: unknown): HookVerdict {
  if (isTransient(status)) return { kind: 'away', message: `srs-hooks answered ${status}` };
  const refused = HookRefused.safeParse(body);
  if (refused.success) return { kind: 'refused', ...refused.data };
  const accepted = HookAccepted.safeParse(body);
  if (status === 200 && accepted.success) {
    const { session, encryption, play, push, allowedOrigins } = accepted.data;
    return {
      kind: 'accepted',
      ...defined({ session, encryption, play, push, allowedOrigins }),
    };
  }
  if (NOT_ASKED.includes(status))
    return { kind: 'away', message: `srs-hooks is not to be reached: it answered ${status}` };
  return {
    kind: 'refused',
    error: 'bad_answer',
    message: `srs-hooks answered ${status} with something else than an answer to a hook`,
  };
}

/** Hooks to the cloud: SRS itself would not retry, and sends no credentials. */
export class Relay {
  constructor(private readonly deps: { hooks: HooksClient; clock: Clock; counters: Counters }) {}

  /** One try. */
  async once(hook: RelayedHook): Promise<HookVerdict> {
    try {
      const said = hook.action === 'on_publish' ? { ...hook, encrypts: true, encryptsSamples: true } : hook;
      const { status, body } = await this.deps.hooks.post(path(ROUTES.hooks.action, { action: hook.action }), said);
      return judge(status, body);
    } catch (error) {
      return { kind: 'away', message: reasonOf(error) };
    }
  }

  /** While a client waits: tries again until the cloud said something, the time is up, or the client is `gone`. */
  async ask(hook: RelayedHook, gone?: AbortSignal): Promise<HookVerdict> {
    const { clock, counters } = this.deps;
    const endsAt = clock.now() + TOTAL_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
      const verdict = await this.once(hook);
      if (verdict.kind !== 'away' || gone?.aborted || clock.now() + pauseMs >= endsAt) return verdict;
      counters.hookRetries += 1;
      await clock.sleep(pauseMs, gone);
    }
  }
}
