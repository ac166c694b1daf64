import { z } from 'zod';
import { StreamId } from './ids';

/** Callers, their permissions, and the documents that hold them. Times are milliseconds since the epoch. */
const time = z.int().nonnegative();

/**
 * admin: the operator. publisher: a customer with streams of their own. viewer: a person who watches the streams that
 * the token names.
 */
export const Role = z.enum(['admin', 'publisher', 'viewer']);
export type Role = z.infer<typeof Role>;

/** A permission that a call needs; the API names the missing one. */
export const Permission = z.enum([
  'streams.create',
  'streams.read',
  'streams.write',
  'streams.delete',
  /** Stop a publisher, rotate its key. */
  'streams.control',
  'streams.suspend',
  'recordings.read',
  'recordings.delete',
  'usage.read',
  'grants.create',
  'grants.revoke',
  'turn.create',
  'chat_tokens.create',
  /** Delete messages, mute, ban, change slow mode. */
  'chat.moderate',
  'nodes.read',
  'nodes.drain',
  'cdns.read',
  'cdns.write',
  'api_keys.read',
  'api_keys.write',
  'webhooks.read',
  'webhooks.write',
  'budget.read',
  'budget.write',
]);
export type Permission = z.infer<typeof Permission>;

const PUBLISHER: readonly Permission[] = [
  'streams.create',
  'streams.read',
  'streams.write',
  'streams.delete',
  'streams.control',
  'recordings.read',
  'recordings.delete',
  'usage.read',
  'grants.create',
  'grants.revoke',
  'turn.create',
  'chat_tokens.create',
  'chat.moderate',
  'webhooks.read',
  'webhooks.write',
];

/**
 * The permissions of each role. A publisher reaches only their own streams and webhooks, a viewer only
 * those streams that the token or key names.
 */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  admin: Permission.options,
  publisher: PUBLISHER,
  viewer: ['streams.read', 'grants.create', 'turn.create'],
};

/** The subject that can own streams and that a token or key represents. */
export const Subject = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'use 1-255 printable ASCII characters without spaces');
export type Subject = z.infer<typeof Subject>;

/** The visible part of an API key: it names the key in lists and logs. */
export const ApiKeyPrefix = z.string().regex(/^[a-z0-9]{8}$/, 'use 8 of a-z, 0-9');
export type ApiKeyPrefix = z.infer<typeof ApiKeyPrefix>;

/** `slk_<prefix>_<secret>`: the secret has 165 bits and is kept nowhere. */
export const API_KEY = /^slk_([a-z0-9]{8})_([a-z0-9]{32})$/;

/** `apiKeys/{prefix}` */
export const ApiKey = z.object({
  prefix: ApiKeyPrefix,
  /** The name for people. */
  name: z.string(),
  /** SHA-256 of the whole key, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  role: Role,
  /** Narrows the role; absent: all the role may. */
  scopes: z.array(Permission).optional(),
  /** The subject it speaks for, which owns the streams it makes. */
  subject: Subject,
  /** The streams that a viewer may watch. */
  streams: z.array(StreamId).optional(),
  createdAt: time,
  expiresAt: time.optional(),
  /** Within a minute. */
  lastUsedAt: time.optional(),
  revokedAt: time.optional(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** Body of a request for a new API key. */
export const CreateApiKey = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    role: Role,
    scopes: z.array(Permission).min(1).max(Permission.options.length).optional(),
    subject: Subject,
    streams: z.array(StreamId).min(1).max(100).optional(),
    expiresInDays: z.int().min(1).max(3650).optional(),
  })
  .refine(({ role, streams }) => (role === 'viewer') === (streams !== undefined), {
    path: ['streams'],
    message: 'streams are required for a viewer and not allowed for other roles',
  })
  .refine(({ role, scopes = [] }) => scopes.every((scope) => ROLE_PERMISSIONS[role].includes(scope)), {
    path: ['scopes'],
    message: 'must all be permissions of the role',
  });
export type CreateApiKey = z.infer<typeof CreateApiKey>;

/** The claims that the platform reads in a JWT; other claims are ignored. `streams` names what a viewer may watch. */
export const TokenClaims = z.object({
  sub: Subject,
  role: Role,
  streams: z.array(StreamId).max(100).optional(),
});
export type TokenClaims = z.infer<typeof TokenClaims>;

/**
 * The identity provider of an environment: OIDC issuer, the audience that means this API, and where the issuer's keys
 * are.
 */
export const IdentityProvider = z.strictObject({
  issuer: z.url({ protocol: /^https$/, error: 'use https://' }),
  audience: z.string().min(1).max(255),
  jwksUrl: z.url({ protocol: /^https?$/ }),
});
export type IdentityProvider = z.infer<typeof IdentityProvider>;
