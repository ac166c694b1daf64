import { z } from 'zod';
import { ChatRole, EntryNumber, RestrictionKind, SenderId } from '../chat/documents';
import { SlowSeconds } from '../chat/settings';
import { ChatName, ChatText } from '../chat/text';
import { StreamId } from '../ids';
import { nextCursor, Time } from './shapes';

/** Bounds of the lifetime of a room token. */
const MIN_TOKEN_SECONDS = 60;
const MAX_TOKEN_SECONDS = 43_200;

export const CreateChatToken = z
  .strictObject({
    subject: z
      .string()
      .regex(/^[\w.@:-]{1,128}$/, "use 1-128 of a-z, A-Z, 0-9, '_', '.', '@', ':', '-'")
      .meta({
        description: 'Your id of the viewer. A ban, a mute and slow mode are for a subject. No reader can see it.',
        example: 'user-42',
      }),
    name: ChatName,
    role: ChatRole.default('viewer').meta({
      description: '`moderator`: may also delete messages, mute, ban, and change slow mode.',
    }),
    lifetimeSeconds: z.int().min(MIN_TOKEN_SECONDS).max(MAX_TOKEN_SECONDS).default(3600),
  })
  .meta({ id: 'CreateChatToken' });
export type CreateChatToken = z.infer<typeof CreateChatToken>;

export const ChatTokenAnswer = z
  .object({
    token: z.string().meta({
      description: 'The room token, for `Authorization: Bearer`. Do not put it into a URL.',
    }),
    streamId: StreamId,
    sender: SenderId,
    name: z.string(),
    role: ChatRole,
    expiresAt: Time,
  })
  .meta({ id: 'ChatToken' });
export type ChatTokenAnswer = z.infer<typeof ChatTokenAnswer>;

export const PostChatMessage = z
  .strictObject({
    text: ChatText,
    id: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,64}$/, "use 1-64 of A-Z, a-z, 0-9, '_', '.', '-'")
      .optional()
      .meta({
        description: 'Your id of the message. If the newest message of the sender has it, nothing is added.',
        example: 'm-1',
      }),
  })
  .meta({ id: 'PostChatMessage' });
export type PostChatMessage = z.infer<typeof PostChatMessage>;

export const ChatMessage = z
  .object({
    number: EntryNumber,
    sentAt: Time,
    sender: SenderId,
    name: z.string(),
    role: ChatRole,
    text: z.string(),
  })
  .meta({ id: 'ChatMessage' });
export type ChatMessage = z.infer<typeof ChatMessage>;

/** The first event of every connection. It has no `id`. */
export const ChatRoomEvent = z
  .object({
    resumed: z.boolean().meta({
      description:
        'True: the events continue after `Last-Event-ID`. False: they begin with the newest 100 entries, and a ' +
        'reader clears what it shows.',
    }),
    slowSeconds: SlowSeconds,
    you: z
      .object({ sender: SenderId, name: z.string(), role: ChatRole })
      .optional()
      .meta({ description: 'The holder of the room token. Absent for a reader without one.' }),
  })
  .meta({ id: 'ChatRoomEvent' });
export type ChatRoomEvent = z.infer<typeof ChatRoomEvent>;

export const ChatDeletion = z
  .object({
    number: EntryNumber,
    at: Time,
    of: EntryNumber.meta({ description: 'The number of the deleted message.' }),
  })
  .meta({ id: 'ChatDeletion' });
export type ChatDeletion = z.infer<typeof ChatDeletion>;

export const ChatSlowMode = z
  .object({ number: EntryNumber, at: Time, slowSeconds: SlowSeconds })
  .meta({ id: 'ChatSlowMode' });
export type ChatSlowMode = z.infer<typeof ChatSlowMode>;

export const ChatRestricted = z
  .object({
    number: EntryNumber,
    at: Time,
    sender: SenderId,
    restriction: RestrictionKind.optional().meta({ description: 'Absent when there is none any more.' }),
    until: Time.optional().meta({ description: 'Absent when it holds until it is removed.' }),
  })
  .meta({ id: 'ChatRestricted' });
export type ChatRestricted = z.infer<typeof ChatRestricted>;

export const ChatEnd = z
  .object({
    reason: z.enum(['reconnect', 'expired', 'banned', 'closed']).meta({
      description:
        '`reconnect`: connect again with `Last-Event-ID`. `expired`: the right to read is over. ' +
        'Get a new token first. `banned`: the sender was banned. `closed`: the stream has no chat any more.',
    }),
  })
  .meta({ id: 'ChatEnd' });
export type ChatEnd = z.infer<typeof ChatEnd>;

export const SetSlowMode = z.strictObject({ slowSeconds: SlowSeconds }).meta({ id: 'SetSlowMode' });

/** The longest restriction that ends by itself, thirty days. */
const MAX_RESTRICTION_SECONDS = 2_592_000;
export const RestrictSender = z
  .strictObject({
    kind: RestrictionKind,
    seconds: z
      .int()
      .min(1)
      .max(MAX_RESTRICTION_SECONDS)
      .optional()
      .meta({ description: 'The time after which it ends by itself. If absent, it holds until it is removed.' }),
  })
  .meta({ id: 'RestrictSender' });
export type RestrictSender = z.infer<typeof RestrictSender>;

export const ChatRestriction = z
  .object({
    sender: SenderId,
    name: z.string().optional().meta({ description: 'The newest name of the sender. Absent if nothing was sent.' }),
    kind: RestrictionKind,
    at: Time,
    until: Time.optional().meta({ description: 'Absent when it holds until it is removed.' }),
    by: z.string().meta({ description: 'The subject of the API key, or the sender id of the moderator.' }),
  })
  .meta({ id: 'ChatRestriction' });
export type ChatRestriction = z.infer<typeof ChatRestriction>;
export const ChatRestrictionPage = z
  .object({ restrictions: z.array(ChatRestriction), nextCursor })
  .meta({ id: 'ChatRestrictionPage' });
