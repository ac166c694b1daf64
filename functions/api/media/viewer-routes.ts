import { createRoute } from '@hono/zod-openapi';
import { ViewerCount } from '../../app/viewers/viewer-count';
import { Beacon, BeaconAnswer, ViewersAnswer } from '../../contract/api/viewers';
import { ROUTES } from '../../contract/routes';
import { clientAddress } from '../../http/authenticate';
import type { ApiDeps } from '../api-deps';
import { answers, requestBody, secured } from '../document/answers';
import { notFoundError } from '../requests/not-found-error';
import type { Mount } from '../requests/operation';
import { StreamParams } from '../streams/stream-operations';
import { findStream } from '../streams/streams';
import { viewersAnswer } from './viewers-answer';

const tags = ['playback'];
const show = createRoute({
  method: 'get',
  path: ROUTES.api.viewers,
  operationId: 'getViewers',
  summary: 'Show how many watch a stream',
  description:
    'The count and the method behind it: the beacons of players, and the connections that the nodes serve. Players ' +
    'without a script watch HLS uncounted here; the reports of the CDN log have them.',
  tags,
  'x-permission': 'usage.read' as const,
  request: { params: StreamParams },
  responses: { ...answers.ok(ViewersAnswer, 'The viewers.'), ...secured('stream_not_found') },
});
const send = createRoute({
  method: 'post',
  path: ROUTES.api.beacons,
  operationId: 'sendBeacon',
  summary: 'Count a viewer',
  description:
    'This operation is public. A player sends a beacon at its first picture, then every `nextSeconds`, and a last ' +
    'one when it is closed. No address, cookie or account is kept with it.',
  tags,
  security: [],
  request: { params: StreamParams, ...requestBody(Beacon) },
  responses: {
    ...answers.ok(BeaconAnswer, 'Whether the viewing was counted, and when to send again.'),
    ...answers.problems('bad_request', 'stream_not_found', 'body_too_large', 'invalid_field'),
    ...answers.problems('unavailable', 'internal'),
  },
});

/** Mounts the count of viewers, and the beacons it is made of. */
export function viewerRoutes(mount: Mount, deps: ApiDeps): void {
  const count = new ViewerCount({ ...deps, tokenKeys: deps.grants.signer.tokenKeys });
  mount(show, async (c) => {
    const stream = await findStream(c.req.valid('param').id, c.get('principal'), deps);
    return c.json(await viewersAnswer(stream, deps), 200);
  });
  mount(send, async (c) => {
    const answer = await count.take(c.req.valid('param').id, c.req.valid('json'), clientAddress(c.req.raw));
    if (answer === undefined) throw notFoundError('id');
    return c.json(answer, 200);
  });
}
