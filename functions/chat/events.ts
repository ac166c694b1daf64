import type { ChatEnd, ChatRoomEvent } from '../contract/api/chat';
import type { ChatEntry } from '../contract/chat/documents';
import { defined } from '../core/defined';

/** Server-sent events as they go over the wire. https://html.spec.whatwg.org/multipage/server-sent-events.html */
type Bytes = Uint8Array;

const iso = (ms: number): string => new Date(ms).toISOString();
const bytes = (text: string): Bytes => Buffer.from(text, 'utf8');
/** JSON has no line end, so `data` is one line. */
const event = (name: string, data: object, id?: number): Bytes =>
  bytes(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);

export const HEARTBEAT = bytes(': \n\n');

export const roomEvent = (room: ChatRoomEvent, retryMs: number): Bytes =>
  Buffer.concat([bytes(`retry: ${retryMs}\n`), event('room', room)]);
export const endEvent = (reason: ChatEnd['reason']): Bytes => event('end', { reason } satisfies ChatEnd);

const made = new WeakMap<ChatEntry, Bytes>();

/** The event of an entry, made once for all readers; `undefined` for a message that was deleted. */
export function entryEvent(entry: ChatEntry): Bytes | undefined {
  const known = made.get(entry);
  if (known !== undefined) return known;
  const fresh = eventOf(entry);
  if (fresh !== undefined) made.set(entry, fresh);
  return fresh;
}

function eventOf(entry: ChatEntry): Bytes | undefined {
  const { number } = entry;
  const at = iso(entry.at);
  switch (entry.kind) {
    case 'message': {
      const { sender, name, role, text } = entry;
      return text === undefined
        ? undefined
        : event('message', { number, sentAt: at, sender, name, role, text }, number);
    }
    case 'deletion':
      return event('deletion', { number, at, of: entry.of }, number);
    case 'slow_mode':
      return event('slow_mode', { number, at, slowSeconds: entry.slowSeconds }, number);
    case 'restriction': {
      const { sender, restriction } = entry;
      const until = entry.until === undefined ? undefined : iso(entry.until);
      return event('restriction', { number, at, sender, ...defined({ restriction, until }) }, number);
    }
  }
}
