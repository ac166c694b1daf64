import { z } from 'zod';
import { DomainError } from '../core/errors';
import { parseJson } from './outside-json';
import { parseWith, readText } from './request-body';

const PUBLISHED = 'google.cloud.pubsub.topic.v1.messagePublished';

const Push = z.object({
  message: z.object({
    data: z.base64('use base64').default(''),
    attributes: z.record(z.string(), z.string()).default({}),
    messageId: z.string().min(1).max(64),
    publishTime: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
    orderingKey: z.string().max(1024).optional(),
  }),
  subscription: z.string().min(1).max(512),
  deliveryAttempt: z.int().positive().optional(),
});
const Structured = z.looseObject({ type: z.literal(PUBLISHED), data: z.unknown() });

/** A message of Pub/Sub, its data parsed. `publishedAt` in milliseconds; `attempt` only with a dead-letter policy. */
export interface PushedMessage<T> {
  id: string;
  publishedAt: number;
  attributes: Readonly<Record<string, string>>;
  orderingKey?: string;
  attempt?: number;
  data: T;
}

/**
 * The message in a push of Pub/Sub (https://cloud.google.com/pubsub/docs/push#receive_push), or in the CloudEvent that
 * Eventarc makes of one, binary or structured. `bad_request` naming the field for what is neither, and for data that is
 * not JSON as `schema` has it.
 */
export async function readPubsubMessage<T>(request: Request, schema: z.ZodType<T>): Promise<PushedMessage<T>> {
  const { message, deliveryAttempt } = parseWith(Push, await pushIn(request), 'body');
  const { messageId, publishTime, attributes, orderingKey } = message;
  return {
    id: messageId,
    publishedAt: publishTime,
    attributes,
    ...(orderingKey && { orderingKey }),
    ...(deliveryAttempt && { attempt: deliveryAttempt }),
    data: parseWith(schema, jsonIn(message.data), 'message.data'),
  };
}

async function pushIn(request: Request): Promise<unknown> {
  const body = parseJson(await readText(request));
  const { headers } = request;
  if (headers.get('content-type')?.startsWith('application/cloudevents+json'))
    return parseWith(Structured, body, 'event').data;
  const type = headers.get('ce-type');
  if (type === null || type === PUBLISHED) return body;
  throw new DomainError('bad_request', `ce-type: got '${type.slice(0, 100)}', must be '${PUBLISHED}'`);
}

function jsonIn(base64: string): unknown {
  return parseJson(textIn(base64), 'message.data');
}

function textIn(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new DomainError('bad_request', 'message.data: use base64 of JSON in UTF-8', { cause: error });
  }
}
