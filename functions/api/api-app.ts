import { OpenAPIHono } from '@hono/zod-openapi';
import type { z } from 'zod';
import { DomainError } from '../core/errors';
import { handlerOf } from '../http/app';
import type { Handler } from '../http/http-handler';
import { describeIssues, type RefusedValue, wrongFields } from '../http/request-body';
import type { ApiDeps } from './api-deps';
import { guardsOf } from './requests/guards';
import { notFoundError } from './requests/not-found-error';
import type { ApiApp, ApiEnv, Mount } from './requests/operation';
import { rateLimit } from './requests/rate-limits';

export function apiApp(routes: (mount: Mount, app: ApiApp) => void, deps: ApiDeps): Handler {
  const app: ApiApp = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid });
  const limitRate = rateLimit(deps);
  const mount: Mount = (route, handler) => {
    app.on([route.method], [route.getRoutingPath()], ...guardsOf(route, deps, limitRate));
    app.openapi(route, handler);
  };
  return handlerOf(app, () => routes(mount, app), deps);
}

type Validated = { success: true } | { success: false; error: z.core.$ZodError; target: string; data?: unknown };

/** Hono's hook after each check: what does not fit is a problem like any other. A malformed id is one nobody has. */
function refuseInvalid(result: Validated): undefined {
  if (result.success) return undefined;
  const { issues } = result.error;
  if (result.target === 'param') throw notFoundError(String(issues[0]?.path[0]));
  if (result.target !== 'json' && result.target !== 'form')
    throw new DomainError('bad_request', describeIssues(issues, quotable(result)), { cause: result.error });
  const body = { what: 'body', value: result.data };
  const options = { cause: result.error, fields: wrongFields(issues, body) };
  throw new DomainError('invalid_field', describeIssues(issues, body), options);
}

/** Headers hold credentials: no value of theirs is repeated. */
const quotable = ({ target, data }: { target: string; data?: unknown }): RefusedValue =>
  target === 'query' ? { what: target, value: data } : { what: target };
