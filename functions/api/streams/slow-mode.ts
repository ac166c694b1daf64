import { CHAT_OFF } from '../../contract/chat/settings';
import type { Stream } from '../../contract/state';
import { announceSlowMode } from '../../core/chat/moderate';
import type { ApiDeps } from '../api-deps';

/** Tells the readers of a stream's chat of its slow mode. */
export async function tellSlowMode(
  { id: streamId, chat = CHAT_OFF }: Pick<Stream, 'id' | 'chat'>,
  { chat: { rooms }, clock }: Pick<ApiDeps, 'chat' | 'clock'>,
): Promise<void> {
  const { slowSeconds, retentionHours } = chat;
  const order = { streamId, slowSeconds, retentionHours, nowMs: clock.now() };
  await rooms.change(streamId, {}, (found) => announceSlowMode(found, order));
}
