import {
  EndedPlays,
  type EndPlays,
  type FinalSession,
  type NodeMetadata,
  NodePlays,
  NodeRefusal,
  RtcAnswer,
  type RtcEnd,
  RtcEnded,
  type RtcOffer,
} from '../contract/hooks/media';
import { NodeHealth } from '../contract/hooks/session-health';
import { path, ROUTES } from '../contract/routes';
import type { MediaNodes } from '../ports/media-nodes';
import type { IdTokens } from './gcp/google/id-tokens';

/** A node answers after its SRS, which waits for hooks, and after a takeover. */
const TIMEOUT_MS = 20_000;
/** The agent knows by itself who plays. */
const PLAYS_TIMEOUT_MS = 3000;

/** Agents over HTTP, each with an ID token for its own URL. */
export function httpMediaNodes(idTokens: IdTokens): MediaNodes {
  const ask = async (agentUrl: string, path: string, init: RequestInit): Promise<Response> => {
    const headers = { authorization: `Bearer ${await idTokens(agentUrl)}`, 'content-type': 'application/json' };
    return fetch(`${agentUrl}${path}`, { headers, redirect: 'error', ...init });
  };
  const post = (agentUrl: string, path: string, body: object): Promise<Response> =>
    ask(agentUrl, path, { method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS) });
  return {
    async offer(agentUrl: string, offer: RtcOffer) {
      const answer = await post(agentUrl, ROUTES.agent.rtcOffer, offer);
      return answer.status === 201
        ? { kind: 'answered', answer: RtcAnswer.parse(await answer.json()) }
        : refusalOf(answer);
    },
    async end(agentUrl: string, end: RtcEnd) {
      const answer = await post(agentUrl, ROUTES.agent.rtcEnd, end);
      // Nodes of an older image say 204, and not which publish it was.
      if (answer.status === 204) return { kind: 'ended' };
      return answer.status === 200 ? { kind: 'ended', ...RtcEnded.parse(await answer.json()) } : refusalOf(answer);
    },
    async finalSession(agentUrl: string, session: FinalSession) {
      const answer = await post(agentUrl, ROUTES.agent.finalSession, session);
      if (answer.status !== 200 && answer.status !== 404) throw new Error(`the node answered ${answer.status}`);
      return answer.status === 200;
    },
    async addMetadata(agentUrl: string, metadata: NodeMetadata) {
      const answer = await post(agentUrl, ROUTES.agent.metadata, metadata);
      return answer.status === 200 ? { kind: 'added' } : refusalOf(answer);
    },
    async plays(agentUrl, streamId) {
      const signal = AbortSignal.timeout(PLAYS_TIMEOUT_MS);
      const answer = await ask(agentUrl, path(ROUTES.agent.plays, { stream: streamId }), { signal });
      return NodePlays.parse(await jsonOf(answer)).plays;
    },
    async health(agentUrl, streamId) {
      const signal = AbortSignal.timeout(PLAYS_TIMEOUT_MS);
      const answer = await ask(agentUrl, path(ROUTES.agent.health, { stream: streamId }), { signal });
      // A node of an older image does not measure.
      return answer.status === 404 ? [] : NodeHealth.parse(await jsonOf(answer)).minutes;
    },
    async endPlays(agentUrl: string, which: EndPlays) {
      return EndedPlays.parse(await jsonOf(await post(agentUrl, ROUTES.agent.endPlays, which))).ended;
    },
  };
}

async function jsonOf(answer: Response): Promise<unknown> {
  if (answer.status !== 200) throw new Error(`the node answered ${answer.status}`);
  return answer.json();
}

async function refusalOf(answer: Response): Promise<{ kind: 'refused' } & NodeRefusal> {
  const refusal = NodeRefusal.safeParse(await answer.json().catch(() => undefined));
  // It did not get as far as the agent's own decision: no refusal of the caller.
  if (!refusal.success || answer.status === 401) throw new Error(`the node answered ${answer.status}`);
  return { kind: 'refused', ...refusal.data };
}
