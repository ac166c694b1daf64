import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './app';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const HEADERS = 'Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, Srs-Live-Session';
const EXPOSED =
  'ETag, Idempotency-Replayed, Link, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, ' +
  'Retry-After, Srs-Live-Session, X-Request-Id';
const PREFLIGHT_SECONDS = '600';

/** The pages that may read an answer: those of one stream, as a later handler sets, else those of the environment. */
export const ALLOWED_ORIGINS = 'allowedOrigins';

export interface CorsEnv extends AppEnv {
  Variables: { allowedOrigins: readonly string[] | undefined };
}

export interface CorsOptions {
  /** Pages of other hosts that may call; `*`: any. */
  allowedOrigins: readonly string[];
}

/**
 * Returns whether pages of other origins may call: those the environment names. Never with credentials of the browser:
 * the key is a header they must have. An answer about a stream that names its pages is for those only; a preflight
 * knows no stream, so that it tells nothing about any.
 */
export function cors<E extends CorsEnv>({ allowedOrigins }: CorsOptions): MiddlewareHandler<E> {
  return async (c, next) => {
    const origin = c.req.header('Origin');
    const isPreflight = c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined;
    if (isPreflight) {
      c.res = new Response(null, { status: 204 });
      c.res.headers.set('Access-Control-Allow-Methods', METHODS);
      c.res.headers.set('Access-Control-Allow-Headers', HEADERS);
      c.res.headers.set('Access-Control-Max-Age', PREFLIGHT_SECONDS);
    } else await next();
    const ofStream: readonly string[] | undefined = c.get(ALLOWED_ORIGINS);
    const allowed = isPreflight ? allowedOrigins : (ofStream ?? allowedOrigins);
    if (!allowed.includes('*')) c.res.headers.append('Vary', 'Origin');
    if (origin === undefined || !(allowed.includes('*') || allowed.includes(origin)))
      return isPreflight ? c.res : undefined;
    c.res.headers.set('Access-Control-Allow-Origin', allowed.includes('*') ? '*' : origin);
    c.res.headers.set('Access-Control-Expose-Headers', EXPOSED);
    return isPreflight ? c.res : undefined;
  };
}
