import { createRoute } from '@hono/zod-openapi';
import { StreamHealthAnswer } from '../../contract/api/stream-health';
import { HEALTH_MINUTES, type HealthMinute } from '../../contract/hooks/session-health';
import { ROUTES } from '../../contract/routes';
import type { ApiDeps } from '../api-deps';
import { answers, secured } from '../document/answers';
import type { Mount } from '../requests/operation';
import { iso, streamAnswer } from '../streams/stream-answer';
import { StreamParams } from '../streams/stream-operations';
import { findStream } from '../streams/streams';
import { onEachNode } from './play-routes';

const show = createRoute({
  method: 'get',
  path: ROUTES.api.streamHealth,
  operationId: 'getStreamHealth',
  summary: 'Show how well a stream is published',
  description:
    'Bitrates, frames, keyframes, lost segments and upload lag: now, and for each minute of the last hour. The API ' +
    'asks every node for its part of the hour. Ask at most every 5 s, because heartbeats are not more frequent.',
  tags: ['streams'],
  'x-permission': 'usage.read' as const,
  request: { params: StreamParams },
  responses: { ...answers.ok(StreamHealthAnswer, 'The health.'), ...secured('stream_not_found') },
});

/** Mounts the health of a stream, which its nodes measure. */
export function healthRoutes(mount: Mount, deps: ApiDeps): void {
  mount(show, async (c) => {
    const stream = await findStream(c.req.valid('param').id, c.get('principal'), deps);
    const [nodes, minutes] = await Promise.all([deps.streamStore.listNodes(), minutesOf(stream.id, deps)]);
    const { health, warnings = [] } = streamAnswer(stream, nodes, deps);
    const lastHour = minutes?.map(({ at, ...values }) => ({ at: iso(at), ...values }));
    return c.json({ ...(health && { now: health }), warnings, ...(lastHour && { lastHour }) }, 200);
  });
}

/** Asks the nodes; `undefined` if one of them is silent, which has logged itself. */
async function minutesOf(id: string, { media, ...deps }: ApiDeps): Promise<HealthMinute[] | undefined> {
  if (media === undefined) return undefined;
  const found = await onEachNode(deps, (_, agentUrl) => media.nodes.health(agentUrl, id)).catch(() => undefined);
  if (found === undefined) return undefined;
  const byMinute = new Map<number, HealthMinute>();
  for (const minute of found.flat()) if (isFuller(minute, byMinute.get(minute.at))) byMinute.set(minute.at, minute);
  return [...byMinute.values()].sort((a, b) => a.at - b.at).slice(-HEALTH_MINUTES);
}

/** A stream that moved to another node has that minute on both. */
const isFuller = (minute: HealthMinute, other: HealthMinute | undefined): boolean =>
  other === undefined || (minute.inBitsPerSecond ?? 0) > (other.inBitsPerSecond ?? 0);
