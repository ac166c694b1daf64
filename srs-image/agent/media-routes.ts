import type { z } from 'zod';
import { RtcEnd, RtcOffer } from '../../functions/contract/node-media';
import { ROUTES } from '../../functions/contract/routes';
import { type FlvDeps, playFlv } from './flv';
import { type AgentRequest, describe, type Handler, Json, NOT_FOUND, type Reply, refused } from './listener';
import type { Rtc } from './rtc';

const FLV = ROUTES.agent.flv.replace(':file', '');

/** What the api asks a node for: WebRTC sessions and HTTP-FLV. */
export function mediaRoutes({ rtc, flv }: { rtc: Rtc; flv: FlvDeps }): Handler {
  return async (request) => {
    const { method, path, query } = request;
    if (method === 'POST' && path === ROUTES.agent.rtcOffer) return parsed(request, RtcOffer, (offer) => rtc.offer(offer));
    if (method === 'POST' && path === ROUTES.agent.rtcEnd) return parsed(request, RtcEnd, (end) => rtc.end(end));
    if (method === 'GET' && path.startsWith(FLV)) return playFlv(path.slice(FLV.length), query.get('token') ?? undefined, flv);
    return NOT_FOUND;
  };
}

async function parsed<T>({ body }: AgentRequest, schema: z.ZodType<T>, run: (value: T) => Promise<Reply>): Promise<Reply> {
  const text = await body();
  if (text === undefined) return refused(413, 'body_too_large', 'body: too long for an offer');
  const value = Json.pipe(schema).safeParse(text);
  return value.success ? run(value.data) : refused(400, 'bad_request', describe(value.error));
}
