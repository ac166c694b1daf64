import type { License, LicenseRequest } from '../../contract/api/license';
import type { ContentKeyId } from '../../contract/objects/encryption';
import type { SigningKey } from '../../contract/signing-keys';
import type { Session, Stream } from '../../contract/state';
import { contentKey, openEncryption, parseKeyId } from '../../core/encryption/content-keys';
import { keyIdOfKid } from '../../core/encryption/key-id';
import { DomainError } from '../../core/errors';
import { assertPlaying, assertUsable } from '../../core/grants/decide-grant';
import { type GrantClaims, verifyToken } from '../../core/signing/token';
import type { GrantStore } from '../../ports/grants';
import type { Clock, StreamStore } from '../../ports/stores';

export interface ContentKeyDeps {
  streamStore: Pick<StreamStore, 'getStream' | 'getSession'>;
  grants: Pick<GrantStore, 'get'>;
  /** The keys of the platform's tokens. */
  tokenKeys: readonly SigningKey[];
  /** The environment's secret that seals content secrets. */
  contentSecret: string;
  clock: Pick<Clock, 'now'>;
}

/** The shortest mean length of a session's segments: a quarter of theirs, for publishers faster than time. */
const MIN_SEGMENT_MS = 500;
/** Segments that may be there beyond those of the session's age, where a clock is a little behind. */
const SEGMENTS_AHEAD = 20;

/** Returns whose token this is: a play token, or that of a playlist of this viewer; `undefined` for any other. */
export const viewerOf = (
  token: string,
  { streamId, keys, nowMs }: { streamId: string; keys: readonly SigningKey[]; nowMs: number },
): GrantClaims | undefined =>
  verifyToken(token, { purpose: 'play', streamId, keys, nowMs }) ??
  verifyToken(token, { purpose: 'playlist', streamId, keys, nowMs });

/**
 * The 16 bytes of a content key of this stream, for a viewer who may play it now: a gated stream asks the grant of the
 * token each time, so a revocation counts at once. Throws `forbidden` without a good token, `grant_ended`,
 * `stream_suspended`, `content_key_not_found`.
 */
export async function readContentKey(
  deps: ContentKeyDeps,
  { stream, keyId, token }: { stream: Stream | undefined; keyId: ContentKeyId; token: string | undefined },
): Promise<Uint8Array> {
  if (stream === undefined) throw noSuchKey();
  await assertMayPlay(deps, stream, token);
  const key = await keyThere(deps, stream, keyId);
  if (key === undefined) throw noSuchKey();
  return key;
}

/**
 * The license that the ClearKey of a browser asks for: those of the keys that are there, under the rules of
 * `readContentKey`. `content_key_not_found` where none of them is.
 */
export async function readLicense(
  deps: ContentKeyDeps,
  { stream, request, token }: { stream: Stream | undefined; request: LicenseRequest; token: string | undefined },
): Promise<License> {
  if (stream === undefined) throw noSuchKey();
  await assertMayPlay(deps, stream, token);
  const keys: License['keys'] = [];
  for (const kid of new Set(request.kids)) {
    const keyId = keyIdOfKid(Buffer.from(kid, 'base64url'));
    const key = keyId === undefined ? undefined : await keyThere(deps, stream, keyId);
    if (key !== undefined) keys.push({ kty: 'oct', kid, k: Buffer.from(key).toString('base64url') });
  }
  if (keys.length === 0) throw noSuchKey();
  return { keys, type: 'temporary' };
}

async function keyThere(deps: ContentKeyDeps, stream: Stream, keyId: ContentKeyId): Promise<Uint8Array | undefined> {
  const { sessionId, period } = parseKeyId(keyId);
  const session =
    stream.session?.id === sessionId ? stream.session : await deps.streamStore.getSession(stream.id, sessionId);
  if (session?.encryption === undefined || period > lastPeriod(session, deps.clock.now())) return undefined;
  const { contentSecret: environmentSecret } = deps;
  return contentKey(stream.id, keyId, openEncryption(session.encryption, { streamId: stream.id, environmentSecret }));
}

/** Says the same for a key and for a stream that do not exist. */
const noSuchKey = (): DomainError => new DomainError('content_key_not_found', 'there is no such content key');

/**
 * The number of the last key of a session that is handed out now: an upper bound by the session's age, because no
 * count of segments is written. Later keys are not handed out, so a viewer cannot read all keys ahead.
 */
function lastPeriod({ encryption, startedAt }: Session, nowMs: number): number {
  const rotation = encryption?.keyRotationSegments ?? 0;
  if (rotation === 0) return 0;
  const segments = Math.max(0, nowMs - startedAt) / MIN_SEGMENT_MS + SEGMENTS_AHEAD;
  return Math.floor(segments / rotation);
}

async function assertMayPlay(
  { grants, tokenKeys: keys, clock }: ContentKeyDeps,
  stream: Stream,
  token: string | undefined,
): Promise<void> {
  assertPlaying(stream);
  if (stream.policy === 'open') return;
  const nowMs = clock.now();
  const claims = token === undefined ? undefined : viewerOf(token, { streamId: stream.id, keys, nowMs });
  if (claims === undefined)
    throw new DomainError('forbidden', 'the stream is gated: its keys need a play token that has not expired');
  const grant = await grants.get(stream.id, claims.grantId);
  if (grant === undefined) throw new DomainError('grant_ended', 'the grant of the play token does not exist');
  assertUsable(grant, nowMs);
}
