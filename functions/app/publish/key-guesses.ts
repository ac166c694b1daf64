import type { OnPublish, RelayedHook } from '../../contract/hooks/srs';
import { StreamId } from '../../contract/ids';
import { streamKeyOf } from '../../core/keys';
import { refuseKey } from '../../core/publish/admission';
import { type HookRefusal, refusedApp } from '../../core/publish/hook-name';
import { sha256Hex } from '../../core/signing/hash';
import type { Clock, Log } from '../../ports/stores';
import type { GuessLimiter } from '../guess-limiter';
import type { HookOutcome } from './hooks';
import type { SharedStreams } from './shared-streams';

type Guess = Pick<RelayedHook, 'ip' | 'stream'>;
const lockOf = ({ ip, stream }: Guess): string => `address ${ip} at stream ${stream}`;
const streamLock = ({ stream }: Guess): string => `stream ${stream}`;

export interface GuessDeps {
  guessLimiter: GuessLimiter;
  clock: Pick<Clock, 'now'>;
  streams: SharedStreams;
}

/**
 * Refuses a wrong key while the keys of this stream are being guessed. All guesses share one read, so they take no lock
 * on the stream's document, which the right key needs. Returns `undefined` for the right key, and while no one guesses.
 */
export async function refuseGuess(
  hook: RelayedHook,
  { guessLimiter, clock, streams }: GuessDeps,
): Promise<HookRefusal | undefined> {
  if (hook.action !== 'on_publish' || !guessLimiter.isGuessed(streamLock(hook)) || refusedApp(hook) !== undefined)
    return undefined;
  const id = StreamId.safeParse(hook.stream);
  if (!id.success) return undefined;
  const refused = refuseKey(await streams.get(id.data), { keyHash: keyHashOf(hook), at: clock.now() });
  return refused && { error: refused.error, message: refused.message };
}

function keyHashOf({ param }: OnPublish): string | undefined {
  const key = streamKeyOf(param);
  return key && sha256Hex(key);
}

/**
 * Returns how long a refused key is to be held back, in milliseconds, the longer the more there were of this address or
 * for this stream; tells the operator. A stream that is not there is refused as slowly as a wrong key: how long it
 * takes says nothing.
 */
export function noteGuess(
  hook: RelayedHook,
  outcome: HookOutcome,
  { guessLimiter, log }: { guessLimiter: GuessLimiter; log: Log },
): number {
  if (!('error' in outcome)) {
    if (hook.action === 'on_publish') guessLimiter.succeeded(lockOf(hook));
    return 0;
  }
  if (outcome.error !== 'wrong_key' && outcome.error !== 'unknown_stream') return 0;
  const { holdMs, alert } = guessLimiter.note([`address ${hook.ip}`, streamLock(hook), lockOf(hook)]);
  if (alert !== undefined) log.error('stream_key_guesses', { ...alert, address: hook.ip, stream: hook.stream });
  return holdMs;
}

/** Notes a refused key, and waits for the time of its penalty, for callers that cannot wait themselves. */
export async function delayWrongKey(
  hook: RelayedHook,
  outcome: HookOutcome,
  deps: { guessLimiter: GuessLimiter; log: Log },
): Promise<void> {
  await deps.guessLimiter.hold(noteGuess(hook, outcome, deps));
}
