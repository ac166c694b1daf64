import type { SigningKey } from '../../contract/signing-keys';
import type { RefusalCode } from '../../contract/srs-hooks';
import type { Stream } from '../../contract/state';
import { playTokenOf, verifyPlayToken } from '../grants/play-token';

/** An on_play by RTMP, FLV or WebRTC. `keys`: of the platform's tokens. */
export interface PlayRequest {
  param: string;
  keys: readonly SigningKey[];
  at: number;
}

/** Why an on_play is refused; `undefined` lets it play. A gated stream takes the play token of a grant. */
export function decidePlay(
  stream: Stream | undefined,
  { param, keys, at }: PlayRequest,
): { error: RefusalCode; message: string } | undefined {
  if (stream === undefined) return { error: 'not_playable', message: 'there is no such stream' };
  if (stream.suspended !== undefined) return { error: 'suspended', message: 'the stream is suspended' };
  if (stream.policy === 'open') return undefined;
  const token = playTokenOf(param);
  if (token === undefined) return { error: 'not_playable', message: 'the stream is gated: it takes a play token' };
  const claims = verifyPlayToken(token, { streamId: stream.id, keys, nowMs: at });
  return claims === undefined
    ? { error: 'not_playable', message: 'the play token is not of this stream, or has expired' }
    : undefined;
}
