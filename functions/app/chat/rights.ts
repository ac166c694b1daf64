import type { StreamId } from '../../contract/ids';
import type { SigningKey } from '../../contract/signing-keys';
import type { Stream } from '../../contract/state';
import { restrictedError, restrictionAt } from '../../core/chat/post';
import { type RoomClaims, verifyRoomToken } from '../../core/chat/room-token';
import { openChatOf } from '../../core/chat/settings';
import { DomainError } from '../../core/errors';
import { TOKEN_PREFIXES } from '../../core/signing/token';
import type { ChatRooms } from '../../ports/chat';
import type { GrantStore } from '../../ports/grants';
import type { Clock } from '../../ports/stores';
import { rightToPlay } from '../grants/right-to-play';

export interface RightsDeps {
  /** The keys of the platform's tokens. */
  keys: readonly SigningKey[];
  grants: Pick<GrantStore, 'get'>;
  rooms: Pick<ChatRooms, 'getSender'>;
  clock: Pick<Clock, 'now'>;
  readStream(id: StreamId): Promise<Stream | undefined>;
}

/** A right to read: `until` in milliseconds, absent if it does not end; `you`: the holder of a room token. */
export interface RightToRead {
  stream: Stream;
  until?: number;
  you?: RoomClaims;
}

/**
 * Finds the right to read a room: an open stream needs none, a gated one a play token or a room token. Throws
 * `stream_not_found` where it is missing, as for a stream that is not there, `unauthenticated` for a wrong token,
 * whether there is the stream or not, and `chat_restricted` for a banned sender.
 */
export async function rightToRead(
  { id, token }: { id: StreamId; token: string | undefined },
  deps: RightsDeps,
): Promise<RightToRead> {
  const isPlay = token?.startsWith(`${TOKEN_PREFIXES.play}_`) ?? true;
  const you = isPlay ? undefined : roomClaims({ id, token }, deps);
  const stream = await deps.readStream(id);
  const nowMs = deps.clock.now();
  if (stream === undefined) throw unknownStream();
  if (you !== undefined) {
    openChatOf(stream);
    const restriction = restrictionAt(await deps.rooms.getSender(id, you.sender), nowMs);
    if (restriction?.kind === 'ban') throw restrictedError(restriction, nowMs);
    return { stream, until: you.expires * 1000, you };
  }
  const right = await rightToPlay(stream, { token, nowMs }, deps);
  if (right.kind === 'refused') throw unknownStream();
  if (right.kind === 'ended') throw new DomainError('grant_ended', right.message);
  openChatOf(stream);
  return { stream, ...(right.kind === 'granted' && { until: right.until }) };
}

/** The right to write: a room token of this stream. Throws `unauthenticated`. */
export function roomClaims(
  { id, token }: { id: StreamId; token: string | undefined },
  { keys, clock }: Pick<RightsDeps, 'keys' | 'clock'>,
): RoomClaims {
  if (token === undefined)
    throw new DomainError('unauthenticated', "no room token: send 'Authorization: Bearer <room token>'");
  const claims = verifyRoomToken(token, { keys, nowMs: clock.now() });
  if (claims?.streamId === id) return claims;
  throw new DomainError('unauthenticated', 'the room token belongs to another stream, is unknown, or has expired');
}

export const unknownStream = (): DomainError => new DomainError('stream_not_found', 'there is no such stream');
