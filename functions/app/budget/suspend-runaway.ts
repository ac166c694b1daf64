import type { RunawayNotice } from '../../contract/events';
import { streamSuspended } from '../../core/events/events';
import { withPending } from '../../core/events/outbox';
import { type Ordered, suspendStream } from '../../core/streams/commands';
import type { Clock, EventBus, Log, StreamStore } from '../../ports/stores';
import { announce } from '../events/announce';
import { commandKick } from '../publish/notify-node';

export interface SuspendDeps {
  streamStore: Pick<StreamStore, 'changeStream' | 'changeNode'>;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

/** A notice that comes later than this is of a loop that is over, or was lifted by an operator meanwhile. */
const LATE_MS = 10 * 60_000;

/**
 * Suspends a stream whose events run away: its publisher is disconnected, and no one can publish until an operator
 * resumes it. Returns whether this call did it; a second or late notice, or one of a deleted stream, changes nothing.
 */
export async function suspendRunaway(notice: RunawayNotice, deps: SuspendDeps): Promise<boolean> {
  const { streamId, events, since } = notice;
  const at = deps.clock.now();
  if (at - Date.parse(since) > LATE_MS) return false;
  const told = streamSuspended({ id: streamId }, { cause: 'runaway', atMs: at });
  const { change, kick } = await deps.streamStore.changeStream<Ordered>(streamId, (stream) => {
    const ordered = stream && suspendStream(stream, { at, reason: `runaway: ${events} events within a minute` });
    if (ordered?.change === undefined) return { result: {} };
    return { change: { ...ordered.change, stream: withPending(ordered.change.stream, [told]) }, result: ordered };
  });
  if (change === undefined) return false;
  deps.log.error('runaway_stream_suspended', { ...notice });
  if (kick !== undefined) await commandKick(kick.session, kick.reason, deps);
  await announce(streamId, [told], deps);
  return true;
}
