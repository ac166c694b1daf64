import type { CreateGrant, Grant } from '../../contract/grants';
import { MIN_GRANT_SECONDS } from '../../contract/limits';
import type { Stream } from '../../contract/state';
import { DomainError } from '../errors';

/** Fields of a stream that decide about its grants. */
export type GatedStream = Pick<Stream, 'id' | 'policy' | 'suspended' | 'allowedOrigins' | 'owner' | 'encryption'>;

/** Bounds of an environment at this moment: its budget may have shortened `lifetimeSeconds`. */
export interface GrantLimits {
  lifetimeSeconds: number;
}

/** The request around the body: `origin` is the browser's header, absent when no browser sent it. */
export interface GrantRequest {
  nowMs: number;
  origin: string | undefined;
  limits: GrantLimits;
}

/**
 * The grant for one viewer of a gated stream. Its pages are those of the stream, or the fewer that were asked for.
 * Throws `stream_not_gated`, `stream_suspended`, `origin_not_allowed`.
 */
export function decideGrant(
  stream: GatedStream,
  wanted: CreateGrant,
  { id, subject, ...request }: GrantRequest & { id: string; subject: string },
): Grant {
  assertGrantable(stream);
  const origins = originsOf(stream, wanted.origins);
  assertOrigin(origins, request.origin);
  const endsAt = request.nowMs + wanted.viewingSessionSeconds * 1000;
  const { lifetimeSeconds } = wanted;
  return {
    id,
    streamId: stream.id,
    subject,
    ...(stream.owner === undefined ? {} : { owner: stream.owner }),
    ...(wanted.viewer === undefined ? {} : { viewer: wanted.viewer }),
    ...(wanted.chatName === undefined ? {} : { chatName: wanted.chatName }),
    createdAt: request.nowMs,
    expiresAt: expiryOf({ lifetimeSeconds, endsAt }, request),
    endsAt,
    lifetimeSeconds,
    origins,
    renewals: 0,
  };
}

/**
 * The grant, good for a lifetime from now. Only while it has not expired: who stopped watching asks for a new one. An
 * expiry is never moved back. Throws `grant_not_found`, `grant_ended` with the reason, `origin_not_allowed`,
 * `stream_suspended`.
 */
export function decideRenewal(stream: GatedStream, grant: Grant | undefined, request: GrantRequest): Grant {
  assertGrantable(stream);
  const current = assertUsable(grant, request.nowMs);
  assertOrigin(current.origins, request.origin);
  const expiresAt = Math.max(current.expiresAt, expiryOf(current, request));
  return { ...current, expiresAt, renewals: current.renewals + 1 };
}

/** The grant, if it may be used now. Throws `grant_not_found`, or `grant_ended`, saying why. */
export function assertUsable(grant: Grant | undefined, nowMs: number): Grant {
  if (grant === undefined) throw new DomainError('grant_not_found', 'there is no such grant');
  if (grant.revokedAt !== undefined)
    throw new DomainError('grant_ended', 'the grant was revoked: it cannot be renewed');
  if (nowMs >= grant.endsAt) throw new DomainError('grant_ended', 'the viewing session is over: use a new grant');
  if (nowMs >= grant.expiresAt) throw new DomainError('grant_ended', 'the grant has expired: use a new one');
  return grant;
}

/** The grant, revoked: what was signed before counts until it expires, nothing is signed any more. */
export const revoked = (grant: Grant, nowMs: number): Grant =>
  grant.revokedAt === undefined ? { ...grant, revokedAt: nowMs } : grant;

/** Half of what is left of a grant: a player that renews then has the other half for the way. */
export const renewAfterSeconds = ({ expiresAt, endsAt }: Grant, nowMs: number): number =>
  Math.max(0, Math.floor((Math.min(expiresAt, endsAt) - nowMs) / 2000));

function expiryOf(
  { lifetimeSeconds, endsAt }: Pick<Grant, 'lifetimeSeconds' | 'endsAt'>,
  { nowMs, limits }: GrantRequest,
): number {
  const seconds = Math.min(lifetimeSeconds, Math.max(limits.lifetimeSeconds, MIN_GRANT_SECONDS));
  return Math.min(nowMs + seconds * 1000, endsAt);
}

function assertGrantable({ policy, suspended }: GatedStream): void {
  if (policy !== 'gated')
    throw new DomainError('stream_not_gated', "the stream's policy is 'open': anyone may play it without a grant");
  assertPlaying({ suspended });
}

/** Throws `stream_suspended`. */
export function assertPlaying({ suspended }: Pick<GatedStream, 'suspended'>): void {
  if (suspended !== undefined)
    throw new DomainError('stream_suspended', 'the stream is suspended: it cannot be played');
}

function originsOf({ allowedOrigins }: GatedStream, wanted: readonly string[] | undefined): string[] {
  const allowed = allowedOrigins ?? [];
  const strange = allowed.length === 0 ? undefined : wanted?.find((origin) => !allowed.includes(origin));
  if (strange !== undefined) throw notAllowed(strange, allowed);
  return [...(wanted ?? allowed)];
}

/**
 * Every browser sends `Origin` with a request that changes something; any other client could write what it likes there.
 */
function assertOrigin(origins: readonly string[], origin: string | undefined): void {
  if (origin !== undefined && origins.length > 0 && !origins.includes(origin)) throw notAllowed(origin, origins);
}

const notAllowed = (origin: string, allowed: readonly string[]): DomainError =>
  new DomainError('origin_not_allowed', `origin '${origin.slice(0, 128)}': the allowed ones are ${allowed.join(', ')}`);
