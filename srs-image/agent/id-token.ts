import { z } from 'zod';
import type { Clock } from '../../functions/core/ports';

/** https://cloud.google.com/compute/docs/instances/verifying-instance-identity */
const PATH = '/computeMetadata/v1/instance/service-accounts/default/identity';
const TIMEOUT_MS = 1000;
/** A token that ends on the way would be refused. Google's own live an hour. */
const RENEW_BEFORE_MS = 60_000;

const Claims = z.object({ exp: z.number() });

/** When a token ends, in milliseconds. It is only read, not verified: it is our own. */
function endOf(token: string): number {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  return Claims.parse(JSON.parse(payload)).exp * 1000;
}

/** The VM's own ID token for an audience, from the metadata server; kept until shortly before its end. */
export function metadataIdToken(options: {
  metadataUrl: string;
  audience: string;
  clock: Pick<Clock, 'now'>;
}): () => Promise<string> {
  const url = new URL(PATH, options.metadataUrl);
  url.searchParams.set('audience', options.audience);
  let kept: { token: string; endsAt: number } | undefined;
  let asking: Promise<string> | undefined;

  const ask = async (): Promise<string> => {
    const answer = await fetch(url, { headers: { 'Metadata-Flavor': 'Google' }, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error(`the metadata server answered ${answer.status} to the question for an ID token`);
    const token = (await answer.text()).trim();
    kept = { token, endsAt: endOf(token) };
    return token;
  };

  return async () => {
    if (kept !== undefined && options.clock.now() < kept.endsAt - RENEW_BEFORE_MS) return kept.token;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}
