import { createRoute, z } from '@hono/zod-openapi';
import { within } from '../../app/deadline';
import { GuessLimiter } from '../../app/guess-limiter';
import { decideHook } from '../../app/publish/hooks';
import { delayWrongKey, refuseGuess } from '../../app/publish/key-guesses';
import { SharedStreams } from '../../app/publish/shared-streams';
import { RelayedHook } from '../../contract/hooks/srs';
import {
  HookAddresses,
  HookSecretQuery,
  NginxPublish,
  PlayAccepted,
  PlayCallback,
  THIRD_PARTY_ACTIONS,
  ThirdPartyHook,
  ThirdPartyHookAccepted,
  ThirdPartyHookRefused,
} from '../../contract/hooks/third-party';
import { path, ROUTES } from '../../contract/routes';
import { publishingModeOf } from '../../core/budget/publishing-mode';
import { DomainError } from '../../core/errors';
import type { HookRefusal } from '../../core/publish/hook-name';
import type { ApiDeps } from '../api-deps';
import { answers, requestBody } from '../document/answers';
import type { Mount } from '../requests/operation';
import { hookOfNginx, hookOfPlayCallback } from './third-party-hooks';

const tags = ['hooks'];
const security = [{ hookSecret: [] }];
const failures = answers.problems(
  ...(['bad_request', 'body_too_large', 'invalid_field', 'unauthenticated', 'unavailable', 'internal'] as const),
);
const no = { 403: { description: 'Refused.', content: { 'application/json': { schema: ThirdPartyHookRefused } } } };

const srs = createRoute({
  method: 'post',
  path: ROUTES.api.srsHook,
  operationId: 'srsHook',
  summary: 'Answer a hook of your own SRS server',
  description:
    'The `http_hooks` of the server point to this path. The service only decides whether a client may publish or ' +
    'play. It does not deliver the media of the server.',
  tags,
  security,
  request: {
    params: z.object({ action: z.enum(THIRD_PARTY_ACTIONS) }),
    query: HookSecretQuery,
    ...requestBody(ThirdPartyHook),
  },
  responses: {
    ...answers.ok(ThirdPartyHookAccepted, 'SRS accepts the client.'),
    ...no,
    ...failures,
    ...answers.problems('route_not_found'),
  },
});
const nginx = createRoute({
  method: 'post',
  path: ROUTES.api.rtmpPublish,
  operationId: 'rtmpPublish',
  summary: 'Answer a hook of your own nginx-rtmp server',
  description:
    '`on_publish` and `on_publish_done` of the server point to this path. ' +
    'The publish URL is `rtmp://<host>/live/<stream id>?key=<key>`.',
  tags,
  security,
  request: {
    query: HookSecretQuery,
    body: { required: true, content: { 'application/x-www-form-urlencoded': { schema: NginxPublish } } },
  },
  responses: { ...answers.ok(ThirdPartyHookAccepted, 'nginx accepts the client.'), ...no, ...failures },
});
const onPlay = createRoute({
  method: 'post',
  path: ROUTES.api.onPlay,
  operationId: 'onPlay',
  summary: 'Decide whether a viewer may play a stream',
  tags,
  security,
  request: { query: HookSecretQuery, ...requestBody(PlayCallback) },
  responses: { ...answers.ok(PlayAccepted, 'The viewer may play the stream.'), ...no, ...failures },
});

const addresses = createRoute({
  method: 'get',
  path: ROUTES.api.hooks,
  operationId: 'getHooks',
  summary: 'Show the hook addresses for your own media server',
  description: 'The addresses contain a secret that changes with the admin key.',
  tags,
  'x-permission': 'api_keys.write' as const,
  responses: { ...answers.ok(HookAddresses, 'The addresses.'), ...answers.problems('unauthenticated', 'forbidden') },
});

/** As in srs-hooks: a media server holds its client meanwhile. */
const HOOK_LIMIT_MS = 4000;

export function hookRoutes(mount: Mount, deps: ApiDeps): void {
  const guessLimiter = new GuessLimiter(deps);
  const hookDeps = {
    ...deps,
    foreign: true,
    rights: { keys: deps.grants.signer.tokenKeys, grants: deps.grants.store },
    publishingMode: async () => publishingModeOf(await deps.budgetStage()),
  };
  const guessDeps = { guessLimiter, clock: deps.clock, streams: new SharedStreams(deps) };
  const decide = async (hook: RelayedHook): Promise<HookRefusal | undefined> => {
    const limit = { clock: deps.clock, limitMs: HOOK_LIMIT_MS, what: 'the stream store' };
    const outcome = await within(
      limit,
      refuseGuess(hook, guessDeps).then((refused) => refused ?? decideHook(hook, hookDeps)),
    );
    if (!('error' in outcome)) return undefined;
    await delayWrongKey(hook, outcome, { guessLimiter, log: deps.log });
    deps.log.warn('foreign_hook_refused', { action: hook.action, ...outcome, ip: hook.ip, stream: hook.stream });
    return outcome;
  };

  mount(addresses, (c) => {
    const addressOf = (path: string) => `${deps.publicOrigin.replace(/\/$/, '')}${path}?secret=${deps.hookSecret}`;
    const srsAddresses = THIRD_PARTY_ACTIONS.map((action) => [action, addressOf(path(ROUTES.api.srsHook, { action }))]);
    const addressesOfAll = {
      srs: Object.fromEntries(srsAddresses),
      nginxPublish: addressOf(ROUTES.api.rtmpPublish),
      onPlay: addressOf(ROUTES.api.onPlay),
    };
    return c.json(addressesOfAll, 200);
  });
  mount(srs, async (c) => {
    const { action } = c.req.valid('param');
    const hook = c.req.valid('json');
    if (hook.action !== action)
      throw new DomainError('bad_request', `action: got '${hook.action}', but the path names '${action}'`);
    const relayed = RelayedHook.safeParse(hook);
    const refusal = relayed.success ? await decide(relayed.data) : undefined;
    return refusal === undefined ? c.json({ code: 0 as const }, 200) : c.json({ code: 403, ...refusal }, 403);
  });
  mount(nginx, async (c) => {
    const refusal = await decide(hookOfNginx(c.req.valid('form')));
    return refusal === undefined ? c.json({ code: 0 as const }, 200) : c.json({ code: 403, ...refusal }, 403);
  });
  mount(onPlay, async (c) => {
    const refusal = await decide(hookOfPlayCallback(c.req.valid('json')));
    if (refusal !== undefined) return c.json({ code: 403, ...refusal }, 403);
    return c.json({ code: 0 as const, message: 'Viewer connected successfully' }, 200);
  });
}
