import type { StreamId } from '../../contract/ids';
import type { Stream } from '../../contract/state';
import type { Clock, StreamStore } from '../../ports/stores';

/** Streams an instance remembers, found or not; anyone who guesses more ids pushes out the oldest. */
const MAX_REMEMBERED = 5000;

type ReadStream = (id: StreamId) => Promise<Stream | undefined>;

/** Reads each stream at most once in `maxAgeMs`, however many ask. What could not be read is not kept. */
export function rememberedStreams(
  { streamStore, clock }: { streamStore: Pick<StreamStore, 'getStream'>; clock: Pick<Clock, 'now'> },
  maxAgeMs: number,
): ReadStream {
  const known = new Map<StreamId, { at: number; stream: ReturnType<ReadStream> }>();
  return (id) => {
    const found = known.get(id);
    if (found !== undefined && clock.now() - found.at < maxAgeMs) return found.stream;
    const reading = { at: clock.now(), stream: streamStore.getStream(id) };
    reading.stream.catch(() => known.get(id) === reading && known.delete(id));
    known.delete(id);
    known.set(id, reading);
    const [oldest] = known.keys();
    if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
    return reading.stream;
  };
}
