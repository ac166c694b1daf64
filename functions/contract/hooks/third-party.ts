import { z } from 'zod';
import { OnClose, OnConnect, OnHls, OnPlay, OnPublish, OnStop, OnUnpublish } from './srs';

/**
 * Hooks of media servers that are none of the platform's: they call the API themselves, and nothing but the permission
 * is theirs. What they publish is not delivered, because no agent uploads it.
 */
export const THIRD_PARTY_ACTIONS = [
  'on_connect',
  'on_close',
  'on_publish',
  'on_unpublish',
  'on_play',
  'on_stop',
  'on_hls',
] as const;

/** The bodies of SRS 5 and 6. */
export const ThirdPartyHook = z
  .discriminatedUnion('action', [OnConnect, OnClose, OnPublish, OnUnpublish, OnPlay, OnStop, OnHls])
  .meta({ id: 'SrsHook' });

/** The answer with which SRS accepts a client. */
export const ThirdPartyHookAccepted = z.object({ code: z.literal(0) }).meta({ id: 'HookAccepted' });
export const ThirdPartyHookRefused = z
  .object({ code: z.int().positive(), error: z.string(), message: z.string() })
  .meta({ id: 'HookRefused' });

const text = z.string().max(2048);
/**
 * Fields of nginx-rtmp's `on_publish` and `on_publish_done`, and the arguments of the publish URL beside them: `key` is
 * the stream key. https://github.com/arut/nginx-rtmp-module/wiki/Directives#on_publish
 */
export const NginxPublish = z
  .object({
    call: z.enum(['publish', 'publish_done']).default('publish'),
    app: text,
    /** The stream id. */
    name: text,
    addr: z.string().max(64).default(''),
    clientid: z.string().min(1).max(64),
    tcurl: text.default(''),
    key: text.optional(),
  })
  .meta({ id: 'NginxPublish' });
export type NginxPublish = z.infer<typeof NginxPublish>;

/** The fields of on_play that are read, from any SRS version. */
export const PlayCallback = z
  .object({
    action: z.literal('on_play'),
    client_id: z.string().max(64),
    ip: z.string().max(64),
    app: text,
    stream: text,
    param: text.default(''),
  })
  .meta({ id: 'PlayCallback' });
export const PlayAccepted = z.object({ code: z.literal(0), message: z.string() }).meta({ id: 'PlayAccepted' });

export const HookSecretQuery = z.object({
  secret: z.string().max(256).optional().meta({ description: 'The environment’s hook secret.' }),
});

export const HookAddresses = z
  .object({
    srs: z
      .record(z.enum(THIRD_PARTY_ACTIONS), z.url())
      .meta({ description: 'The addresses for `http_hooks` in `srs.conf`, by action.' }),
    nginxPublish: z.url().meta({ description: 'The address for `on_publish` and `on_publish_done` of nginx-rtmp.' }),
    onPlay: z.url(),
  })
  .meta({
    id: 'HookAddresses',
    description:
      'The addresses for a media server of your own. They contain the hook secret: store them as securely as a key.',
  });
