import { createRoute } from '@hono/zod-openapi';
import { indexName } from '../../contract/objects/layout';
import { ROUTES } from '../../contract/routes';
import { ALLOWED_ORIGINS } from '../../http/cors';
import type { ApiDeps } from '../api-deps';
import { answers } from '../document/answers';
import { notFoundError } from '../requests/not-found-error';
import type { Mount } from '../requests/operation';
import { playbackUrl } from './stream-answer';
import { StreamParams } from './stream-operations';

const play = createRoute({
  method: 'get',
  path: ROUTES.api.hls,
  operationId: 'playHls',
  summary: 'Redirect to the playlist of an open stream',
  description: 'This operation is public. It answers 404 for a gated stream, which needs a grant.',
  tags: ['playback'],
  security: [],
  request: { params: StreamParams },
  responses: {
    ...answers.found('`Location` is the playlist at the CDN.'),
    ...answers.problems('stream_not_found', 'unavailable', 'internal'),
  },
});

export function hlsRoute(mount: Mount, deps: ApiDeps): void {
  mount(play, async (c) => {
    const { id } = c.req.valid('param');
    const stream = await deps.streamStore.getStream(id);
    if (stream?.policy !== 'open') throw notFoundError('id');
    c.set(ALLOWED_ORIGINS, stream.allowedOrigins);
    return c.redirect(playbackUrl(indexName('open', id), deps), 302);
  });
}
