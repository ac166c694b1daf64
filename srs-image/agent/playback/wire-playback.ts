import type { AgentEnv } from '../../../functions/contract/env/agent';
import type { StreamId } from '../../../functions/contract/ids';
import { StreamLocator, type StreamLocatorDeps } from '../cloud/stream-locator';
import type { AgentHandler } from '../http/listener';
import { HeldRequests } from '../low-latency/held-requests';
import { LowLatency, type LowLatencyDeps } from '../low-latency/low-latency';
import type { FinalityDeps } from '../publish/make-final';
import { type MetadataDeps, MetadataTaker } from '../publish/take-metadata';
import { Tickets } from '../srs/tickets';
import { corsHeaders } from './cors';
import { NodeEdges, type NodeEdgesDeps } from './edges/node-edges';
import { FlvSeats } from './flv-seats';
import { type LiveDeps, MAX_PASSING } from './live';
import { type MediaRoutesDeps, mediaRoutes } from './media-routes';
import type { PlayNotes } from './play-notes';
import { Plays, type PlaysDeps } from './plays';
import { Rtc, type RtcDeps } from './rtc';
import { Unreached, type UnreachedDeps } from './unreached';

/** Parts of the agent that playback uses; it makes the others itself. */
export type PlaybackDeps = Omit<RtcDeps, 'tickets'> &
  Omit<PlaysDeps, 'notes'> &
  Omit<UnreachedDeps, 'tickets'> &
  Omit<LowLatencyDeps, 'tickets'> &
  StreamLocatorDeps &
  FinalityDeps &
  Omit<MetadataDeps, 'mark'> &
  Pick<MediaRoutesDeps, 'health'> &
  Omit<NodeEdgesDeps, 'tickets' | 'plays' | 'unreached'> &
  Pick<LiveDeps, 'peers'> & {
    playNotes: PlayNotes;
    env: Pick<AgentEnv, 'role' | 'flvViewers' | 'playerOrigins'>;
  };

/** The parts of playback that the rest of the agent talks to. */
export interface NodePlayback {
  tickets: Tickets;
  rtc: Rtc;
  plays: Plays;
  unreached: Unreached;
  lowLatency: LowLatency;
  edges: NodeEdges;
  /** Serves viewers at `/live/`. */
  live: LiveDeps;
  /** Answers the API about WebRTC sessions and plays. */
  media: AgentHandler;
  /** Called with a client that has gone, or was never admitted. */
  left: (clientId: string) => void;
}

/** Makes the parts of playback: WebRTC, HTTP-FLV, low latency, and who plays. */
export function wirePlayback(deps: PlaybackDeps): NodePlayback {
  const tickets = new Tickets(deps.randomId);
  const isDraining = () => deps.env.role === 'edge' || deps.isDraining();
  const rtc = new Rtc({ ...deps, tickets, isDraining });
  const plays = new Plays({ ...deps, notes: deps.playNotes });
  const unreached = new Unreached({ ...deps, tickets });
  const lowLatency = new LowLatency({ ...deps, tickets });
  const edges = new NodeEdges({ ...deps, tickets, plays, unreached });
  const live = liveDeps(deps, { tickets, unreached, lowLatency, edges });
  const mark: MetadataDeps['mark'] = (session, metadata) => lowLatency.mark(session, metadata);
  const metadata = new MetadataTaker({ ...deps, mark });
  const media = mediaRoutes({ rtc, plays, finality: deps, metadata, health: deps.health });
  const left = (clientId: string) => {
    for (const each of [rtc, plays, edges]) each.left(clientId);
  };
  return { tickets, rtc, plays, unreached, lowLatency, edges, live, media, left };
}

type LiveParts = Pick<NodePlayback, 'tickets' | 'unreached' | 'lowLatency' | 'edges'>;

function liveDeps(deps: PlaybackDeps, { tickets, unreached, lowLatency, edges }: LiveParts): LiveDeps {
  const { sessions, flv, log, isLive, peers } = deps;
  const { role, flvViewers, playerOrigins } = deps.env;
  const isOpen = (stream: StreamId) =>
    edges.copies?.isOpen(stream) === true ||
    sessions.ofStream(stream).some((session) => session.open && session.state.grant.policy === 'open');
  return {
    flv: { flv, log, tickets, unreached, isOpen, playerOrigins },
    seats: new FlvSeats(flvViewers),
    isLive,
    // Edges cut nothing for low latency: the origin does.
    cuts: (stream) => role === 'origin' && isLive(stream),
    locator: new StreamLocator(deps),
    peers,
    lowLatency: { lowLatency, cors: (origin) => corsHeaders(playerOrigins, origin) },
    passing: new HeldRequests(MAX_PASSING),
    log,
  };
}
