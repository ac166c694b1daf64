import type { EventType } from '../../contract/events';
import type { Webhook, WebhookSecret } from '../../contract/webhooks';
import type { Clock, RandomId } from '../../ports/stores';

/** 40 of 36 characters: 206 bits. */
const SECRET_CHARACTERS = 40;

/** A new secret: `whsec_` and base64. */
const mintWebhookSecret = (randomId: RandomId): WebhookSecret => `whsec_${btoa(randomId(SECRET_CHARACTERS))}`;

/** A new webhook, switched on. `url` has to be one `receiverProblem` finds nothing wrong with. */
export const newWebhook = (
  { url, types }: { url: string; types: readonly EventType[] },
  { randomId, clock }: { randomId: RandomId; clock: Pick<Clock, 'now'> },
): Webhook => ({
  id: `wh_${randomId(16)}`,
  url,
  types: [...new Set(types)],
  secret: mintWebhookSecret(randomId),
  enabled: true,
  createdAt: clock.now(),
});
