import { GuessLimiter } from '../../app/guess-limiter';
import { DomainError } from '../../core/errors';
import { equalSecrets } from '../../core/signing/hash';
import { clientAddress } from '../../http/authenticate';
import type { ApiDeps } from '../api-deps';

/**
 * Lets a request on whose query has the hook secret. Throws `unauthenticated`, the slower the more wrong ones come from
 * an address.
 */
export function hookSecretCheck({ hookSecret, clock, log }: ApiDeps): (request: Request) => Promise<void> {
  const guessLimiter = new GuessLimiter({ clock });
  return async (request) => {
    const shown = new URL(request.url).searchParams.get('secret') ?? '';
    if (equalSecrets(shown, hookSecret)) return;
    const address = clientAddress(request);
    const { alert } = await guessLimiter.failed([`hook secret from ${address}`]);
    if (alert !== undefined) log.error('hook_secret_guesses', { ...alert, address });
    throw new DomainError('unauthenticated', 'secret: the value is not the hook secret of this environment');
  };
}
