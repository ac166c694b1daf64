import { createRoute, z } from '@hono/zod-openapi';
import { type ApiKeyAnswer, ApiKeyPage, ApiKeyWithKey, NewApiKey } from '../../contract/api/access';
import { PageQuery } from '../../contract/api/shapes';
import { type ApiKey, ApiKeyPrefix } from '../../contract/identity';
import { ROUTES } from '../../contract/routes';
import { CreateTurnCredentials, TurnCredentials } from '../../contract/turn';
import { DomainError } from '../../core/errors';
import { mintApiKey, revoked } from '../../core/identity/api-key';
import { assertPermitted, principalOfKey } from '../../core/identity/principal';
import { turnCredentials } from '../../core/turn/turn-credentials';
import type { ApiDeps } from '../api-deps';
import { answers, BODY, REPEATED, requestBody, secured } from '../document/answers';
import { cursorPositionOf, decodeCursor, pageOf } from '../requests/cursor';
import { IdempotencyHeader } from '../requests/idempotent';
import { notFoundError } from '../requests/not-found-error';
import type { Mount } from '../requests/operation';
import { withinQuota } from '../requests/quota';
import { iso } from '../streams/stream-answer';
import { quotaRoute } from './quota-route';

const create = createRoute({
  method: 'post',
  path: ROUTES.access.apiKeys,
  operationId: 'createApiKey',
  summary: 'Create an API key',
  description: 'The new key cannot have more permissions than the caller. Only this answer contains the key.',
  tags: ['access'],
  'x-permission': 'api_keys.write' as const,
  request: { headers: IdempotencyHeader, ...requestBody(NewApiKey) },
  responses: {
    201: { description: 'The key.', content: { 'application/json': { schema: ApiKeyWithKey } } },
    ...secured(...BODY, ...REPEATED, 'api_key_limit'),
  },
});
const list = createRoute({
  method: 'get',
  path: ROUTES.access.apiKeys,
  operationId: 'listApiKeys',
  summary: 'List API keys, newest first',
  tags: ['access'],
  'x-permission': 'api_keys.read' as const,
  request: { query: PageQuery },
  responses: { ...answers.ok(ApiKeyPage, 'A page of API keys, including revoked ones.'), ...secured('bad_request') },
});
const revoke = createRoute({
  method: 'delete',
  path: ROUTES.access.apiKey,
  operationId: 'revokeApiKey',
  summary: 'Revoke an API key',
  tags: ['access'],
  'x-permission': 'api_keys.write' as const,
  request: { params: z.object({ prefix: ApiKeyPrefix }) },
  responses: { ...answers.none('The key is revoked, effective at once.'), ...secured('api_key_not_found') },
});
const turn = createRoute({
  method: 'post',
  path: ROUTES.access.turnCredentials,
  operationId: 'createTurnCredentials',
  summary: 'Create credentials for the TURN servers',
  tags: ['access'],
  'x-permission': 'turn.create' as const,
  request: {
    headers: IdempotencyHeader,
    ...requestBody(CreateTurnCredentials.meta({ id: 'CreateTurnCredentials' }), { required: false }),
  },
  responses: {
    201: {
      description: 'The configuration for `RTCPeerConnection`.',
      content: { 'application/json': { schema: TurnCredentials.meta({ id: 'TurnCredentials' }) } },
    },
    ...secured(...BODY, ...REPEATED),
  },
});

const Place = cursorPositionOf(ApiKeyPrefix);

export function accessRoutes(mount: Mount, deps: ApiDeps): void {
  quotaRoute(mount, deps);
  const { apiKeys, clock, randomId, log } = deps;
  mount(create, async (c) => {
    const { key, record } = mintApiKey(c.req.valid('json'), { randomId, nowMs: clock.now() });
    for (const permission of principalOfKey(record).permissions) assertPermitted(c.get('principal'), permission);
    const count = () => apiKeys.countGood(record.subject, clock.now());
    const takeBack = () => apiKeys.remove(record.prefix);
    const quota = {
      of: 'apiKeys' as const,
      whose: `'${record.subject}'`,
      allowed: deps.quotas.apiKeys,
      count,
      takeBack,
    };
    if (!(await withinQuota(quota, () => apiKeys.create(record))))
      throw new Error(`the prefix '${record.prefix}' is taken`);
    log.info('api_key_created', {
      prefix: record.prefix,
      role: record.role,
      subject: record.subject,
      by: c.get('principal').subject,
    });
    return c.json({ ...keyAnswer(record), key }, 201);
  });
  mount(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const place = decodeCursor(cursor, Place);
    const found = await apiKeys.list({
      limit: limit + 1,
      ...(place && { after: { createdAt: place[0], prefix: place[1] } }),
    });
    const { page, more } = pageOf(found, limit, (last) => [last.createdAt, last.prefix]);
    return c.json({ apiKeys: page.map(keyAnswer), ...more }, 200);
  });
  mount(revoke, async (c) => {
    const { prefix } = c.req.valid('param');
    await apiKeys.change(prefix, (key) => {
      if (key === undefined) throw notFoundError('prefix');
      return { key: revoked(key, clock.now()), result: undefined };
    });
    log.info('api_key_revoked', { prefix, by: c.get('principal').subject });
    return c.body(null, 204);
  });
  mount(turn, (c) => {
    const { lifetimeSeconds } = c.req.valid('json');
    if (deps.media?.turn === undefined) throw new DomainError('unavailable', 'this environment has no TURN servers');
    return c.json(
      turnCredentials(deps.media.turn, { user: c.get('principal').subject, lifetimeSeconds, nowMs: clock.now() }),
      201,
    );
  });
}

function keyAnswer({ hash: _, createdAt, expiresAt, lastUsedAt, revokedAt, ...key }: ApiKey): ApiKeyAnswer {
  return {
    ...key,
    createdAt: iso(createdAt),
    ...(expiresAt && { expiresAt: iso(expiresAt) }),
    ...(lastUsedAt && { lastUsedAt: iso(lastUsedAt) }),
    ...(revokedAt && { revokedAt: iso(revokedAt) }),
  };
}
