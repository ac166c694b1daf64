import { cors } from '../http/cors';
import type { Handler } from '../http/http-handler';
import { accessRoutes } from './access/access-routes';
import { apiApp } from './api-app';
import type { ApiDeps } from './api-deps';
import { budgetRoutes } from './budget/budget-routes';
import { documentRoutes } from './document/document-routes';
import { grantRoutes } from './grants/grant-routes';
import { historyRoutes } from './history/history-routes';
import { hookRoutes } from './hooks/hook-routes';
import { chatRoutes } from './media/chat-routes';
import { contentKeyRoute } from './media/content-key-route';
import { healthRoutes } from './media/health-routes';
import { mediaRoutes } from './media/media-routes';
import { playRoutes } from './media/play-routes';
import { viewerRoutes } from './media/viewer-routes';
import { cdnRoutes } from './operations/cdn-routes';
import { operatorRoutes } from './operations/operator-routes';
import { tellRate } from './requests/rate-limits';
import { hlsRoute } from './streams/hls-route';
import { playbackRoute } from './streams/playback-route';
import { publicRoute } from './streams/public-route';
import { streamRoutes } from './streams/stream-routes';
import { webhookRoutes } from './webhooks/webhook-routes';

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
    viewerRoutes(mount, deps);
    chatRoutes(mount, app, deps);
    healthRoutes(mount, deps);
    accessRoutes(mount, deps);
    webhookRoutes(mount, deps);
    budgetRoutes(mount, deps);
    operatorRoutes(mount, deps);
    cdnRoutes(mount, deps);
    hlsRoute(mount, deps);
    contentKeyRoute(mount, deps);
    publicRoute(mount, deps);
    playbackRoute(mount, deps);
    hookRoutes(mount, deps);
    documentRoutes(app, deps);
  }, deps);
}
