import { streamKeyOf } from '../../../functions/core/keys';
import { sha256Hex } from '../../../functions/core/signing/hash';

/** SHA-256 of the stream key in a publisher's `param`; empty when there is none. It is all the agent keeps of a key. */
export function keyHashOf(param: string): string {
  const key = streamKeyOf(param);
  return key === undefined ? '' : sha256Hex(key);
}
