import { z } from 'zod';
import { DomainError } from '../../../functions/core/errors';
import type { TokenVerifier } from '../../../functions/ports/identity';
import type { AgentHandler } from './listener';

/** A service account's ID token names it by its e-mail. https://cloud.google.com/docs/authentication/token-types#id */
const Claims = z.object({ email: z.string(), email_verified: z.literal(true) });

export interface Callers {
  /** For Google's issuer and this node's own URL as audience. */
  verify: TokenVerifier;
  /** E-mails of service accounts. */
  allowed: () => readonly string[];
}

/**
 * `handler`, for those callers only. Throws DomainError `unauthenticated`, `forbidden`, or `unavailable` without the
 * issuer's keys.
 */
export function forCallers({ verify, allowed }: Callers, handler: AgentHandler): AgentHandler {
  return async (request) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(request.header('authorization') ?? '') ?? [];
    if (token === undefined) throw new DomainError('unauthenticated', 'no ID token: send one for this URL as Bearer');
    const claims = Claims.safeParse(await verify(token));
    if (!claims.success || !allowed().includes(claims.data.email)) {
      throw new DomainError('forbidden', 'this account may not call the agent');
    }
    return handler(request);
  };
}
