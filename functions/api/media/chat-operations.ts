import { createRoute, z } from '@hono/zod-openapi';
import {
  ChatDeletion,
  ChatEnd,
  ChatMessage,
  ChatRestricted,
  ChatRestriction,
  ChatRestrictionPage,
  ChatRoomEvent,
  ChatSlowMode,
  ChatTokenAnswer,
  CreateChatToken,
  PostChatMessage,
  RestrictSender,
  SetSlowMode,
} from '../../contract/api/chat';
import { PageQuery } from '../../contract/api/shapes';
import { SenderId } from '../../contract/chat/documents';
import { ChatSettings } from '../../contract/chat/settings';
import { ROUTES } from '../../contract/routes';
import { answers, BODY, REPEATED, requestBody, secured } from '../document/answers';
import { IdempotencyHeader } from '../requests/idempotent';
import { StreamParams } from '../streams/stream-operations';

const tags = ['chat'];
const ROOM = ['stream_not_found', 'stream_suspended', 'chat_disabled'] as const;
/** A room token is one of the callers. */
const MODERATED = [...ROOM, 'chat_restricted'] as const;
const SenderParams = StreamParams.extend({ sender: SenderId });
const MessageParams = StreamParams.extend({
  number: z
    .string()
    .regex(/^[1-9][0-9]{0,11}$/, 'use the number of a message')
    .meta({ description: 'The number of the message.' }),
});

const createToken = createRoute({
  method: 'post',
  path: ROUTES.chat.tokens,
  operationId: 'createChatToken',
  summary: 'Create a room token',
  description:
    'Your server calls this operation for a person whom it knows. The page of that person writes with the token, and ' +
    'reads with it if the stream is gated. A moderator moderates with it.',
  tags,
  'x-permission': 'chat_tokens.create' as const,
  request: { params: StreamParams, headers: IdempotencyHeader, ...requestBody(CreateChatToken) },
  responses: {
    201: { description: 'The room token.', content: { 'application/json': { schema: ChatTokenAnswer } } },
    ...secured(...BODY, ...REPEATED, ...ROOM),
  },
});

const deleteMessage = createRoute({
  method: 'delete',
  path: ROUTES.chat.message,
  operationId: 'deleteChatMessage',
  summary: 'Delete a message',
  description: 'Its text is removed, and readers get the event `deletion`. A room token of a moderator will do.',
  tags,
  'x-permission': 'chat.moderate' as const,
  request: { params: MessageParams },
  responses: { ...answers.none('The message is deleted.'), ...secured(...MODERATED, 'chat_message_not_found') },
});

const setSlowMode = createRoute({
  method: 'put',
  path: ROUTES.chat.slowMode,
  operationId: 'setChatSlowMode',
  summary: 'Change slow mode',
  description:
    'The same as `chat.slowSeconds` of the stream: it holds after 2 s, and readers get the event `slow_mode`. ' +
    'A room token of a moderator will do.',
  tags,
  'x-permission': 'chat.moderate' as const,
  request: { params: StreamParams, ...requestBody(SetSlowMode) },
  responses: { ...answers.ok(ChatSettings, 'The settings of the chat.'), ...secured(...BODY, ...MODERATED) },
});

const listRestrictions = createRoute({
  method: 'get',
  path: ROUTES.chat.restrictions,
  operationId: 'listChatRestrictions',
  summary: 'List muted and banned senders',
  description: 'The order is that of sender ids. A room token of a moderator will do.',
  tags,
  'x-permission': 'chat.moderate' as const,
  request: { params: StreamParams, query: PageQuery },
  responses: { ...answers.ok(ChatRestrictionPage, 'A page.'), ...secured('bad_request', ...MODERATED) },
});

const restrictSender = createRoute({
  method: 'put',
  path: ROUTES.chat.restriction,
  operationId: 'restrictChatSender',
  summary: 'Mute or ban a sender',
  description:
    'It replaces an earlier restriction of the sender. The connections of a banned sender end. On an open stream ' +
    'everybody may read without a token. A room token of a moderator will do.',
  tags,
  'x-permission': 'chat.moderate' as const,
  request: { params: SenderParams, ...requestBody(RestrictSender) },
  responses: {
    ...answers.ok(ChatRestriction, 'The restriction.'),
    ...secured(...BODY, ...MODERATED, 'chat_sender_not_found'),
  },
});

const freeSender = createRoute({
  method: 'delete',
  path: ROUTES.chat.restriction,
  operationId: 'freeChatSender',
  summary: 'Remove a mute or ban',
  description: 'A room token of a moderator will do.',
  tags,
  'x-permission': 'chat.moderate' as const,
  request: { params: SenderParams },
  responses: { ...answers.none('The sender may write again.'), ...secured(...MODERATED, 'chat_sender_not_found') },
});

const EVENTS = z
  .union([ChatRoomEvent, ChatMessage, ChatDeletion, ChatSlowMode, ChatRestricted, ChatEnd])
  .meta({ id: 'ChatEvent', description: 'The JSON in `data` of one event.' });

/** Answered by the function `chat`, and by the API where there is none. */
const read = createRoute({
  method: 'get',
  path: ROUTES.chat.room,
  operationId: 'readChat',
  summary: 'Read the chat of a stream',
  description:
    'Server-sent events, for `fetch` or `EventSource`. The first event is `room`, without an `id`. Then follow ' +
    '`message`, `deletion`, `slow_mode` and `restriction`, each with its number as `id`. Moderators and the sender ' +
    'itself get `restriction`. The last event is `end`. A comment comes every 15 s. A connection lasts 15 minutes at ' +
    'most: connect again with `Last-Event-ID` after `retry`, and nothing is lost or doubled. An open stream is read ' +
    'without a token. A gated stream needs a play token or a room token, and the answer is 404 without one. ' +
    'An environment without chat answers 409.',
  tags,
  security: [{}, { playToken: [] }, { roomToken: [] }],
  request: {
    params: StreamParams,
    headers: z.object({
      'Last-Event-ID': z.string().optional().meta({ description: 'The `id` of the newest event that was read.' }),
    }),
  },
  responses: {
    200: { description: 'The events.', content: { 'text/event-stream': { schema: EVENTS } } },
    ...answers.problems(...ROOM, 'unauthenticated', 'grant_ended', 'chat_restricted', 'rate_limited'),
    ...answers.problems('unavailable', 'internal'),
  },
});
const post = createRoute({
  method: 'post',
  path: ROUTES.chat.room,
  operationId: 'postChatMessage',
  summary: 'Send a message',
  description:
    'A viewer may send one message a second, or one in `slowSeconds`. A room takes 10 messages a second. ' +
    '`Retry-After` says how long to wait.',
  tags,
  security: [{ roomToken: [] }],
  request: { params: StreamParams, ...requestBody(PostChatMessage) },
  responses: {
    201: { description: 'The message, with its number.', content: { 'application/json': { schema: ChatMessage } } },
    ...answers.problems(...BODY, ...ROOM, 'unauthenticated', 'chat_restricted', 'rate_limited'),
    ...answers.problems('unavailable', 'internal'),
  },
});

/** The operations of a chat that the API answers. */
export const chatOperations = {
  createToken,
  deleteMessage,
  setSlowMode,
  listRestrictions,
  restrictSender,
  freeSender,
};
/** Those that the function `chat` answers. */
export const roomOperations = { read, post };
