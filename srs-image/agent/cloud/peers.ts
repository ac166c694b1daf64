import { Readable } from 'node:stream';
import { ROUTES } from '../../../functions/contract/routes';
import type { AgentReply, AgentRequest } from '../http/listener';

/** Other nodes' agents: passes a viewer's request on to one. Rejects when it does not answer. */
export interface Peers {
  ask(agentUrl: string, request: AgentRequest): Promise<AgentReply>;
}

/** As long as SRS may take to begin. */
const TIMEOUT_MS = 20_000;
/** Headers of a viewer that the other node needs, and of its answer that the viewer needs. */
const ASKED = ['origin'] as const;
const ANSWERED = ['content-type', 'cache-control', 'access-control-allow-origin', 'vary', 'retry-after'] as const;

/** Other nodes over HTTP in the VPC, each asked with an ID token for its own URL. */
export function httpPeers(idTokens: (audience: string) => Promise<string>): Peers {
  return {
    async ask(agentUrl, { method, path, query, header, address, gone }) {
      const begun = new AbortController();
      const timer = setTimeout(() => begun.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
      const headers = new Headers({
        authorization: `Bearer ${await idTokens(agentUrl)}`,
        'x-forwarded-for': address,
      });
      for (const name of ASKED) if (header(name) !== undefined) headers.set(name, header(name) ?? '');
      try {
        const url = `${agentUrl}${ROUTES.agent.passedOn}${path}${searchOf(query, header('authorization'))}`;
        const signal = AbortSignal.any([gone, begun.signal]);
        return await replyOf(await fetch(url, { method, headers, redirect: 'error', signal }));
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** The viewer's query; a token in the header moves there, because the header is the node's own. */
function searchOf(query: URLSearchParams, authorization = ''): string {
  const asked = new URLSearchParams(query);
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (token !== undefined && !asked.has('token')) asked.set('token', token);
  return asked.size === 0 ? '' : `?${asked}`;
}

async function replyOf(answer: Response): Promise<AgentReply> {
  if (answer.status === 401 || answer.status === 403) throw new Error(`the node answered ${answer.status}`);
  const headers = Object.fromEntries(
    ANSWERED.flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  if (answer.status === 200 && answer.body !== null) return { status: 200, body: Readable.from(answer.body), headers };
  return { status: answer.status, body: await answer.text(), headers };
}
