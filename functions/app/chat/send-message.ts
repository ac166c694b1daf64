import type { ChatMessage, PostChatMessage } from '../../contract/api/chat';
import type { Stream } from '../../contract/state';
import { postMessage } from '../../core/chat/post';
import type { RoomClaims } from '../../core/chat/room-token';
import { openChatOf } from '../../core/chat/settings';
import type { ChatRooms } from '../../ports/chat';
import type { Clock } from '../../ports/stores';
import { unknownStream } from './rights';

/**
 * Takes a message into the room of a stream, in one transaction. Throws `stream_not_found`, `chat_disabled`, and what
 * `postMessage` does.
 */
export async function sendMessage(
  { stream, claims, message }: { stream: Stream | undefined; claims: RoomClaims; message: PostChatMessage },
  { rooms, clock }: { rooms: Pick<ChatRooms, 'change'>; clock: Pick<Clock, 'now'> },
): Promise<ChatMessage> {
  if (stream === undefined) throw unknownStream();
  const post = { claims, ...message, settings: openChatOf(stream), nowMs: clock.now() };
  const { number, at, sender, name, role } = await rooms.change(stream.id, { sender: claims.sender }, (found) =>
    postMessage(found, post),
  );
  return { number, sentAt: new Date(at).toISOString(), sender, name, role, text: message.text };
}
