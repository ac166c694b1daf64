import type { Log, RandomId } from '../ports/stores';
import { answerError } from './problem';

/** Every face of a function: a web-standard request in, an answer out, never an exception. */
export type Handler = (request: Request) => Promise<Response>;

export interface HandlerDeps {
  log: Log;
  randomId: RandomId;
}

export interface Context {
  request: Request;
  requestId: string;
}

/** Makes a handler of `run`: with a request id, and with what it throws answered and logged once. */
export function guarded(run: (context: Context) => Promise<Response>, deps: HandlerDeps): Handler {
  return async (request) => {
    const context = { request, requestId: requestIdOf(request, deps.randomId) };
    try {
      return await run(context);
    } catch (error) {
      return answerError(error, context, deps.log);
    }
  };
}

/** Cloud Run's trace, so that logs line up (`TRACE_ID/SPAN_ID;o=OPTIONS`); else the caller's own id; else a new one. */
function requestIdOf(request: Request, randomId: RandomId): string {
  const trace = /^([0-9a-f]{32})\//.exec(request.headers.get('x-cloud-trace-context') ?? '')?.[1];
  const given = /^[\w-]{8,64}$/.exec(request.headers.get('x-request-id') ?? '')?.[0];
  return trace ?? given ?? randomId(20);
}
