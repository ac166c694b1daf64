import type { ApiDeps } from '../api-deps';
import type { ApiApp } from '../operation';

const DESCRIPTION = `Create a stream, put its server and key into an encoder, share its playlist.

Every request but those for anybody carries \`Authorization: Bearer <API key or token>\`. Errors are RFC 9457 problems: programs decide
by \`code\`, people read \`detail\`. Every answer has \`X-Request-Id\`. A POST with an \`Idempotency-Key\` happens once, however often it is
sent. A change with \`If-Match\` happens only to the state its \`ETag\` names. A field that is not named here answers 422.
How often a key and a publisher may ask is told in \`RateLimit-Limit\`, \`RateLimit-Remaining\` and \`RateLimit-Reset\` (seconds); who asks more often
is answered 429 with \`Retry-After\`. The admin key has no limit.`;

const TAGS = [
  { name: 'streams', description: 'What a publisher sends and viewers watch.' },
  { name: 'sessions', description: 'One publish each.' },
  { name: 'recordings', description: 'One broadcast each: the sessions that follow each other within the reconnect window.' },
  { name: 'playback', description: 'For viewers.' },
  { name: 'media', description: 'WebRTC in and out, and HTTP-FLV.' },
  { name: 'access', description: 'Keys for callers, credentials for TURN servers.' },
  { name: 'webhooks', description: 'Events, sent to you.' },
  { name: 'budget', description: 'What is spent, and what is done about it.' },
  { name: 'operations', description: 'For operators.' },
  { name: 'hooks', description: 'For media servers of your own.' },
];

const SECURITY = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The admin key, an API key, or a JWT of the environment’s identity provider.',
  },
  renewalToken: { type: 'http', scheme: 'bearer', description: '`renewalToken` of the grant.' },
  playlistToken: { type: 'apiKey', in: 'query', name: 'token', description: 'In `playback.native` of the grant.' },
  streamKey: { type: 'http', scheme: 'bearer', description: 'The key of the stream.' },
  playToken: { type: 'http', scheme: 'bearer', description: '`playToken` of a grant; an open stream asks for none.' },
  playTokenQuery: { type: 'apiKey', in: 'query', name: 'token', description: 'The same, for players that send no headers.' },
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
  for (const [name, scheme] of Object.entries(SECURITY)) app.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
  const document = app.getOpenAPI31Document(
    {
      openapi: '3.1.0',
      info: { title: 'srs-live', version: '1', description: DESCRIPTION },
      servers: [{ url }],
      security: [{ bearer: [] }],
      tags: TAGS,
    },
    { sortComponents: 'alphabetically' },
  );
  const { webhooks: _, ...rest } = document;
  return rest;
}
