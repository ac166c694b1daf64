import type { Leased } from './backlog';
import type { WirePubsubMessage } from './messages';
import type { Consumer, Subscription } from './subscription';
import type { SubscriptionConfig } from './subscription-config';

export interface PushDeps {
  /** The `Authorization` of a push, for the account and audience of its subscription. */
  idToken?: ((identity: { email: string; audience: string }) => Promise<string>) | undefined;
}

/** https://cloud.google.com/pubsub/docs/push#receive_push */
const ACKNOWLEDGES = [102, 200, 201, 202, 204];
/** Requests under way at a time; the service grows and shrinks its window. */
const MAX_OUTSTANDING = 100;

/** Posts the messages of a subscription to its endpoint, if it has one. */
export class PushLoop implements Consumer {
  readonly onePerKey = true;
  readonly #requests = new Set<AbortController>();
  #detach: (() => void) | undefined;
  #outstanding = 0;

  constructor(
    private readonly subscription: Subscription,
    private readonly deps: PushDeps,
  ) {}

  get leaseMs(): number {
    // The request itself ends at the deadline; the lease must not end before its failure is known.
    return this.subscription.config.ackMs + 5_000;
  }

  room(): number {
    return this.subscription.config.push === undefined ? 0 : MAX_OUTSTANDING - this.#outstanding;
  }

  start(): void {
    this.#detach ??= this.subscription.attach(this);
  }

  /** Stops the delivery. Requests under way are aborted, and their messages come again. */
  stop(): void {
    this.#detach?.();
    this.#detach = undefined;
    for (const request of this.#requests) request.abort();
  }

  receive(messages: readonly Leased[]): void {
    this.#outstanding += messages.length;
    for (const message of messages) void this.#deliver(message);
  }

  released(): void {
    this.#outstanding -= 1;
  }

  async #deliver(leased: Leased): Promise<void> {
    const taken = await this.#post(leased).catch(() => false);
    if (taken) this.subscription.acknowledge([leased.ackId]);
    else this.subscription.extend([leased.ackId], 0);
  }

  async #post(leased: Leased): Promise<boolean> {
    const { config } = this.subscription;
    if (config.push === undefined) return false;
    const request = new AbortController();
    this.#requests.add(request);
    try {
      const headers = {
        'content-type': 'application/json',
        'user-agent': USER_AGENT,
        ...(await this.#authorization(config)),
      };
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(config.ackMs)]);
      const body = JSON.stringify(wrapped(leased, config));
      const response = await fetch(config.push.endpoint, { method: 'POST', headers, body, signal, redirect: 'manual' });
      await response.arrayBuffer();
      return ACKNOWLEDGES.includes(response.status);
    } finally {
      this.#requests.delete(request);
    }
  }

  async #authorization({ push }: SubscriptionConfig): Promise<Record<string, string>> {
    if (push?.identity === undefined || this.deps.idToken === undefined) return {};
    return { authorization: `Bearer ${await this.deps.idToken(push.identity)}` };
  }
}

const USER_AGENT = 'CloudPubSub-Google';

/**
 * https://cloud.google.com/pubsub/docs/payload-unwrapping#wrapped_payload; ids and times stand in it in both spellings.
 */
function wrapped({ message, attempt }: Leased, { message: { name }, deadLetter }: SubscriptionConfig): object {
  return {
    message: wireMessage(message),
    subscription: name,
    ...(deadLetter && { deliveryAttempt: attempt }),
  };
}

function wireMessage({ data, attributes, messageId, publishTime, orderingKey }: WirePubsubMessage): object {
  const at = new Date(Number(publishTime?.seconds ?? 0) * 1000 + (publishTime?.nanos ?? 0) / 1e6).toISOString();
  return {
    ...(data && data.length > 0 ? { data: data.toString('base64') } : {}),
    ...(attributes && Object.keys(attributes).length > 0 ? { attributes } : {}),
    messageId,
    message_id: messageId,
    publishTime: at,
    publish_time: at,
    ...(orderingKey ? { orderingKey } : {}),
  };
}
