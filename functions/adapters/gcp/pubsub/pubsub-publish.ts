import { DomainError } from '../../../core/errors';
import { googleRequest } from '../google/google-request';
import { type RetryOptions, retrying } from '../google/retry';

/** One request; with its repetitions 6.5 s at most. */
const REQUEST_TIMEOUT_MS = 2_000;

export interface PubsubMessage {
  /** JSON. */
  data: unknown;
  attributes?: Readonly<Record<string, string>>;
  orderingKey?: string;
}

/** Sends one message to a topic (its short name) and resolves once it is stored. */
export type PubsubPublish = (topic: string, message: PubsubMessage) => Promise<void>;

export interface PubsubOptions extends RetryOptions {
  projectId: string;
  /** A stand-in on this machine; no credentials then. @default Google's */
  apiEndpoint?: string | undefined;
  /** Answers a token of the account that this process runs as. */
  accessToken: () => Promise<string>;
}

/**
 * Pub/Sub's `publish` over REST. The client library would publish in batches over gRPC, which no function here needs,
 * and takes 170 ms to load. Rejects with DomainError `unavailable` while Pub/Sub is away.
 * https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish
 */
export function pubsubPublish({ projectId, apiEndpoint, accessToken, clock }: PubsubOptions): PubsubPublish {
  const endpoint = (apiEndpoint ?? 'https://pubsub.googleapis.com').replace(/\/$/, '');
  const base = `${endpoint}/v1/projects/${projectId}/topics/`;
  return async (topic, message) => {
    const send = async () =>
      googleRequest({
        method: 'POST',
        url: `${base}${topic}:publish`,
        body: { messages: [toWire(message)] },
        accessToken: apiEndpoint === undefined ? await accessToken() : 'none',
        timeoutMs: REQUEST_TIMEOUT_MS,
      });
    await retrying(send, clock === undefined ? {} : { clock }).catch((error: unknown) => {
      throw new DomainError('unavailable', `the event bus (Pub/Sub) did not take a message for topic '${topic}'`, {
        cause: error,
      });
    });
  };
}

const toWire = ({ data, attributes, orderingKey }: PubsubMessage) => ({
  data: Buffer.from(JSON.stringify(data)).toString('base64'),
  ...(attributes && { attributes }),
  ...(orderingKey !== undefined && { orderingKey }),
});
