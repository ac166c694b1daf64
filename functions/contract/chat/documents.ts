import { z } from 'zod';
import { StreamId } from '../ids';
import { SlowSeconds } from './settings';

/**
 * Documents of a chat, below `streams/{id}`. Times are milliseconds since the epoch. A room is a list of entries with
 * numbers: whatever readers have to hear is an entry, so a number says exactly what a reader has.
 */
const time = z.int().nonnegative();

/** The number of an entry, from 1. It is the `id` of its event, and so the `Last-Event-ID` of a reader. */
export const EntryNumber = z.int().min(1).max(999_999_999_999);

/** The id of a sender in one room: the same for every token of a subject, and nothing can be read out of it. */
export const SenderId = z
  .string()
  .regex(/^[a-z0-9]{16}$/, 'use 16 of a-z, 0-9')
  .meta({ description: 'The id of the sender in this room: the same for every token of one subject.' });
export type SenderId = z.infer<typeof SenderId>;

export const ChatRole = z.enum(['viewer', 'moderator']);
export type ChatRole = z.infer<typeof ChatRole>;

export const RestrictionKind = z.enum(['mute', 'ban']).meta({
  description: '`mute`: the sender may read only. `ban`: the tokens of the sender open nothing.',
});
export type RestrictionKind = z.infer<typeof RestrictionKind>;

const numbered = { number: EntryNumber, at: time };
/** `streams/{id}/chatEntries/{number}` */
export const ChatEntry = z.discriminatedUnion('kind', [
  z.object({
    ...numbered,
    kind: z.literal('message'),
    sender: SenderId,
    name: z.string(),
    role: ChatRole,
    /** Absent once the message is deleted. */
    text: z.string().optional(),
  }),
  z.object({ ...numbered, kind: z.literal('deletion'), of: EntryNumber }),
  z.object({ ...numbered, kind: z.literal('slow_mode'), slowSeconds: SlowSeconds }),
  /** `restriction` absent: there is none any more. */
  z.object({
    ...numbered,
    kind: z.literal('restriction'),
    sender: SenderId,
    restriction: RestrictionKind.optional(),
    until: time.optional(),
  }),
]);
export type ChatEntry = z.infer<typeof ChatEntry>;
export type MessageEntry = Extract<ChatEntry, { kind: 'message' }>;

/** `streams/{id}/chat/room` */
export const ChatRoom = z.object({
  streamId: StreamId,
  /** The number of the newest entry; 0 before the first. */
  last: z.int().nonnegative(),
  /** The time of the newest entry: times never go back. */
  lastAt: time,
  /** The messages of the second that began at `since`. */
  second: z.object({ since: time, messages: z.int().nonnegative() }),
});
export type ChatRoom = z.infer<typeof ChatRoom>;

/** `streams/{id}/chatSenders/{sender}`: when a sender wrote last, and what a moderator decided about that sender. */
export const ChatSender = z.object({
  sender: SenderId,
  name: z.string().optional(),
  /** The newest message: `id` is the sender's own, so that a repeated request adds nothing. */
  newest: z.object({ number: EntryNumber, at: time, id: z.string().optional() }).optional(),
  restriction: z.object({ kind: RestrictionKind, at: time, until: time.optional(), by: z.string() }).optional(),
});
export type ChatSender = z.infer<typeof ChatSender>;
