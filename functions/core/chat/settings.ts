import { CHAT_OFF, type ChatChanges, type ChatSettings } from '../../contract/chat/settings';
import type { Stream } from '../../contract/state';
import { defined } from '../defined';
import { DomainError } from '../errors';

/** The settings of a stream after `changes`; `undefined` for a stream that never had a chat, and gets none. */
export function changedChat(current: ChatSettings | undefined, changes: ChatChanges | undefined) {
  return changes === undefined ? current : { ...CHAT_OFF, ...current, ...defined(changes) };
}

/** Throws `invalid_field` for a chat where the environment has none. */
export function assertChat(changes: ChatChanges | undefined, isOffered: boolean): void {
  if (isOffered || changes?.enabled !== true) return;
  const message = 'got true, must be false because this environment has no chat (`chat.maxInstances` is 0)';
  throw new DomainError('invalid_field', `chat.enabled: ${message}`, { fields: [{ field: 'chat.enabled', message }] });
}

/** The settings of a chat that is on. Throws `chat_disabled`. */
export function openChatOf({ chat, suspended }: Pick<Stream, 'chat' | 'suspended'>): ChatSettings {
  if (suspended !== undefined) throw new DomainError('stream_suspended', 'the stream is suspended: it has no chat now');
  if (chat?.enabled === true) return chat;
  throw new DomainError('chat_disabled', 'the stream has no chat');
}
