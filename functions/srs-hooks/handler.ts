import { within } from '../app/deadline';
import { GuessLimiter } from '../app/guess-limiter';
import { decideHook, type HookDeps } from '../app/publish/hooks';
import { noteGuess, refuseGuess } from '../app/publish/key-guesses';
import { SharedStreams } from '../app/publish/shared-streams';
import { takeReceived } from '../app/publish/take-heartbeat';
import { withRecentNodes } from '../app/recent-nodes';
import type { StreamLocations } from '../contract/hooks/locations';
import { type HookRefused, RELAYED_ACTIONS, ReceivedHeartbeat, RelayedHook } from '../contract/hooks/srs';
import { ROUTES, routerPattern } from '../contract/routes';
import { DomainError } from '../core/errors';
import { withoutKeys } from '../core/keys';
import { locationsOf } from '../core/nodes/locations';
import type { HookRefusal } from '../core/publish/hook-name';
import type { LeftOut } from '../core/publish/session-reports';
import { appHandler } from '../http/app';
import type { Handler } from '../http/http-handler';
import { readJson } from '../http/request-body';

/** SRS holds its client meanwhile and the agent gives up soon; Firestore's client would go on retrying for minutes. */
const HOOK_LIMIT_MS = 4000;
/** All nodes that ask within this long are answered by one read. */
const LOCATIONS_MAX_AGE_MS = 500;
/** `MAX_REPORTED_SESSIONS` with all there is to say of them are some 700 KB. */
const HEARTBEAT_LIMIT_BYTES = 1024 * 1024;

/** The hooks of SRS as agents relay them, and the agents' heartbeats. */
export function srsHooksHandler(deps: HookDeps): Handler {
  const limit = { clock: deps.clock, limitMs: HOOK_LIMIT_MS, what: 'the stream store' };
  const guessLimiter = new GuessLimiter(deps);
  const notice = leftOutNotice(deps.log);
  const guessDeps = { guessLimiter, clock: deps.clock, streams: new SharedStreams(deps) };
  const registry = withRecentNodes(deps.streamStore, { clock: deps.clock, maxAgeMs: LOCATIONS_MAX_AGE_MS });
  const decide = async (hook: RelayedHook) => (await refuseGuess(hook, guessDeps)) ?? decideHook(hook, deps);
  return appHandler((app) => {
    app.post(ROUTES.hooks.heartbeat, async (c) => {
      const heartbeat = await readJson(c.req.raw, ReceivedHeartbeat, HEARTBEAT_LIMIT_BYTES);
      return c.json(await within(limit, takeReceived(heartbeat, deps, notice)));
    });
    app.post(ROUTES.hooks.locations, async (c) => {
      const nodes = await within(limit, registry.listNodes());
      return c.json<StreamLocations>({ locations: locationsOf(nodes, deps.clock.now()) });
    });
    app.post(routerPattern(ROUTES.hooks.action), async (c) => {
      const hook = await readHook(c.req.raw, c.req.param('action'));
      const outcome = await within(limit, decide(hook));
      const holdMs = noteGuess(hook, outcome, { guessLimiter, log: deps.log });
      return 'error' in outcome ? refuse(hook, { ...outcome, holdMs }, deps) : c.json(outcome);
    });
  }, deps);
}

/** Sessions whose reports were told of: a node says the same every few seconds. */
const MAX_NOTICED = 10_000;

/** Logs a report that is left out the first time. */
function leftOutNotice(log: HookDeps['log']): (nodeId: string, leftOut: LeftOut) => void {
  const noticed = new Set<string>();
  return (nodeId, leftOut) => {
    const key = [nodeId, leftOut.streamId, leftOut.sessionId, leftOut.part].join('/');
    if (noticed.has(key)) return;
    if (noticed.size >= MAX_NOTICED) noticed.clear();
    noticed.add(key);
    log.warn('session_report_left_out', { nodeId, ...leftOut });
  };
}

async function readHook(request: Request, action: string): Promise<RelayedHook> {
  const allowed: readonly string[] = RELAYED_ACTIONS;
  if (!allowed.includes(action)) {
    throw new DomainError('route_not_found', `action '${withoutKeys(action).slice(0, 64)}': use ${allowed.join(', ')}`);
  }
  const hook = await readJson(request, RelayedHook);
  if (hook.action === action) return hook;
  throw new DomainError('bad_request', `action: got '${hook.action}', but the path names '${action}'`);
}

/** 403 and a positive code: SRS needs neither to refuse, the agent reads why. */
function refuse(
  hook: RelayedHook,
  { error, message, holdMs }: HookRefusal & { holdMs: number },
  { log }: HookDeps,
): Response {
  const { action, server_id: nodeId, client_id: clientId, ip, app, stream } = hook;
  const fields = { action, error, message, nodeId, clientId, ip, app, stream };
  // Two encoders on one key: somebody has to look.
  if (error === 'takeover_limit') log.error('takeover_limit', fields);
  else log.warn('hook_refused', fields);
  const body: HookRefused = { code: 403, error, message, ...(holdMs > 0 && { holdMs }) };
  return Response.json(body, { status: 403 });
}
