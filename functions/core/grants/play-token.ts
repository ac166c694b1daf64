import type { StreamId } from '../../contract/ids';
import type { SigningKey } from '../../contract/signing-keys';
import { type GrantClaims, TOKEN_PREFIXES, verifyToken } from '../signing/token';

/**
 * The play token in a hook's `param`: the value of the first `token` that looks like one. SRS hands over what the
 * client sent, undecoded: `?token=..` by RTMP (doubled when the query stood in the app) and FLV, the whole query by
 * WHEP.
 */
export function playTokenOf(param: string): string | undefined {
  const values = param
    .split(/[?&]/)
    .flatMap((part) => (part.startsWith('token=') ? [part.slice('token='.length)] : []));
  return values.find((value) => value.startsWith(`${TOKEN_PREFIXES.play}_`));
}

/**
 * The claims of a genuine, unexpired play token of this stream; else `undefined`. It is as short as the grant it came
 * with.
 */
export const verifyPlayToken = (
  token: string,
  { streamId, keys, nowMs }: { streamId: StreamId; keys: readonly SigningKey[]; nowMs: number },
): GrantClaims | undefined => verifyToken(token, { purpose: 'play', streamId, keys, nowMs });
