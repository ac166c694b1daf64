import { Readable } from 'node:stream';
import { StreamId } from '../../../functions/contract/ids';
import { PUBLIC_PREFIXES, ROUTES } from '../../../functions/contract/routes';
import type { Log } from '../../../functions/ports/stores';
import type { Peers } from '../cloud/peers';
import type { StreamLocator } from '../cloud/stream-locator';
import { type AgentHandler, type AgentReply, type AgentRequest, NOT_FOUND, refused } from '../http/listener';
import type { HeldRequests } from '../low-latency/held-requests';
import { type LowLatencyRoutesDeps, serveLowLatency } from '../low-latency/routes';
import { reasonOf } from '../runtime/reason';
import { type FlvDeps, playFlv } from './flv';
import type { FlvSeats } from './flv-seats';
import { UNKNOWN_TO_VIEWERS } from './refusals';

/** The most requests passed on to other nodes at one time. A cache in front asks twice for each version and stream. */
export const MAX_PASSING = 2000;

export interface LiveDeps {
  flv: FlvDeps;
  seats: FlvSeats;
  isLive: (streamId: StreamId) => boolean;
  /** Returns whether this node cuts the stream for low latency, if it is live here at all. */
  cuts: (streamId: StreamId) => boolean;
  locator: Pick<StreamLocator, 'urlOf' | 'placesOf'>;
  peers: Peers;
  lowLatency: LowLatencyRoutesDeps;
  /** Requests for low latency that are passed on at a time. */
  passing: HeldRequests;
  log: Log;
}

/** Other nodes that have the stream, by their agents' URLs. */
interface Elsewhere {
  /** The node that cuts it for low latency. */
  origin: (streamId: StreamId) => Promise<string | undefined>;
  /** All of them; the edge of this mark first. */
  all: (streamId: StreamId, edge: string | undefined) => Promise<string[]>;
}
type Ways = LiveDeps & { elsewhere: Elsewhere };

/** Media for everybody, as the load balancer sends it to any node: from here, or from the node that has it. */
export const liveHandler = (deps: LiveDeps): AgentHandler =>
  serving({
    ...deps,
    elsewhere: {
      origin: (streamId) => deps.locator.urlOf(streamId),
      all: (streamId, edge) => deps.locator.placesOf(streamId, edge),
    },
  });

/** The same for what another node passes on: from here or not at all, so that no request goes round. */
export function passedOnHandler(deps: LiveDeps): AgentHandler {
  const serve = serving({ ...deps, elsewhere: { origin: async () => undefined, all: async () => [] } });
  return async (request) => {
    const { path } = request;
    if (!path.startsWith(ROUTES.agent.passedOn)) return NOT_FOUND;
    // The token of the node is not the viewer's.
    const header = (name: string) => (name === 'authorization' ? undefined : request.header(name));
    return serve({ ...request, header, path: path.slice(ROUTES.agent.passedOn.length) });
  };
}

function serving(deps: Ways): AgentHandler {
  return async (request) => {
    const { method, path } = request;
    if (!path.startsWith(PUBLIC_PREFIXES.live)) return NOT_FOUND;
    if (method !== 'GET' && method !== 'HEAD') return METHOD_NOT_ALLOWED;
    const [, id = '', flv, rest] =
      /^([^/.]*)(?:(\.flv)|\/(.{1,100}))$/.exec(path.slice(PUBLIC_PREFIXES.live.length)) ?? [];
    const streamId = StreamId.safeParse(id);
    if (!streamId.success) return NO_STREAM;
    if (flv !== undefined) return found(streamId.data, request, deps);
    return rest === undefined ? NO_STREAM : lowLatency(streamId.data, rest, request, deps);
  };
}

const uncached = (reply: AgentReply, headers: Record<string, string> = {}): AgentReply => ({
  ...reply,
  headers: { 'cache-control': 'no-store', ...headers },
});
const METHOD_NOT_ALLOWED = uncached(refused(405, 'method_not_allowed', 'use GET or HEAD'), { allow: 'GET, HEAD' });
const NO_STREAM = uncached(
  refused(404, 'stream_not_found', 'use /live/<stream id>.flv or /live/<stream id>/index.m3u8'),
);
const PEER_SILENT = uncached(refused(503, 'unavailable', 'the node that has the stream does not answer: try again'));

/** A viewer takes a seat only after the stream was found. */
async function found(streamId: StreamId, request: AgentRequest, deps: Ways): Promise<AgentReply> {
  if (deps.isLive(streamId)) return seated(streamId, request, deps, () => playFlv(streamId, request, deps.flv));
  const places = await deps.elsewhere.all(streamId, request.query.get('edge') ?? undefined);
  if (places.length === 0) return UNKNOWN_TO_VIEWERS;
  return seated(streamId, request, deps, () => fromFirst(places, request, deps));
}

/** Serves a stream that this node has, or had until a moment ago while no other node has it yet. */
async function lowLatency(streamId: StreamId, rest: string, request: AgentRequest, deps: Ways): Promise<AgentReply> {
  const here = () => serveLowLatency(streamId, rest, request, deps.lowLatency);
  if (deps.cuts(streamId)) return here();
  const place = await deps.elsewhere.origin(streamId);
  if (place === undefined) return here();
  const leave = deps.passing.take();
  if (leave === undefined) return PEER_SILENT;
  return fromPeer(place, request, deps).finally(leave);
}

/** A viewer has a seat as long as media flows. */
async function seated(
  streamId: StreamId,
  { method, address }: AgentRequest,
  { seats }: LiveDeps,
  play: () => Promise<AgentReply>,
): Promise<AgentReply> {
  if (method === 'HEAD') return play();
  const leave = seats.take({ streamId, address });
  if (typeof leave === 'string') return uncached(refused(429, 'viewer_limit', leave), { 'retry-after': '10' });
  try {
    const reply = await play();
    if (reply.body instanceof Readable) reply.body.once('close', leave);
    else leave();
    return reply;
  } catch (error) {
    leave();
    throw error;
  }
}

/** Asks the nodes in order until one has the stream and room; the answer of the last one counts whatever it is. */
async function fromFirst(places: readonly string[], request: AgentRequest, deps: LiveDeps): Promise<AgentReply> {
  let reply: AgentReply = UNKNOWN_TO_VIEWERS;
  for (const place of places) {
    reply = await fromPeer(place, request, deps);
    if (reply.status < 400 || reply.status === 410) return reply;
  }
  return reply;
}

async function fromPeer(agentUrl: string, request: AgentRequest, { peers, log }: LiveDeps): Promise<AgentReply> {
  try {
    return await peers.ask(agentUrl, request);
  } catch (error) {
    log.warn('peer_silent', { path: request.path, agentUrl, error: reasonOf(error) });
    return PEER_SILENT;
  }
}
