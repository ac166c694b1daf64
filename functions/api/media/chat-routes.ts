import type { ChatRestriction, CreateChatToken } from '../../contract/api/chat';
import { type ChatSender, SenderId } from '../../contract/chat/documents';
import { CHAT_OFF } from '../../contract/chat/settings';
import type { StreamId } from '../../contract/ids';
import { ROUTES, routerPattern } from '../../contract/routes';
import type { Stream } from '../../contract/state';
import { deleteMessage, freeSender, restrictSender } from '../../core/chat/moderate';
import { restrictedError, restrictionAt } from '../../core/chat/post';
import { mintRoomToken, senderOf } from '../../core/chat/room-token';
import { changedChat, openChatOf } from '../../core/chat/settings';
import { defined } from '../../core/defined';
import { DomainError } from '../../core/errors';
import type { Principal } from '../../core/identity/principal';
import { patchStream } from '../../core/streams/commands';
import type { ApiDeps } from '../api-deps';
import { decodeCursor, pageOf } from '../requests/cursor';
import type { ApiApp, Mount } from '../requests/operation';
import { tellSlowMode } from '../streams/slow-mode';
import { iso } from '../streams/stream-answer';
import { commandStream, findStream } from '../streams/streams';
import { chatOperations as operations, roomOperations } from './chat-operations';

/** Mounts what the API does for a chat: room tokens and moderation. Messages go through the function `chat`. */
export function chatRoutes(mount: Mount, app: ApiApp, deps: ApiDeps): void {
  const { rooms } = deps.chat;
  mount(operations.createToken, async (c) => {
    const { id } = c.req.valid('param');
    openChatOf(await findStream(id, c.get('principal'), deps));
    return c.json(roomToken(id, c.req.valid('json'), deps), 201);
  });
  mount(operations.deleteMessage, async (c) => {
    const { id, number } = c.req.valid('param');
    const order = await moderation(id, c.get('principal'), deps);
    await rooms.change(id, { message: Number(number) }, (found) => deleteMessage(found, order));
    deps.log.info('chat_message_deleted', { streamId: id, number: Number(number), by: c.get('principal').subject });
    return c.body(null, 204);
  });
  mount(operations.setSlowMode, async (c) => {
    const { id } = c.req.valid('param');
    const { slowSeconds } = c.req.valid('json');
    await assertUnrestricted(id, c.get('principal'), deps);
    const decide = (stream: Stream) => {
      openChatOf(stream);
      return patchStream(stream, { chat: changedChat(stream.chat, { slowSeconds }) }, deps.clock.now());
    };
    const stream = await commandStream({ id, principal: c.get('principal'), decide }, deps);
    await tellSlowMode(stream, deps);
    return c.json(stream.chat ?? CHAT_OFF, 200);
  });
  restrictionRoutes(mount, deps);
  const { read, post } = roomOperations;
  for (const route of [read, post]) app.openAPIRegistry.registerPath(route);
  app.on(['GET', 'POST'], [routerPattern(ROUTES.chat.room)], () => {
    throw new DomainError('chat_disabled', 'this environment has no chat (`chat.maxInstances` is 0)');
  });
}

function restrictionRoutes(mount: Mount, deps: ApiDeps): void {
  const { rooms } = deps.chat;
  mount(operations.listRestrictions, async (c) => {
    const { id } = c.req.valid('param');
    const { limit, cursor } = c.req.valid('query');
    await moderation(id, c.get('principal'), deps);
    const after = decodeCursor(cursor, SenderId.array().length(1))?.[0];
    const found = await rooms.listRestricted(id, { limit: limit + 1, ...defined({ after }) });
    const { page, more } = pageOf(found, limit, ({ sender }) => [sender]);
    return c.json({ restrictions: page.flatMap((each) => restrictionAnswer(each, deps.clock.now())), ...more }, 200);
  });
  mount(operations.restrictSender, async (c) => {
    const { id, sender } = c.req.valid('param');
    const wanted = c.req.valid('json');
    const principal = c.get('principal');
    const order = { ...(await moderation(id, principal, deps)), sender, wanted, by: principal.subject };
    const restricted = await rooms.change(id, { sender }, (found) => restrictSender(found, order));
    deps.log.info('chat_sender_restricted', { streamId: id, sender, kind: wanted.kind, by: principal.subject });
    const [answer] = restrictionAnswer(restricted, order.nowMs);
    if (answer === undefined) throw new Error(`sender '${sender}': the restriction ended at once`);
    return c.json(answer, 200);
  });
  mount(operations.freeSender, async (c) => {
    const { id, sender } = c.req.valid('param');
    const order = { ...(await moderation(id, c.get('principal'), deps)), sender };
    await rooms.change(id, { sender }, (found) => freeSender(found, order));
    deps.log.info('chat_sender_freed', { streamId: id, sender, by: c.get('principal').subject });
    return c.body(null, 204);
  });
}

function roomToken(streamId: StreamId, { subject, name, role, lifetimeSeconds }: CreateChatToken, deps: ApiDeps) {
  const [key] = deps.grants.signer.tokenKeys;
  if (key === undefined) throw new Error('there is no key for tokens');
  const expires = Math.floor(deps.clock.now() / 1000) + lifetimeSeconds;
  const sender = senderOf(streamId, subject, deps.grants.signer.senderSecret);
  const token = mintRoomToken({ streamId, sender, name, role, expires }, key);
  return { token, streamId, sender, name, role, expiresAt: iso(expires * 1000) };
}

async function moderation(id: StreamId, principal: Principal, deps: ApiDeps) {
  const { retentionHours } = openChatOf(await findStream(id, principal, deps));
  await assertUnrestricted(id, principal, deps);
  return { streamId: id, retentionHours, nowMs: deps.clock.now() };
}

/**
 * Throws `chat_restricted` for the room token of a sender who is muted or banned: else a moderator could end a
 * restriction of their own.
 */
async function assertUnrestricted(id: StreamId, { sender, reach }: Principal, { chat, clock }: ApiDeps): Promise<void> {
  if (sender === undefined || reach.kind !== 'streams' || !reach.ids.includes(id)) return;
  const nowMs = clock.now();
  const restriction = restrictionAt(await chat.rooms.getSender(id, sender), nowMs);
  if (restriction !== undefined) throw restrictedError(restriction, nowMs);
}

/** None, if the restriction has ended by itself. */
function restrictionAnswer(sender: ChatSender, nowMs: number): ChatRestriction[] {
  const restriction = restrictionAt(sender, nowMs);
  if (restriction === undefined) return [];
  const { kind, at, until, by } = restriction;
  const { name } = sender;
  return [{ sender: sender.sender, ...defined({ name }), kind, at: iso(at), by, ...(until && { until: iso(until) }) }];
}
