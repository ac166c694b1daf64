import type { WirePubsubMessage } from './messages';
import { PubsubError } from './pubsub-error';

/** https://cloud.google.com/pubsub/quotas#resource_limits */
const LIMITS = {
  messages: 1000,
  bytes: 10_000_000,
  attributes: 100,
  keyBytes: 256,
  valueBytes: 1024,
  orderingKeyBytes: 1024,
};

/** Refuses a publish that the service refuses. */
export function checkMessages(messages: readonly WirePubsubMessage[]): void {
  if (messages.length === 0) throw invalid('the value of messages has no messages in it');
  if (messages.length > LIMITS.messages)
    throw invalid(`${messages.length} messages, at most ${LIMITS.messages} are allowed`);
  const bytes = messages.reduce((sum, message) => sum + sizeOf(message), 0);
  if (bytes > LIMITS.bytes) throw invalid(`${bytes} bytes, at most ${LIMITS.bytes} are allowed`);
  for (const message of messages) checkMessage(message);
}

const invalid = (why: string): PubsubError => new PubsubError('INVALID_ARGUMENT', `Invalid publish request: ${why}.`);

const sizeOf = ({ data, attributes = {} }: WirePubsubMessage): number =>
  (data?.length ?? 0) + Object.entries(attributes).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);

function checkMessage({ data, attributes = {}, orderingKey = '' }: WirePubsubMessage): void {
  const entries = Object.entries(attributes);
  if ((data?.length ?? 0) === 0 && entries.length === 0) throw invalid('a message must have data or an attribute');
  if (entries.length > LIMITS.attributes)
    throw invalid(`${entries.length} attributes, at most ${LIMITS.attributes} are allowed`);
  for (const [key, value] of entries) checkAttribute(key, value);
  if (Buffer.byteLength(orderingKey) > LIMITS.orderingKeyBytes)
    throw invalid(`an ordering key of more than ${LIMITS.orderingKeyBytes} bytes`);
}

function checkAttribute(key: string, value: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes === 0 || bytes > LIMITS.keyBytes)
    throw invalid(`an attribute key of ${bytes} bytes, 1-${LIMITS.keyBytes} are allowed`);
  if (key.startsWith('goog')) throw invalid(`attribute key '${key}' begins with 'goog'`);
  if (Buffer.byteLength(value) > LIMITS.valueBytes)
    throw invalid(`the value of attribute '${key}' has more than ${LIMITS.valueBytes} bytes`);
}
