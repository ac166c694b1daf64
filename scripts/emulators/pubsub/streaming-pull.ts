import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Leased } from './backlog';
import type { Broker } from './broker';
import type { ReceivedMessage, StreamingPullRequest } from './messages';
import { PubsubError, wireError } from './pubsub-error';
import { type Consumer, received, type Subscription } from './subscription';

interface StreamingPullResponse {
  receivedMessages?: ReceivedMessage[];
  subscriptionProperties?: { exactlyOnceDeliveryEnabled: boolean; messageOrderingEnabled: boolean };
}
type PullCall = ServerDuplexStream<StreamingPullRequest, StreamingPullResponse>;

/** The messages of one response: a client without a bound of its own does not get the whole backlog at once. */
const MAX_BATCH = 1000;

/** Serves one subscriber's stream: messages go out within its flow control, and acknowledgements come in. */
export function streamingPull(broker: Broker): (call: PullCall) => void {
  return (call) => {
    let stream: PullStream | undefined;
    const finish = () => {
      stream?.close();
      call.end();
    };
    call.on('data', (request: StreamingPullRequest) => {
      try {
        if (stream === undefined) stream = new PullStream(broker.subscription(request.subscription), request, call);
        stream.take(request);
      } catch (error) {
        stream?.close();
        call.emit('error', wireError(error));
      }
    });
    call.on('end', finish);
    call.on('error', () => stream?.close());
    call.on('cancelled', () => stream?.close());
  };
}

class PullStream implements Consumer {
  readonly #limit: number;
  readonly #close: () => void;
  #leaseSeconds: number;
  #outstanding = 0;

  constructor(
    private readonly subscription: Subscription,
    first: StreamingPullRequest,
    private readonly call: PullCall,
  ) {
    this.#limit = Number(first.maxOutstandingMessages ?? 0) || Number.POSITIVE_INFINITY;
    this.#leaseSeconds = first.streamAckDeadlineSeconds ?? 10;
    const { enableMessageOrdering = false } = subscription.config.message;
    call.write({
      subscriptionProperties: { exactlyOnceDeliveryEnabled: false, messageOrderingEnabled: enableMessageOrdering },
    });
    const detach = subscription.attach(this);
    const forget = subscription.onEnd(() => call.emit('error', wireError(gone(subscription))));
    this.#close = () => {
      detach();
      forget();
    };
  }

  get leaseMs(): number {
    return this.#leaseSeconds * 1000;
  }
  room(): number {
    return Math.min(MAX_BATCH, this.#limit - this.#outstanding);
  }

  take({
    ackIds = [],
    modifyDeadlineAckIds = [],
    modifyDeadlineSeconds = [],
    streamAckDeadlineSeconds,
  }: StreamingPullRequest) {
    if (streamAckDeadlineSeconds) this.#leaseSeconds = streamAckDeadlineSeconds;
    this.subscription.acknowledge(ackIds);
    for (const [index, ackId] of modifyDeadlineAckIds.entries())
      this.subscription.extend([ackId], (modifyDeadlineSeconds[index] ?? 0) * 1000);
  }

  receive(messages: readonly Leased[]): void {
    this.#outstanding += messages.length;
    this.call.write({ receivedMessages: messages.map(received(this.subscription.config)) });
  }

  released(): void {
    this.#outstanding -= 1;
  }

  close(): void {
    this.#close();
  }
}

const gone = ({ config }: Subscription): PubsubError =>
  new PubsubError('NOT_FOUND', `Resource not found (resource=${config.message.name}).`);
