import type { Tokens } from '../../emulators/metadata/tokens';

/** The admission of a caller to a function, with Cloud Run's answer if it is refused. */
export type InvokerAdmission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly status: 401 | 403; readonly reason: string; readonly challenge?: string };

interface Caller {
  readonly authorization: string | undefined;
  /** Members of `roles/run.invoker`. */
  readonly invokers: readonly string[];
  /** URL of the function. */
  readonly audience: string;
}

/**
 * Admits a caller. No token at a private service: 403. A token whose signature, issuer, audience or lifetime is wrong:
 * 401. A valid one of an account without the role: 403.
 * https://cloud.google.com/run/docs/troubleshooting#access-control
 */
export async function admit(tokens: Tokens, { authorization, invokers, audience }: Caller): Promise<InvokerAdmission> {
  if (invokers.includes('allUsers')) return { admitted: true };
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (token === undefined) return { admitted: false, status: 403, reason: 'The request was not authenticated.' };
  const identity = await tokens.verify(token, audience);
  if (identity === undefined)
    return {
      admitted: false,
      status: 401,
      reason: 'The ID token could not be verified.',
      challenge: 'Bearer error="invalid_token"',
    };
  return invokers.includes(`serviceAccount:${identity.email}`)
    ? { admitted: true }
    : { admitted: false, status: 403, reason: `${identity.email} is not an invoker of this service.` };
}
