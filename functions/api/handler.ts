import type { Handler } from '../http/http-handler';
import { accessRoutes } from './access-routes';
import { apiApp } from './api-app';
import type { ApiDeps } from './api-deps';
import { budgetRoutes } from './budget-routes';
import { cors } from './cors';
import { documentRoutes } from './document-routes';
import { grantRoutes } from './grant-routes';
import { historyRoutes } from './history-routes';
import { hlsRoute } from './hls-route';
import { hookRoutes } from './hook-routes';
import { mediaRoutes } from './media-routes';
import { operatorRoutes } from './operator-routes';
import { playRoutes } from './play-routes';
import { publicRoute } from './public-route';
import { tellRate } from './rate-limits';
import { streamRoutes } from './stream-routes';
import { webhookRoutes } from './webhook-routes';

/** The public API, under `/api/v1`. */
export function apiHandler(deps: ApiDeps): Handler {
  return apiApp((mount, app) => {
    app.use('/api/*', cors(deps), async (c, next) => {
      await next();
      const allowance = c.get('allowance');
      if (allowance !== undefined) tellRate(c.res.headers, allowance);
      if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store');
    });
    app.use('/rtc/*', cors(deps));
    mediaRoutes(mount, app, deps);
    streamRoutes(mount, deps);
    historyRoutes(mount, deps);
    grantRoutes(mount, deps);
    playRoutes(mount, deps);
    accessRoutes(mount, deps);
    webhookRoutes(mount, deps);
    budgetRoutes(mount, deps);
    operatorRoutes(mount, deps);
    hlsRoute(mount, deps);
    publicRoute(mount, deps);
    hookRoutes(mount, deps);
    documentRoutes(app, deps);
  }, deps);
}
