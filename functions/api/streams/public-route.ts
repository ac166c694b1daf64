import { createRoute } from '@hono/zod-openapi';
import { rememberedStreams } from '../../app/streams/remembered-streams';
import { PublicStream } from '../../contract/api/public-stream';
import { ROUTES } from '../../contract/routes';
import { asSeen } from '../../core/publish/hot-backup';
import { publicStream } from '../../core/streams/public-stream';
import { ALLOWED_ORIGINS } from '../../http/cors';
import type { ApiDeps } from '../api-deps';
import { answers } from '../document/answers';
import { notFoundError } from '../requests/not-found-error';
import type { Mount } from '../requests/operation';
import { StreamParams } from './stream-operations';

/**
 * Seconds an answer may be used again: what a viewer sees of a change is this much later at most, here and in its
 * browser.
 */
const MAX_AGE_SECONDS = 2;

const show = createRoute({
  method: 'get',
  path: ROUTES.api.public,
  operationId: 'getPublicStream',
  summary: 'Show the public state of a stream',
  description:
    'This operation is public. Pages and players use it to see whether the stream exists, whether it needs a ' +
    'grant, and its state.',
  tags: ['playback'],
  security: [],
  request: { params: StreamParams },
  responses: {
    ...answers.ok(PublicStream, `The stream. The answer can be cached for ${MAX_AGE_SECONDS} s.`),
    ...answers.problems('stream_not_found', 'unavailable', 'internal'),
  },
});

export function publicRoute(mount: Mount, deps: ApiDeps): void {
  const read = rememberedStreams(deps, MAX_AGE_SECONDS * 1000);
  mount(show, async (c) => {
    const { id } = c.req.valid('param');
    const stored = await read(id);
    if (stored === undefined) throw notFoundError('id');
    c.set(ALLOWED_ORIGINS, stored.allowedOrigins);
    const nodes = await deps.streamStore.listNodes();
    const stream = asSeen(stored, nodes, deps.clock.now());
    const node = nodes.find((each) => each.id === stream.session?.nodeId);
    const headers = { 'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}` };
    return c.json(publicStream(stream, node, deps.clock.now()), 200, headers);
  });
}
