import type { StreamId } from '../../contract/ids';
import type { Stream } from '../../contract/state';
import type { Clock, StreamStore } from '../../ports/stores';
import { within } from '../deadline';

/** Callers have limits of their own; this one ends a reading that never settles, so that the next can begin. */
const READ_LIMIT_MS = 3000;

interface SharedReading {
  now: Promise<Stream | undefined>;
  /** For all who came after `now` had begun. */
  next?: Promise<Stream | undefined>;
}

/**
 * Streams, read for many at once: each caller gets what a read found that began after the call, and a stream has one
 * read under way at a time, however many call.
 */
export class SharedStreams {
  private readonly readings = new Map<StreamId, SharedReading>();

  constructor(private readonly deps: { streamStore: Pick<StreamStore, 'getStream'>; clock: Pick<Clock, 'sleep'> }) {}

  get(id: StreamId): Promise<Stream | undefined> {
    const reading = this.readings.get(id);
    if (reading === undefined) return this.read(id);
    reading.next ??= reading.now.then(
      () => this.read(id),
      () => this.read(id),
    );
    return reading.next;
  }

  private read(id: StreamId): Promise<Stream | undefined> {
    const reading: SharedReading = {
      now: within(
        { clock: this.deps.clock, limitMs: READ_LIMIT_MS, what: 'the stream store' },
        this.deps.streamStore.getStream(id),
      ),
    };
    this.readings.set(id, reading);
    const done = () => {
      if (this.readings.get(id) === reading && reading.next === undefined) this.readings.delete(id);
    };
    reading.now.then(done, done);
    return reading.now;
  }
}
