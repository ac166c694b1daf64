import type { EventType } from '../../contract/events';
import type { StreamId } from '../../contract/ids';
import type { Webhook, WebhookSecret } from '../../contract/webhooks';
import type { Clock, RandomId } from '../../ports/stores';

/** 40 of 36 characters: 206 bits. */
const SECRET_CHARACTERS = 40;

/** A new secret: `whsec_` and base64. */
export const mintWebhookSecret = (randomId: RandomId): WebhookSecret => `whsec_${btoa(randomId(SECRET_CHARACTERS))}`;

interface Wanted {
  /** The publisher; empty for the operator. */
  owner: string;
  url: string;
  types: readonly EventType[];
  streams: readonly StreamId[];
}

/** A new webhook, switched on. `url` has to be one `receiverProblem` finds nothing wrong with. */
export const newWebhook = (
  { owner, url, types, streams }: Wanted,
  { randomId, clock }: { randomId: RandomId; clock: Pick<Clock, 'now'> },
): Webhook => ({
  id: `wh_${randomId(16)}`,
  owner,
  url,
  types: [...new Set(types)],
  streams: [...new Set(streams)],
  secret: mintWebhookSecret(randomId),
  enabled: true,
  createdAt: clock.now(),
});

/**
 * Gives the webhook a new secret. For `graceMs` deliveries are signed with the previous one too; an older one stops at
 * once.
 */
export function withNewSecret(
  { previousSecret: _, ...webhook }: Webhook,
  { secret, graceMs, nowMs }: { secret: WebhookSecret; graceMs: number; nowMs: number },
): Webhook {
  const previous = graceMs === 0 ? {} : { previousSecret: { secret: webhook.secret, until: nowMs + graceMs } };
  return { ...webhook, secret, ...previous };
}

/** The secrets that sign an event now, the newest first. */
export const secretsOf = ({ secret, previousSecret }: Webhook, nowMs: number): WebhookSecret[] =>
  previousSecret !== undefined && previousSecret.until > nowMs ? [secret, previousSecret.secret] : [secret];
