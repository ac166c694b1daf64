import type { Grant, GrantId } from '../../contract/grants';
import type { SigningKey } from '../../contract/signing-keys';
import type { Stream } from '../../contract/state';
import { verifyPlayToken } from '../../core/grants/play-token';
import type { GrantStore } from '../../ports/grants';

/** The stores in which a right to play is looked up. `keys`: of the platform's tokens. */
export interface RightDeps {
  keys: readonly SigningKey[];
  grants: Pick<GrantStore, 'get'>;
}

/** `until`: when the sitting of the grant is over and its connections end, in milliseconds. */
export interface GrantedPlay {
  grantId: GrantId;
  until: number;
}

/**
 * `ended`: the token is genuine and unexpired, but its grant is not good any more; only then may its holder be told
 * why.
 */
export type RightToPlay =
  | { kind: 'open' }
  | ({ kind: 'granted' } & GrantedPlay)
  | { kind: 'refused' | 'ended'; message: string };

/**
 * Returns whether this stream plays by RTMP, FLV or WebRTC with this token. A gated one asks the grant itself, at every
 * opening: a token that was handed out before a revocation is refused from that moment on.
 */
export async function rightToPlay(
  { id, policy }: Pick<Stream, 'id' | 'policy'>,
  { token, nowMs }: { token: string | undefined; nowMs: number },
  { keys, grants }: RightDeps,
): Promise<RightToPlay> {
  if (policy === 'open') return { kind: 'open' };
  if (token === undefined) return { kind: 'refused', message: 'the stream is gated: it needs a play token' };
  const claims = verifyPlayToken(token, { streamId: id, keys, nowMs });
  if (claims === undefined)
    return { kind: 'refused', message: 'the play token belongs to another stream, or has expired' };
  return judgeGrant(await grants.get(id, claims.grantId), nowMs);
}

function judgeGrant(grant: Grant | undefined, nowMs: number): RightToPlay {
  if (grant === undefined) return { kind: 'ended', message: 'the grant of the play token does not exist' };
  if (grant.revokedAt !== undefined) return { kind: 'ended', message: 'the grant of the play token was revoked' };
  if (nowMs >= grant.endsAt) return { kind: 'ended', message: 'the viewing session of the grant is over' };
  return { kind: 'granted', grantId: grant.id, until: grant.endsAt };
}
