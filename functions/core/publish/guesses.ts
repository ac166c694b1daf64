import type { RelayedHook } from '../../contract/srs-hooks';
import type { Brake } from '../brake';
import type { Log } from '../ports';
import type { Refusal } from './hook-name';

/**
 * Holds a refused key back, the longer the more there were of this address or for this stream, and tells the operator. A stream that
 * is not there is refused as slowly as a wrong key: how long it takes says nothing.
 */
export async function slowGuesses(
  hook: RelayedHook,
  { error }: Refusal,
  { brake, log }: { brake: Brake; log: Log },
): Promise<void> {
  if (error !== 'wrong_key' && error !== 'unknown_stream') return;
  const { alert } = await brake.failed([`address ${hook.ip}`, `stream ${hook.stream}`]);
  if (alert !== undefined) log.error('stream_key_guesses', { ...alert, address: hook.ip, stream: hook.stream });
}
