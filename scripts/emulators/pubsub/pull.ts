import type { Leased } from './backlog';
import type { PullRequest, ReceivedMessage } from './messages';
import { PubsubError } from './pubsub-error';
import { type Consumer, received, type Subscription } from './subscription';

/** The service answers an empty pull after a while, too; clients ask again. */
const TIMEOUT_MS = 3_000;

/** Answers one pull: the messages there are, or the first that comes within a few seconds. */
export async function pull(
  subscription: Subscription,
  request: PullRequest,
): Promise<{ receivedMessages: ReceivedMessage[] }> {
  const max = request.maxMessages ?? 0;
  if (max <= 0) throw new PubsubError('INVALID_ARGUMENT', `Invalid max_messages: ${max}, must be positive.`);
  const ready = subscription.take(max);
  const messages = ready.length > 0 || request.returnImmediately ? ready : await nextOf(subscription, max);
  return { receivedMessages: messages.map(received(subscription.config)) };
}

const nextOf = (subscription: Subscription, max: number): Promise<readonly Leased[]> =>
  new Promise((resolve) => {
    let open = true;
    const finish = (messages: readonly Leased[]) => {
      open = false;
      clearTimeout(timer);
      detach();
      resolve(messages);
    };
    const timer = setTimeout(() => finish([]), TIMEOUT_MS);
    const consumer: Consumer = {
      leaseMs: subscription.config.ackMs,
      room: () => (open ? max : 0),
      receive: finish,
      released: () => undefined,
    };
    const detach = subscription.attach(consumer);
  });
