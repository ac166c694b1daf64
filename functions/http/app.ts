import { Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { DomainError } from '../core/errors';
import { withoutKeys } from '../core/keys';
import { type Context, guarded, type Handler, type HandlerDeps } from './http-handler';
import { answerError, answerMethodNotAllowed } from './problem';

export type AppEnv = { Bindings: Context };
export type App = Hono<AppEnv>;

/**
 * Routes as `routes` adds them; errors, unknown paths (404) and wrong methods (405 with Allow) are answered as
 * problems.
 */
export function appHandler(routes: (app: App) => void, deps: HandlerDeps): Handler {
  const app: App = new Hono<AppEnv>();
  return handlerOf(app, () => routes(app), deps);
}

/** The same for an app of another kind, which has no routes yet: `routes` adds them. */
export function handlerOf<E extends AppEnv>(app: Hono<E>, routes: () => void, deps: HandlerDeps): Handler {
  app.onError((error, c) => answerError(error, c.env, deps.log));
  app.notFound(() => new Response(null, { status: 404 }));
  app.use(async (c, next) => {
    await next();
    if (c.res.status === 404 && c.res.body === null) c.res = answerError(unknownRoute(c.req.path), c.env, deps.log);
    c.res.headers.set('X-Request-Id', c.env.requestId);
    // Hono drops the body of what it asked a GET for, and whatever feeds it would go on.
    if (c.req.method === 'HEAD') await c.res.body?.cancel();
  });
  app.use(
    methodNotAllowed({ app, onMethodNotAllowed: (c, allowed) => answerMethodNotAllowed(c.env, allowed, deps.log) }),
  );
  routes();
  return guarded(async (context) => app.fetch(context.request, context), deps);
}

/** The characters of a path that are repeated to its sender and to the log. */
const SHOWN = 200;
const unknownRoute = (path: string): DomainError =>
  new DomainError('route_not_found', `nothing is at '${withoutKeys(path).slice(0, SHOWN)}'`);
