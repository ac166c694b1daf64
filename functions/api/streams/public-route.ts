import { createRoute } from '@hono/zod-openapi';
import { PublicStream } from '../../contract/api/public-stream';
import type { StreamId } from '../../contract/ids';
import { ROUTES } from '../../contract/routes';
import type { Stream } from '../../contract/state';
import { publicStream } from '../../core/streams/public-stream';
import type { ApiDeps } from '../api-deps';
import { answers } from '../document/answers';
import { ALLOWED_ORIGINS } from '../requests/cors';
import { notFoundError } from '../requests/not-found-error';
import type { Mount } from '../requests/operation';
import { StreamParams } from './stream-operations';

/**
 * Seconds an answer may be used again: what a viewer sees of a change is this much later at most, here and in its
 * browser.
 */
const MAX_AGE_SECONDS = 2;
/** Streams an instance remembers, found or not; anyone who guesses more ids pushes out the oldest. */
const MAX_REMEMBERED = 5000;

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
  const read = remembered((id) => deps.streamStore.getStream(id), deps);
  mount(show, async (c) => {
    const { id } = c.req.valid('param');
    const stream = await read(id);
    if (stream === undefined) throw notFoundError('id');
    c.set(ALLOWED_ORIGINS, stream.allowedOrigins);
    const node = (await deps.streamStore.listNodes()).find((each) => each.id === stream.session?.nodeId);
    const headers = { 'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}` };
    return c.json(publicStream(stream, node, deps.clock.now()), 200, headers);
  });
}

type ReadStream = (id: StreamId) => Promise<Stream | undefined>;

/** Reads each id at most once in `MAX_AGE_SECONDS`, however many ask. What could not be read is not kept. */
function remembered(read: ReadStream, { clock }: Pick<ApiDeps, 'clock'>): ReadStream {
  const known = new Map<StreamId, { at: number; stream: ReturnType<ReadStream> }>();
  return (id) => {
    const found = known.get(id);
    if (found !== undefined && clock.now() - found.at < MAX_AGE_SECONDS * 1000) return found.stream;
    const reading = { at: clock.now(), stream: read(id) };
    reading.stream.catch(() => known.get(id) === reading && known.delete(id));
    known.delete(id);
    known.set(id, reading);
    const [oldest] = known.keys();
    if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
    return reading.stream;
  };
}
