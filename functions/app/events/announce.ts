import type { PlatformEvent } from '../../contract/events';
import type { StreamId } from '../../contract/ids';
import type { Stream } from '../../contract/state';
import { withoutPending } from '../../core/events/outbox';
import type { Clock, EventBus, Log, StreamStore } from '../../ports/stores';
import { within } from '../deadline';

export interface AnnounceDeps {
  bus: EventBus;
  streamStore: Pick<StreamStore, 'changeStream'>;
  clock: Clock;
  log: Log;
}

/** A publisher never waits longer for its event to be told; what is not told by then stays pending. */
const ANNOUNCE_LIMIT_MS = 2000;
/** The maker of the event tries to send it before that. */
const STUCK_AFTER_MS = 10_000;

/**
 * Sends events that are pending on a stream, in order, and takes them out of its outbox. Never rejects and takes
 * seconds at most: what could not be sent stays, for the reconciler. Answers how many were sent.
 */
export async function announce(id: StreamId, events: readonly PlatformEvent[], deps: AnnounceDeps): Promise<number> {
  if (events.length === 0) return 0;
  const sent = new Set<string>();
  try {
    const limit = { clock: deps.clock, limitMs: ANNOUNCE_LIMIT_MS, what: 'the event bus' };
    await within(limit, sendInOrder(events, sent, deps.bus));
  } catch (error) {
    deps.log.warn('events_pending', { streamId: id, events: events.length - sent.size, error });
  }
  await takeOut(id, sent, deps);
  return sent.size;
}

/** The events of a stream that its maker did not get rid of, sent again: for the reconciler. */
export async function announceStuck(stream: Pick<Stream, 'id' | 'pendingEvents'>, deps: AnnounceDeps): Promise<number> {
  const due = deps.clock.now() - STUCK_AFTER_MS;
  const stuck = (stream.pendingEvents ?? []).filter(({ occurredAt }) => Date.parse(occurredAt) <= due);
  return announce(stream.id, stuck, deps);
}

/** One that is refused holds those after it: they would arrive before it. */
async function sendInOrder(events: readonly PlatformEvent[], sent: Set<string>, bus: EventBus): Promise<void> {
  for (const event of events) {
    await bus.publish(event);
    sent.add(event.id);
  }
}

/** If this fails they are sent twice, with the same ids. */
async function takeOut(id: StreamId, sent: ReadonlySet<string>, { streamStore, log }: AnnounceDeps): Promise<void> {
  if (sent.size === 0) return;
  try {
    await streamStore.changeStream(id, (stream) => {
      const changed = stream && withoutPending(stream, sent);
      return changed === undefined ? { result: undefined } : { change: { stream: changed }, result: undefined };
    });
  } catch (error) {
    log.warn('outbox_not_emptied', { streamId: id, error });
  }
}
