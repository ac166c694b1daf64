import type { ChatMessage, PostChatMessage } from '../../contract/api/chat';
import type { Stream } from '../../contract/state';
import { postMessage } from '../../core/chat/post';
import type { RoomClaims } from '../../core/chat/room-token';
import { openChatOf } from '../../core/chat/settings';
import type { ChatRooms } from '../../ports/chat';
import type { Clock } from '../../ports/stores';
import type { KeyedQueue } from '../keyed-queue';
import { unknownStream } from './rights';

interface SentMessage {
  stream: Stream | undefined;
  claims: RoomClaims;
  message: PostChatMessage;
  /** Aborted once the sender has left. */
  gone: AbortSignal;
}

export interface SendDeps {
  rooms: Pick<ChatRooms, 'change'>;
  clock: Pick<Clock, 'now'>;
  /** One message of a room at a time: all of them change the room's counter, and would only wait for each other. */
  queue: KeyedQueue;
}

/**
 * Takes a message into the room of a stream, in one transaction. Throws `stream_not_found`, `chat_disabled`, and what
 * `postMessage` and the queue do.
 */
export async function sendMessage(
  { stream, claims, message, gone }: SentMessage,
  { rooms, clock, queue }: SendDeps,
): Promise<ChatMessage> {
  if (stream === undefined) throw unknownStream();
  const post = { claims, ...message, settings: openChatOf(stream) };
  const take = () =>
    rooms.change(stream.id, { sender: claims.sender }, (found) =>
      // The time is that of the decision: one from before the wait would count into a second that is over.
      postMessage(found, { ...post, nowMs: clock.now() }),
    );
  const { number, at, sender, name, role } = await queue.run(stream.id, take, gone);
  return { number, sentAt: new Date(at).toISOString(), sender, name, role, text: message.text };
}
