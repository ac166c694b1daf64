import type { ChatSender, MessageEntry } from '../../contract/chat/documents';
import type { ChatSettings } from '../../contract/chat/settings';
import type { ChatChange, ChatFound } from '../../ports/chat';
import { defined } from '../defined';
import { DomainError } from '../errors';
import { emptyRoom, nextNumber } from './room';
import type { RoomClaims } from './room-token';

const SECOND_MS = 1000;
/** The messages of a room in one second: each is a transaction on the room's counter. */
const ROOM_MESSAGES_A_SECOND = 10;

export interface MessagePost {
  claims: RoomClaims;
  text: string;
  /** The sender's own id of the message. */
  id?: string | undefined;
  settings: ChatSettings;
  nowMs: number;
}

/**
 * Takes a message into the room, or the newest of its sender again when it has the same id. Throws `chat_restricted`
 * and `rate_limited`, each with the seconds to wait where waiting helps.
 */
export function postMessage(
  { room: found, sender }: ChatFound,
  { claims, text, id, settings, nowMs }: MessagePost,
): ChatChange & { result: MessageEntry } {
  const { sender: senderId, name, role, streamId } = claims;
  const said = { kind: 'message' as const, sender: senderId, name, role, text };
  assertUnrestricted(sender, nowMs);
  const newest = sender?.newest;
  if (newest !== undefined && id !== undefined && newest.id === id)
    return { result: { ...said, number: newest.number, at: newest.at } };
  const before = found ?? emptyRoom(streamId);
  assertPace(newest?.at, { intervalMs: intervalOf(claims, settings), nowMs });
  const second = countedSecond(before.second, nowMs);
  const { place, room } = nextNumber({ ...before, second }, nowMs);
  const entry: MessageEntry = { ...said, ...place };
  const keptSender: ChatSender = { ...sender, sender: senderId, name, newest: { ...place, ...defined({ id }) } };
  const keptUntil = place.at + settings.retentionHours * 3_600_000;
  return { room, entries: [entry], keptUntil, sender: keptSender, result: entry };
}

/** Moderators are exempt of slow mode, and not of the second. */
const intervalOf = ({ role }: RoomClaims, { slowSeconds }: ChatSettings): number =>
  Math.max(SECOND_MS, role === 'moderator' ? 0 : slowSeconds * SECOND_MS);

/** A clock that went back costs at most one interval. */
function assertPace(newestAt: number | undefined, { intervalMs, nowMs }: { intervalMs: number; nowMs: number }): void {
  const waitMs = newestAt === undefined ? 0 : Math.min(intervalMs, newestAt + intervalMs - nowMs);
  if (waitMs <= 0) return;
  const retryAfterSeconds = Math.ceil(waitMs / SECOND_MS);
  throw new DomainError(
    'rate_limited',
    `one message in ${intervalMs / SECOND_MS} s is allowed: try again in ${retryAfterSeconds} s`,
    { retryAfterSeconds },
  );
}

function countedSecond({ since, messages }: { since: number; messages: number }, nowMs: number) {
  const isSame = nowMs >= since && nowMs < since + SECOND_MS;
  if (!isSame) return { since: nowMs, messages: 1 };
  if (messages < ROOM_MESSAGES_A_SECOND) return { since, messages: messages + 1 };
  throw new DomainError(
    'rate_limited',
    `the room takes ${ROOM_MESSAGES_A_SECOND} messages a second: try again in 1 s`,
    { retryAfterSeconds: 1 },
  );
}

/** The restriction that holds at `nowMs`. */
export function restrictionAt(sender: ChatSender | undefined, nowMs: number): ChatSender['restriction'] {
  const { restriction } = sender ?? {};
  return restriction?.until !== undefined && restriction.until <= nowMs ? undefined : restriction;
}

function assertUnrestricted(sender: ChatSender | undefined, nowMs: number): void {
  const restriction = restrictionAt(sender, nowMs);
  if (restriction !== undefined) throw restrictedError(restriction, nowMs);
}

/** `chat_restricted`, with the seconds until it ends by itself. */
export function restrictedError({ kind, until }: NonNullable<ChatSender['restriction']>, nowMs: number): DomainError {
  const what = kind === 'ban' ? 'the sender is banned from this chat' : 'the sender is muted in this chat';
  if (until === undefined) return new DomainError('chat_restricted', what);
  const retryAfterSeconds = Math.max(1, Math.ceil((until - nowMs) / SECOND_MS));
  return new DomainError('chat_restricted', `${what} for ${retryAfterSeconds} s more`, { retryAfterSeconds });
}
