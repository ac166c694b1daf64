import type { SenderId } from '../../contract/chat/documents';
import { type ApiKey, type Permission, ROLE_PERMISSIONS, type Role, TokenClaims } from '../../contract/identity';
import type { StreamId } from '../../contract/ids';
import type { Stream } from '../../contract/state';
import type { RoomClaims } from '../chat/room-token';
import { DomainError } from '../errors';

/** The streams that a caller can see. */
export type StreamReach =
  | { kind: 'all' }
  | { kind: 'owner'; owner: string }
  | { kind: 'streams'; ids: readonly StreamId[] };

/** A caller, by whichever proof. */
export interface Principal {
  kind: 'admin_key' | 'api_key' | 'token';
  /**
   * The key or token that the caller showed, without its secret: two keys of one subject are two. A token that is
   * renewed stays the same.
   */
  credential: string;
  /** Stable name: in logs, as owner of streams, as holder of grants. */
  subject: string;
  role: Role;
  permissions: ReadonlySet<Permission>;
  reach: StreamReach;
  /** The sender of the chat whose room token it is; absent for every other proof. */
  sender?: SenderId;
}

/** The holder of the environment's admin key. */
export const OPERATOR: Principal = {
  kind: 'admin_key',
  credential: 'admin_key',
  subject: 'operator',
  role: 'admin',
  permissions: new Set(ROLE_PERMISSIONS.admin),
  reach: { kind: 'all' },
};

export function principalOfKey({ prefix, role, scopes, subject, streams }: ApiKey): Principal {
  const granted = ROLE_PERMISSIONS[role].filter((permission) => scopes === undefined || scopes.includes(permission));
  const credential = `api_key ${prefix}`;
  return {
    kind: 'api_key',
    credential,
    subject,
    role,
    permissions: new Set(granted),
    reach: reachOf(role, subject, streams),
  };
}

/** `unauthenticated`, naming the claim, for a token that does not say who may do what here. */
export function principalOfClaims(claims: unknown): Principal {
  const parsed = TokenClaims.safeParse(claims);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new DomainError('unauthenticated', `the token's claim '${issue?.path.join('.')}': ${issue?.message}`);
  }
  const { sub, role, streams } = parsed.data;
  return {
    kind: 'token',
    credential: `token ${role} ${sub}`,
    subject: sub,
    role,
    permissions: new Set(ROLE_PERMISSIONS[role]),
    reach: reachOf(role, sub, streams),
  };
}

/** The holder of a room token: a moderator moderates one room, and a viewer does nothing here. */
export const principalOfRoom = ({ streamId, sender, role }: RoomClaims): Principal => ({
  kind: 'token',
  credential: `room token ${streamId} ${sender}`,
  subject: sender,
  role: 'viewer',
  permissions: new Set<Permission>(role === 'moderator' ? ['chat.moderate'] : []),
  reach: { kind: 'streams', ids: [streamId] },
  sender,
});

function reachOf(role: Role, subject: string, streams: readonly StreamId[] = []): StreamReach {
  if (role === 'admin') return { kind: 'all' };
  return role === 'publisher' ? { kind: 'owner', owner: subject } : { kind: 'streams', ids: streams };
}

/** Throws `forbidden`, naming the permission that is missing and why. */
export function assertPermitted({ role, permissions }: Principal, permission: Permission): void {
  if (permissions.has(permission)) return;
  const why = ROLE_PERMISSIONS[role].includes(permission)
    ? "the key's scopes do not include it"
    : `the role '${role}' does not have it`;
  throw new DomainError('forbidden', `this needs the permission '${permission}': ${why}`);
}

/**
 * The stream, if the caller can know of it. Else `undefined`, as if there were none: whether there is one, an outsider
 * does not learn.
 */
export function withinReach<S extends Pick<Stream, 'id' | 'owner'>>(
  { reach }: Principal,
  stream: S | undefined,
): S | undefined {
  if (stream === undefined || reach.kind === 'all') return stream;
  const reached = reach.kind === 'owner' ? stream.owner === reach.owner : reach.ids.includes(stream.id);
  return reached ? stream : undefined;
}

/**
 * Answers the owner whose streams a list shows and to whom a new stream belongs: `undefined` is the operator, who sees
 * all of them.
 */
export const ownerOf = ({ reach, subject }: Principal): string | undefined =>
  reach.kind === 'all' ? undefined : subject;
