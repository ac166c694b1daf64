import type { MiddlewareHandler } from 'hono';
import { DomainError } from '../../core/errors';
import { assertPermitted } from '../../core/identity/principal';
import { parseWellFormedJson } from '../../http/outside-json';
import { readWellFormedText } from '../../http/request-body';
import type { ApiDeps } from '../api-deps';
import { hookSecretCheck } from './hook-secret';
import { IDEMPOTENCY_KEY, idempotent } from './idempotent';
import type { ApiEnv, ApiRoute } from './operation';
import type { RateLimit } from './rate-limits';

type RouteGuard = MiddlewareHandler<ApiEnv>;

/** Makes the guards of an operation, in this order: the caller, the body, whether it was sent before. */
export function guardsOf(route: ApiRoute, deps: ApiDeps, limitRate: RateLimit): RouteGuard[] {
  const permission = route['x-permission'];
  const content = Object.keys(route.request?.body?.content ?? {});
  const guards: RouteGuard[] = [];
  if (permission !== undefined)
    guards.push(async (c, next) => {
      const principal = await deps.authenticate(c.req.raw);
      limitRate(principal, (left) => c.set('allowance', left));
      assertPermitted(principal, permission);
      c.set('principal', principal);
      await next();
    });
  if (route.security?.some((each) => 'hookSecret' in each)) {
    const check = hookSecretCheck(deps);
    guards.push(async (c, next) => {
      await check(c.req.raw);
      await next();
    });
  }
  if (content[0] !== undefined) guards.push(readBody(content[0], route.request?.body?.required === true));
  if (takesIdempotencyKey(route)) guards.push(idempotent(deps));
  return guards;
}

const takesIdempotencyKey = ({ request }: ApiRoute): boolean => {
  const headers = request?.headers;
  return headers !== undefined && 'shape' in headers && IDEMPOTENCY_KEY in headers.shape;
};

/**
 * The body, bounded and well-formed, as what the operation takes whatever the Content-Type says: curl's is a form's.
 * None at all is an empty object, unless there has to be one. SDP has to be called so (RFC 9725, 4.2).
 */
const readBody =
  (contentType: string, isRequired: boolean): RouteGuard =>
  async (c, next) => {
    if (contentType === 'application/sdp') assertType(c.req.header('Content-Type') ?? '', contentType);
    const text = await readWellFormedText(c.req.raw);
    const body = contentType === 'application/json' && text.trim() === '' && !isRequired ? '{}' : text;
    if (contentType === 'application/json') parseWellFormedJson(body);
    const headers = new Headers(c.req.raw.headers);
    headers.set('Content-Type', contentType);
    headers.delete('Content-Length');
    c.req.raw = new Request(c.req.raw.url, { method: c.req.raw.method, headers, body });
    c.set('body', text);
    await next();
  };

function assertType(got: string, wanted: string): void {
  if (got.split(';')[0]?.trim().toLowerCase() === wanted) return;
  throw new DomainError('unsupported_type', `Content-Type '${got.slice(0, 60)}': use ${wanted}`);
}
