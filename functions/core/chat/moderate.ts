import type { RestrictSender } from '../../contract/api/chat';
import type { ChatSender, SenderId } from '../../contract/chat/documents';
import type { StreamId } from '../../contract/ids';
import type { ChatChange, ChatFound } from '../../ports/chat';
import { defined } from '../defined';
import { DomainError } from '../errors';
import { restrictionAt } from './post';
import { emptyRoom, nextNumber } from './room';

/** The request around an order of a moderator. `retentionHours`: of the stream, for which readers can hear of it. */
export interface Moderation {
  streamId: StreamId;
  retentionHours: number;
  nowMs: number;
}

const keptUntil = ({ retentionHours, nowMs }: Moderation): number => nowMs + retentionHours * 3_600_000;

/**
 * Takes the text out of a message, and tells readers by an entry of its own: a reader that was away hears of it too.
 * Deleting again changes nothing. Throws `chat_message_not_found`.
 */
export function deleteMessage(
  { room: found, message }: ChatFound,
  order: Moderation,
): ChatChange & { result: undefined } {
  if (message === undefined) throw new DomainError('chat_message_not_found', 'there is no such message');
  const { text, ...rest } = message;
  if (text === undefined) return { result: undefined };
  const { place, room } = nextNumber(found ?? emptyRoom(order.streamId), order.nowMs);
  const deletion = { ...place, kind: 'deletion' as const, of: message.number };
  return { room, entries: [rest, deletion], keptUntil: keptUntil(order), result: undefined };
}

/** Restricts a sender, whether that one has written or not, in the place of an earlier restriction. */
export function restrictSender(
  { room: found, sender: known }: ChatFound,
  { sender, wanted, by, ...order }: Moderation & { sender: SenderId; wanted: RestrictSender; by: string },
): ChatChange & { result: ChatSender } {
  const { kind, seconds } = wanted;
  const { place, room } = nextNumber(found ?? emptyRoom(order.streamId), order.nowMs);
  const until = seconds === undefined ? undefined : order.nowMs + seconds * 1000;
  const restriction = { kind, at: place.at, by, ...defined({ until }) };
  const entry = { ...place, kind: 'restriction' as const, sender, restriction: kind, ...defined({ until }) };
  const restricted = { ...known, sender, restriction };
  return { room, entries: [entry], keptUntil: keptUntil(order), sender: restricted, result: restricted };
}

/** Ends the restriction of a sender. Throws `chat_sender_not_found` if there is none. */
export function freeSender(
  { room: found, sender: known }: ChatFound,
  { sender, ...order }: Moderation & { sender: SenderId },
): ChatChange & { result: undefined } {
  if (known === undefined || restrictionAt(known, order.nowMs) === undefined)
    throw new DomainError('chat_sender_not_found', 'there is no such sender');
  const { restriction: _, ...free } = known;
  const { place, room } = nextNumber(found ?? emptyRoom(order.streamId), order.nowMs);
  const entry = { ...place, kind: 'restriction' as const, sender };
  return { room, entries: [entry], keptUntil: keptUntil(order), sender: free, result: undefined };
}

/** Tells readers of another slow mode. */
export function announceSlowMode(
  { room: found }: ChatFound,
  { slowSeconds, ...order }: Moderation & { slowSeconds: number },
): ChatChange & { result: undefined } {
  const { place, room } = nextNumber(found ?? emptyRoom(order.streamId), order.nowMs);
  const entry = { ...place, kind: 'slow_mode' as const, slowSeconds };
  return { room, entries: [entry], keptUntil: keptUntil(order), result: undefined };
}
