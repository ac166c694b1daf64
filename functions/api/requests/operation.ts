import type { OpenAPIHono, RouteConfig, RouteHandler } from '@hono/zod-openapi';
import type { Permission } from '../../contract/identity';
import type { Principal } from '../../core/identity/principal';
import type { Allowance } from '../../core/limits/token-bucket';
import type { AppEnv } from '../../http/app';

export interface ApiEnv extends AppEnv {
  Variables: {
    principal: Principal;
    body: string;
    allowedOrigins: readonly string[] | undefined;
    allowance: Allowance | undefined;
  };
}
export type ApiApp = OpenAPIHono<ApiEnv>;

/** An operation: what createRoute takes, and the permission it needs; without one anybody may call. */
export type ApiRoute = RouteConfig & { getRoutingPath(): string; 'x-permission'?: Permission };

/** Adds operations: each behind its guards, its request checked by its schemas. */
export type Mount = <R extends ApiRoute>(route: R, handler: RouteHandler<R, ApiEnv>) => void;
