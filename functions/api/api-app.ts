import { OpenAPIHono, type RouteConfig, type RouteHandler } from '@hono/zod-openapi';
import type { z } from 'zod';
import type { Permission } from '../contract/identity';
import { DomainError, type ErrorCode } from '../core/errors';
import type { Principal } from '../core/identity/principal';
import { type AppEnv, handlerOf } from '../http/app';
import type { Handler } from '../http/http-handler';
import { describeIssues, wrongFields } from '../http/request-body';
import type { ApiDeps } from './api-deps';
import { guardsOf } from './guards';

export interface ApiEnv extends AppEnv {
  Variables: { principal: Principal; body: string; allowedOrigins: readonly string[] | undefined };
}
export type ApiApp = OpenAPIHono<ApiEnv>;

/** An operation: what createRoute takes, and the permission it needs; without one anybody may call. */
export type ApiRoute = RouteConfig & { getRoutingPath(): string; 'x-permission'?: Permission };

/** Adds operations: each behind its guards, its request checked by its schemas. */
export type Mount = <R extends ApiRoute>(route: R, handler: RouteHandler<R, ApiEnv>) => void;

export function apiApp(routes: (mount: Mount, app: ApiApp) => void, deps: ApiDeps): Handler {
  const app: ApiApp = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid });
  const mount: Mount = (route, handler) => {
    app.on([route.method], [route.getRoutingPath()], ...guardsOf(route, deps));
    app.openapi(route, handler);
  };
  return handlerOf(app, () => routes(mount, app), deps);
}

type Validated = { success: true } | { success: false; error: z.core.$ZodError; target: string };

/** Hono's hook after each check: what does not fit is a problem like any other. A malformed id is one nobody has. */
function refuseInvalid(result: Validated): undefined {
  if (result.success) return undefined;
  const { issues } = result.error;
  if (result.target === 'param') throw unknownThing(String(issues[0]?.path[0]));
  if (result.target !== 'json' && result.target !== 'form')
    throw new DomainError('bad_request', describeIssues(issues, result.target), { cause: result.error });
  const options = { cause: result.error, fields: wrongFields(issues, 'body') };
  throw new DomainError('invalid_field', describeIssues(issues, 'body'), options);
}

const NOT_FOUND: Readonly<Record<string, { code: ErrorCode; what: string }>> = {
  id: { code: 'stream_not_found', what: 'stream' },
  sessionId: { code: 'session_not_found', what: 'session' },
  recordingId: { code: 'recording_not_found', what: 'recording' },
  nodeId: { code: 'node_not_found', what: 'node' },
  grantId: { code: 'grant_not_found', what: 'grant' },
  playlist: { code: 'playlist_not_found', what: 'playlist' },
  prefix: { code: 'api_key_not_found', what: 'API key' },
  webhookId: { code: 'webhook_not_found', what: 'webhook' },
  eventId: { code: 'delivery_not_found', what: 'delivery' },
  action: { code: 'route_not_found', what: 'hook' },
};

/** The same words whether there is none, or none this caller may know of. */
export function unknownThing(parameter: string): DomainError {
  const { code, what } = NOT_FOUND[parameter] ?? { code: 'route_not_found', what: parameter };
  return new DomainError(code, `there is no such ${what}`);
}
