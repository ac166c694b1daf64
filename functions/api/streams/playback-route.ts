import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { WaysToPlay } from '../../contract/api/playback';
import { NodeMark } from '../../contract/hooks/edges';
import { ROUTES } from '../../contract/routes';
import { playbackOf } from '../../core/streams/playback';
import { ALLOWED_ORIGINS } from '../../http/cors';
import type { ApiDeps } from '../api-deps';
import { answers } from '../document/answers';
import { notFoundError } from '../requests/not-found-error';
import type { Mount } from '../requests/operation';
import { playbackUrls } from './stream-answer';
import { StreamParams } from './stream-operations';

const PlayingQuery = z.strictObject({
  edge: NodeMark.optional().meta({
    description:
      'The edge that plays now, as an earlier answer named it. It is named again while it has the stream, also when ' +
      'another one has more room.',
  }),
});

const show = createRoute({
  method: 'get',
  path: ROUTES.api.playback,
  operationId: 'getPlayback',
  summary: 'Show the ways to watch a stream now',
  description:
    'This operation is public. It lists WebRTC, HTTP-FLV, low-latency HLS and HLS with their URLs, and the reason ' +
    'for each way that is closed. A player whose connection ends should ask again, because its edge may be gone.',
  tags: ['playback'],
  security: [],
  request: { params: StreamParams, query: PlayingQuery },
  responses: {
    ...answers.ok(WaysToPlay, 'The ways to watch.'),
    ...answers.problems('bad_request', 'stream_not_found', 'unavailable', 'internal'),
  },
});

export function playbackRoute(mount: Mount, deps: ApiDeps): void {
  mount(show, async (c) => {
    const { id } = c.req.valid('param');
    const { edge: playing } = c.req.valid('query');
    const stream = await deps.streamStore.getStream(id);
    if (stream === undefined) throw notFoundError('id');
    c.set(ALLOWED_ORIGINS, stream.allowedOrigins);
    const nodes = await deps.streamStore.listNodes();
    const urls = (edge?: string) => playbackUrls(stream, deps, edge);
    const facts = { nodes, nowMs: deps.clock.now(), playing, urls };
    return c.json(playbackOf(stream, facts), 200, { 'Cache-Control': 'no-store' });
  });
}
