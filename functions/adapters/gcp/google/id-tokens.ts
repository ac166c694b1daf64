import { z } from 'zod';
import type { Clock } from '../../../ports/stores';
import { metadataServer } from './metadata-server';

/** https://cloud.google.com/compute/docs/instances/verifying-instance-identity */
const PATH = 'instance/service-accounts/default/identity';
/** A token that ends on the way would be refused. Google's own live an hour. */
const RENEW_BEFORE_MS = 60_000;
/** Nodes come and go; their tokens end after an hour anyway. */
const MAX_KEPT = 1000;

const Claims = z.object({ exp: z.number() });

/** Returns when a token expires, in milliseconds. The token is only read, not verified: it is our own. */
function endOf(token: string): number {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  return Claims.parse(JSON.parse(payload)).exp * 1000;
}

/** ID tokens of the account this runs as, by audience. */
export type IdTokens = (audience: string) => Promise<string>;

/** From the metadata server, which VMs and Cloud Run have; each is kept until shortly before its end. */
export function metadataIdTokens({ metadataUrl, clock }: { metadataUrl: string; clock: Pick<Clock, 'now'> }): IdTokens {
  const metadata = metadataServer(metadataUrl);
  const kept = new Map<string, { token: string; endsAt: number }>();
  const asking = new Map<string, Promise<string>>();

  const ask = async (audience: string): Promise<string> => {
    const { text: token } = await metadata(PATH, { query: { audience } });
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(audience, { token, endsAt: endOf(token) });
    return token;
  };

  return async (audience) => {
    const known = kept.get(audience);
    if (known !== undefined && clock.now() < known.endsAt - RENEW_BEFORE_MS) return known.token;
    const question = asking.get(audience) ?? ask(audience).finally(() => asking.delete(audience));
    asking.set(audience, question);
    return question;
  };
}
