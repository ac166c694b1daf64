import type { CreateGrant, Grant, GrantId } from '../../contract/grants';
import { DomainError } from '../../core/errors';
import {
  decideGrant,
  decideRenewal,
  type GatedStream,
  type GrantLimits,
  revoked,
} from '../../core/grants/decide-grant';
import type { GrantSigner } from '../../core/grants/grant-answer';
import { verifyToken } from '../../core/signing/token';
import type { GrantStore } from '../../ports/grants';
import type { Clock, RandomId } from '../../ports/stores';

export interface GrantDeps {
  grants: GrantStore;
  signer: GrantSigner;
  clock: Clock;
  randomId: RandomId;
}

/**
 * `lifetimeSeconds`: allowed by the budget at this moment; `grantsPerStream`: unexpired grants of one stream at a time.
 */
export type Limits = GrantLimits & { grantsPerStream: number };

/** A new grant. Throws what `decideGrant` does, and `grant_limit`. */
export async function createGrant(
  {
    stream,
    wanted,
    ...request
  }: { stream: GatedStream; wanted: CreateGrant; subject: string; origin: string | undefined; limits: Limits },
  { grants, clock, randomId }: GrantDeps,
): Promise<Grant> {
  const nowMs = clock.now();
  const grant = decideGrant(stream, wanted, { ...request, nowMs, id: randomId(16) });
  const max = request.limits.grantsPerStream;
  if (await grants.add(grant, { max, nowMs })) return grant;
  throw new DomainError(
    'grant_limit',
    `the stream has ${max} unexpired grants, which is the maximum: try again when some have expired`,
    { quota: { of: 'grants', used: max, allowed: max } },
  );
}

/** Asks for a renewal with the grant's own renewal token. Throws what `decideRenewal` does, and `unauthenticated`. */
export async function renewGrant(
  request: { stream: GatedStream; grantId: GrantId; token: string; origin: string | undefined; limits: GrantLimits },
  { grants, signer, clock }: GrantDeps,
): Promise<Grant> {
  const { stream, grantId, token, origin, limits } = request;
  const nowMs = clock.now();
  const claims = verifyToken(token, { purpose: 'renewal', streamId: stream.id, keys: signer.tokenKeys, nowMs });
  if (claims?.grantId !== grantId) {
    throw new DomainError(
      'unauthenticated',
      'the renewal token does not belong to this grant, or the viewing session is over',
    );
  }
  return grants.change(stream.id, grantId, (current) => {
    const grant = decideRenewal(stream, current, { nowMs, origin, limits });
    return { grant, result: grant };
  });
}

/**
 * Nothing renews the grant any more, and no play token of it opens anything; again is no error. Throws
 * `grant_not_found`.
 */
export async function revokeGrant(
  { stream, grantId }: { stream: Pick<GatedStream, 'id'>; grantId: GrantId },
  { grants, clock }: GrantDeps,
) {
  return grants.change(stream.id, grantId, (current) => {
    if (current === undefined) throw new DomainError('grant_not_found', 'there is no such grant');
    const grant = revoked(current, clock.now());
    return { grant, result: grant };
  });
}
