import type { z } from 'zod';
import {
  EndPlays,
  FinalSession,
  NodeMetadata,
  type NodePlays,
  RtcEnd,
  RtcOffer,
} from '../../../functions/contract/hooks/media';
import type { NodeHealth } from '../../../functions/contract/hooks/session-health';
import { StreamId } from '../../../functions/contract/ids';
import { path, ROUTES } from '../../../functions/contract/routes';
import {
  type AgentHandler,
  type AgentReply,
  type AgentRequest,
  describe,
  Json,
  NOT_FOUND,
  refused,
} from '../http/listener';
import type { HealthWatch } from '../publish/health-watch';
import { type FinalityDeps, makeFinal } from '../publish/make-final';
import type { MetadataTaker } from '../publish/take-metadata';
import type { Plays } from './plays';
import type { Rtc } from './rtc';

const PLAYS = path(ROUTES.agent.plays, { stream: '' });
const HEALTH = path(ROUTES.agent.health, { stream: '' });

export interface MediaRoutesDeps {
  rtc: Rtc;
  plays: Plays;
  finality: FinalityDeps;
  metadata: MetadataTaker;
  health: Pick<HealthWatch, 'minutesOf'>;
}

/**
 * Routes for what the API asks of a node: WebRTC sessions, the end of a broadcast, timed metadata, who plays, and how
 * it goes.
 */
export function mediaRoutes({ rtc, plays, finality, metadata, health }: MediaRoutesDeps): AgentHandler {
  return async (request) => {
    const { method, path } = request;
    if (method === 'POST' && path === ROUTES.agent.rtcOffer)
      return parsed(request, RtcOffer, (offer) => rtc.offer(offer));
    if (method === 'POST' && path === ROUTES.agent.rtcEnd) return parsed(request, RtcEnd, (end) => rtc.end(end));
    if (method === 'POST' && path === ROUTES.agent.finalSession)
      return parsed(request, FinalSession, (session) => makeFinal(session, finality));
    if (method === 'POST' && path === ROUTES.agent.metadata)
      return parsed(request, NodeMetadata, async (message) => metadata.take(message));
    if (method === 'POST' && path === ROUTES.agent.endPlays)
      return parsed(request, EndPlays, async ({ reason, ...which }) => ({
        status: 200,
        body: { ended: await plays.end(which, reason) },
      }));
    if (method === 'GET' && path.startsWith(PLAYS))
      return ofStream(path.slice(PLAYS.length), (id) => listPlays(id, plays));
    if (method === 'GET' && path.startsWith(HEALTH))
      return ofStream(path.slice(HEALTH.length), (id): NodeHealth => ({ minutes: health.minutesOf(id) }));
    return NOT_FOUND;
  };
}

function ofStream(name: string, bodyOf: (streamId: StreamId) => object): AgentReply {
  const streamId = StreamId.safeParse(name);
  if (!streamId.success) return refused(404, 'stream_not_found', 'use a stream id');
  return { status: 200, body: bodyOf(streamId.data) };
}

const listPlays = (streamId: StreamId, plays: Plays): NodePlays => ({
  plays: plays
    .of(streamId)
    .map(({ id, kind, since, grant }) => ({ id, kind, since, ...(grant && { grantId: grant.grantId }) })),
});

async function parsed<T>(
  { body }: AgentRequest,
  schema: z.ZodType<T>,
  run: (value: T) => Promise<AgentReply>,
): Promise<AgentReply> {
  const text = await body();
  if (text === undefined) return refused(413, 'body_too_large', 'body: too long for an offer');
  const value = Json.pipe(schema).safeParse(text);
  return value.success ? run(value.data) : refused(400, 'bad_request', describe(value.error));
}
