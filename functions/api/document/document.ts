import { EVENT_TYPES } from '../../contract/events';
import type { ApiDeps } from '../api-deps';
import type { ApiApp } from '../requests/operation';
import { registerWebhookEvents } from './webhook-events';

const DESCRIPTION = `Create a stream, copy its server and key into an encoder, and share its playlist.

Every request needs \`Authorization: Bearer <API key or token>\`, unless its operation is public. Errors are problems
in the format of RFC 9457: \`code\` is for programs, and \`detail\` is for people. Every answer has \`X-Request-Id\`.
A POST request with an \`Idempotency-Key\` is performed once, even if it is sent again. A change with \`If-Match\` is
made only if the \`ETag\` still matches. A body with an unknown field is answered with 422.
The headers \`RateLimit-Limit\`, \`RateLimit-Remaining\` and \`RateLimit-Reset\` (in seconds) show the rate limit of
the key and its publisher. A request above the limit is answered with 429 and \`Retry-After\`. The admin key has no
rate limit.`;

const TAGS = [
  { name: 'streams', description: 'A stream has one publisher and any number of viewers.' },
  { name: 'sessions', description: 'A session is one connection of a publisher.' },
  {
    name: 'recordings',
    description: 'A recording is one broadcast: the sessions that follow each other within the reconnect window.',
  },
  { name: 'playback', description: 'Operations for viewers.' },
  { name: 'media', description: 'Publishing and playback by WebRTC, and playback by HTTP-FLV.' },
  { name: 'access', description: 'API keys, and credentials for TURN servers.' },
  { name: 'chat', description: 'The chat of a stream. It is off by default.' },
  { name: 'webhooks', description: 'The service sends events to your server.' },
  { name: 'budget', description: 'The spending, and the limits that follow from it.' },
  { name: 'operations', description: 'Operations for operators.' },
  { name: 'hooks', description: 'Operations for your own media servers.' },
];

const SECURITY = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The admin key, an API key, or a JWT of the environment’s identity provider.',
  },
  renewalToken: { type: 'http', scheme: 'bearer', description: 'The `renewalToken` of the grant.' },
  playlistToken: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description: 'The token in `playback.native` of the grant.',
  },
  streamKey: { type: 'http', scheme: 'bearer', description: 'The key of the stream.' },
  playToken: { type: 'http', scheme: 'bearer', description: 'The `playToken` of a grant. An open stream needs none.' },
  playTokenQuery: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description: 'The `playToken` of a grant, for players that cannot send headers.',
  },
  roomToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'The `token` of `createChatToken`, or the `chatToken` of a grant.',
  },
  hookSecret: { type: 'apiKey', in: 'query', name: 'secret', description: 'The environment’s hook secret.' },
} as const;

export type OpenApiDocument = ReturnType<ApiApp['getOpenAPI31Document']>;

/** The OpenAPI document of all operations there are. Made when it is first asked for: a cold start does without. */
export function documentOf(app: ApiApp, { publicOrigin }: Pick<ApiDeps, 'publicOrigin'>): () => OpenApiDocument {
  let made: OpenApiDocument | undefined;
  return () => {
    made ??= makeDocument(app, publicOrigin);
    return made;
  };
}

function makeDocument(app: ApiApp, url: string): OpenApiDocument {
  for (const [name, scheme] of Object.entries(SECURITY))
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
  registerWebhookEvents(app, EVENT_TYPES);
  return app.getOpenAPI31Document(
    {
      openapi: '3.1.0',
      info: { title: 'srs-live', version: '1', description: DESCRIPTION },
      servers: [{ url }],
      security: [{ bearer: [] }],
      tags: TAGS,
    },
    { sortComponents: 'alphabetically' },
  );
}
