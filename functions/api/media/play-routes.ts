import { createRoute } from '@hono/zod-openapi';
import { EndedAnswer, PlayList } from '../../contract/api/plays';
import { PlayId } from '../../contract/hooks/media';
import { ROUTES } from '../../contract/routes';
import type { Node } from '../../contract/state';
import { DomainError } from '../../core/errors';
import { isNodeAlive } from '../../core/publish/liveness';
import type { ApiDeps } from '../api-deps';
import { answers, secured } from '../document/answers';
import { notFoundError } from '../requests/not-found-error';
import type { Mount } from '../requests/operation';
import { iso } from '../streams/stream-answer';
import { StreamParams } from '../streams/stream-operations';
import { findStream } from '../streams/streams';

const tags = ['playback'];
const list = createRoute({
  method: 'get',
  path: ROUTES.api.plays,
  operationId: 'listPlays',
  summary: 'List the viewers by RTMP, FLV and WHEP',
  description:
    'The API asks every node for its connections. HLS viewers are not listed, because the CDN serves them without ' +
    'a connection.',
  tags,
  'x-permission': 'streams.control' as const,
  request: { params: StreamParams },
  responses: { ...answers.ok(PlayList, 'The connections, the oldest first.'), ...secured('stream_not_found') },
});
const endOne = createRoute({
  method: 'delete',
  path: ROUTES.api.play,
  operationId: 'endPlay',
  summary: 'End the connection of one viewer',
  description:
    'The player can connect again as long as it has access. Revoke its grant or suspend the stream to prevent this.',
  tags,
  'x-permission': 'streams.control' as const,
  request: { params: StreamParams.extend({ playId: PlayId }) },
  responses: {
    ...answers.ok(EndedAnswer, 'The number of connections that ended.'),
    ...secured('session_not_found', 'stream_not_found'),
  },
});
const endAll = createRoute({
  method: 'delete',
  path: ROUTES.api.plays,
  operationId: 'endPlays',
  summary: 'End the connections of all viewers',
  tags,
  'x-permission': 'streams.control' as const,
  request: { params: StreamParams },
  responses: { ...answers.ok(EndedAnswer, 'The number of connections that ended.'), ...secured('stream_not_found') },
});

/** Mounts the operations on a stream's plays, which the nodes themselves know. */
export function playRoutes(mount: Mount, { media, ...deps }: ApiDeps): void {
  if (media === undefined) return;
  mount(list, async (c) => {
    const { id } = c.req.valid('param');
    await findStream(id, c.get('principal'), deps);
    const found = await onEachNode(deps, async (node, agentUrl) =>
      (await media.nodes.plays(agentUrl, id)).map((play) => ({ ...play, nodeId: node.id })),
    );
    const plays = found.flat().sort((a, b) => a.since - b.since);
    return c.json({ plays: plays.map(({ since, ...play }) => ({ ...play, since: iso(since) })) }, 200);
  });
  const end = async (which: { id: string; playId?: string }) => {
    const { id: streamId, playId: id } = which;
    const order = { streamId, reason: 'operator', ...(id && { id }) };
    const ended = await onEachNode(deps, (_, agentUrl) => media.nodes.endPlays(agentUrl, order));
    deps.log.info('plays_ended', { streamId, playId: id });
    return { ended: ended.reduce((sum, each) => sum + each, 0) };
  };
  mount(endOne, async (c) => {
    const { id, playId } = c.req.valid('param');
    await findStream(id, c.get('principal'), deps);
    const answer = await end({ id, playId });
    if (answer.ended === 0) throw notFoundError('playId');
    return c.json(answer, 200);
  });
  mount(endAll, async (c) => {
    const { id } = c.req.valid('param');
    await findStream(id, c.get('principal'), deps);
    return c.json(await end({ id }), 200);
  });
}

type PlayRouteDeps = Pick<ApiDeps, 'streamStore' | 'clock' | 'log'>;

/**
 * Returns what every node says. Throws `unavailable` if one that is alive says nothing: half a list would look like a
 * whole one.
 */
export async function onEachNode<T>(
  { streamStore, clock, log }: PlayRouteDeps,
  ask: (node: Node, agentUrl: string) => Promise<T>,
): Promise<T[]> {
  const nodes = (await streamStore.listNodes()).filter((node) => isNodeAlive(node, clock.now()));
  const asked = nodes.flatMap((node) => (node.reach === undefined ? [] : [{ node, agentUrl: node.reach.agentUrl }]));
  return Promise.all(
    asked.map(({ node, agentUrl }) =>
      ask(node, agentUrl).catch((error: unknown) => {
        log.error('node_silent', { nodeId: node.id, error });
        throw new DomainError('unavailable', `the node '${node.id}' does not answer: try again`);
      }),
    ),
  );
}
