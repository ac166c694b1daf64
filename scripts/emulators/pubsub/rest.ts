import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { defined } from '../../../functions/core/defined';
import type { Broker } from './broker';
import type { WirePubsubMessage } from './messages';
import { httpError, PubsubError } from './pubsub-error';

const MAX_BODY_BYTES = 14 << 20;

const Publish = z.object({
  messages: z.array(
    z.object({
      data: z.base64().optional(),
      attributes: z.record(z.string(), z.string()).optional(),
      orderingKey: z.string().optional(),
    }),
  ),
});

/**
 * The part of Pub/Sub's REST API that publishers without the client library use:
 * https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish. Everything else is gRPC.
 */
export const restFace = (broker: Broker): Server =>
  createServer(async (request, response) => {
    try {
      answer(response, 200, await publish(request, broker));
    } catch (error) {
      const { status, body } = httpError(error);
      answer(response, status, body);
    }
  });

async function publish(request: IncomingMessage, broker: Broker): Promise<{ messageIds: string[] }> {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://pubsub').pathname);
  const [, topic] = /^\/v1\/(projects\/[^/]+\/topics\/[^/:]+):publish$/.exec(path) ?? [];
  if (request.method !== 'POST' || topic === undefined)
    throw new PubsubError('UNIMPLEMENTED', `${request.method} ${path}: only publish is imitated over REST.`);
  const parsed = Publish.safeParse(await readJson(request));
  if (!parsed.success)
    throw new PubsubError('INVALID_ARGUMENT', `Invalid JSON payload: ${z.prettifyError(parsed.error)}`);
  return { messageIds: broker.publish(topic, parsed.data.messages.map(toMessage)) };
}

const toMessage = ({
  data,
  attributes,
  orderingKey,
}: z.infer<typeof Publish>['messages'][number]): WirePubsubMessage => ({
  ...(data === undefined ? {} : { data: Buffer.from(data, 'base64') }),
  ...defined({ attributes, orderingKey }),
});

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new PubsubError('INVALID_ARGUMENT', 'Request payload size exceeds the limit.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new PubsubError('INVALID_ARGUMENT', 'Invalid JSON payload received.');
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(body));
}
