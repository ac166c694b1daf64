import type { RelayedHook } from '../../contract/srs-hooks';
import type { Brake } from '../brake';
import type { Log } from '../ports';
import type { Refusal } from './hook-name';
import type { HookOutcome } from './hooks';

type Guess = Pick<RelayedHook, 'ip' | 'stream'>;
const lockOf = ({ ip, stream }: Guess): string => `address ${ip} at stream ${stream}`;

/**
 * The refusal of an attempt that is not even looked at: this address had its tries at this stream, and as many answers as can be are
 * held back. The right key from another address is not concerned.
 */
export function hopelessGuess(hook: RelayedHook, brake: Brake): Refusal | undefined {
  if (hook.action !== 'on_publish' || !brake.isHopeless(lockOf(hook))) return undefined;
  return {
    error: 'wrong_key',
    message: 'too many wrong keys from this address for this stream: nothing is looked at for a while',
  };
}

/**
 * Holds a refused key back, the longer the more there were of this address or for this stream, and tells the operator. A stream that
 * is not there is refused as slowly as a wrong key: how long it takes says nothing.
 */
export async function slowGuesses(
  hook: RelayedHook,
  outcome: HookOutcome,
  { brake, log }: { brake: Brake; log: Log },
): Promise<void> {
  if (!('error' in outcome)) return hook.action === 'on_publish' ? brake.succeeded(lockOf(hook)) : undefined;
  if (outcome.error !== 'wrong_key' && outcome.error !== 'unknown_stream') return;
  const { alert } = await brake.failed([`address ${hook.ip}`, `stream ${hook.stream}`, lockOf(hook)]);
  if (alert !== undefined) log.error('stream_key_guesses', { ...alert, address: hook.ip, stream: hook.stream });
}
