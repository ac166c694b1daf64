import type { PlatformEvent } from '../../contract/events';
import type { Stream } from '../../contract/state';
import { streamCreated } from '../../core/events/events';
import { eventsOfChange } from '../../core/events/events-of-change';
import { withPending } from '../../core/events/outbox';
import { settleBackup } from '../../core/publish/hot-backup';
import type { StreamStore } from '../../ports/stores';
import { type AnnounceDeps, announce } from './announce';

export interface EventingDeps extends Omit<AnnounceDeps, 'streamStore'> {
  /** Takes the telling of a change, which never rejects. @default the caller of the change waits for it, 2 s at most */
  background?: (telling: Promise<unknown>) => void;
}

/**
 * `streamStore`, with every change of a stream told: its events are written in the same transaction and sent after it.
 * What cannot be sent stays in the stream's outbox for the reconciler; a change never fails for it. Events the change
 * itself puts into the outbox are left to the caller. The change of a session is also that of its backup
 * (`settleBackup`), told with it.
 */
export function eventingStreamStore(streamStore: StreamStore, { background, ...deps }: EventingDeps): StreamStore {
  const tell = async (id: string, events: readonly PlatformEvent[]): Promise<void> => {
    const telling = announce(id, events, { ...deps, streamStore });
    if (background === undefined) await telling;
    else background(telling);
  };
  return {
    ...streamStore,
    async createStream(stream) {
      const events = unlessPending(stream, [streamCreated(stream)]);
      const created = await streamStore.createStream(withPending(stream, events));
      if (created) await tell(stream.id, events);
      return created;
    },
    async changeStream(id, decide) {
      let events: PlatformEvent[] = [];
      const result = await streamStore.changeStream(id, (stream) => {
        const decided = decide(stream);
        const change = settleBackup(decided.change, deps.clock.now());
        const decision = change === undefined ? decided : { ...decided, change };
        const after = decision.change?.stream;
        events = stream && after ? unlessPending(after, eventsOfChange(stream, after, deps.clock.now())) : [];
        if (after === undefined || events.length === 0) return decision;
        return { ...decision, change: { ...decision.change, stream: withPending(after, events) } };
      });
      await tell(id, events);
      return result;
    },
  };
}

const unlessPending = (
  { pendingEvents = [] }: Pick<Stream, 'pendingEvents'>,
  events: readonly PlatformEvent[],
): PlatformEvent[] => events.filter(({ id }) => !pendingEvents.some((pending) => pending.id === id));
