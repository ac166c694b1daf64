import type { PlatformEvent } from '../../contract/events';
import type { Stream } from '../../contract/state';

/**
 * The most events that wait in a stream's outbox, for instance while Pub/Sub is down for minutes. Beyond it the oldest
 * are dropped.
 */
export const MAX_PENDING_EVENTS = 20;

type PendingEvents = Pick<Stream, 'pendingEvents'>;

/**
 * `stream` with `events` to be sent, oldest first, each once. Written in the transaction that makes them true, so that
 * an event is never lost between the change and its telling.
 */
export function withPending<S extends PendingEvents>(stream: S, events: readonly PlatformEvent[]): S {
  const pending = stream.pendingEvents ?? [];
  const known = new Set(pending.map(({ id }) => id));
  const added = events.filter(({ id }) => !known.has(id));
  return added.length === 0 ? stream : { ...stream, pendingEvents: [...pending, ...added].slice(-MAX_PENDING_EVENTS) };
}

/** Removes the sent events from `stream`; `undefined` when it holds none of them, so that nothing has to be written. */
export function withoutPending<S extends PendingEvents>(stream: S, sent: ReadonlySet<string>): S | undefined {
  const pending = stream.pendingEvents ?? [];
  const left = pending.filter(({ id }) => !sent.has(id));
  return left.length === pending.length ? undefined : { ...stream, pendingEvents: left };
}
