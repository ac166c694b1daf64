import type { Beacon, BeaconAnswer } from '../../contract/api/viewers';
import type { StreamId } from '../../contract/ids';
import type { SigningKey } from '../../contract/signing-keys';
import type { Stream } from '../../contract/state';
import { verifyPlayToken } from '../../core/grants/play-token';
import { TokenBuckets } from '../../core/limits/token-bucket';
import { isBroadcastOpen } from '../../core/publish/liveness';
import { beaconSeconds, emptyAudience, withHeard, writeSeconds } from '../../core/viewers/audience';
import { viewingOf } from '../../core/viewers/viewing';
import { ViewingSample } from '../../core/viewers/viewing-sample';
import type { AudienceStore, Clock, Log, StreamStore } from '../../ports/stores';

export interface ViewerCountDeps {
  audiences: AudienceStore;
  streamStore: Pick<StreamStore, 'getStream'>;
  clock: Clock;
  log: Log;
  /** The keys of play tokens. */
  tokenKeys: readonly SigningKey[];
  /** The key by which the names of viewings are hashed. All instances have the same one. */
  viewingSecret: string;
}

/** A stream as this instance knows it. `heard`: what was not written yet. */
interface Watched {
  stream: Promise<Stream | undefined>;
  readAt: number;
  heard: ViewingSample;
  writtenAt: number;
  isWriting: boolean;
  isWaiting: boolean;
  /** The viewers of the stream when it was last written, of all instances. */
  viewers: number;
}

/** The age at which an instance reads a stream again. */
const STREAM_AGE_MS = 10_000;
const MAX_STREAMS = 2000;
/** A stream without a beacon for so long has nobody who sends them. */
const LATELY_MS = 300_000;
/** Ids nobody asked for lately cost a read each: for all callers of the instance together. */
const NEW_STREAMS = { perMinute: 600, burst: 200 };
/** The share of one address in them, so that who guesses ids leaves room for the viewers of other streams. */
const NEW_STREAMS_OF_ADDRESS = { perMinute: 60, burst: 40 };
/** Audiences written at a time, beside those whose own viewer sends a beacon. */
const MAX_WRITES = 16;
/** Beacons of one address: an office of some hundred viewers. */
const PER_ADDRESS = { perMinute: 600, burst: 300 };
/** Beacons of one grant, which is one viewer. */
const PER_GRANT = { perMinute: 20, burst: 20 };

/**
 * Counts viewers by their players' beacons: in memory, and joined to what the other instances counted at most once in
 * 10 s and stream. A beacon costs no read. It makes nothing: a stream that is not there, or not on air, has no
 * audience.
 */
export class ViewerCount {
  private readonly watched = new Map<StreamId, Watched>();
  private writes = 0;
  private readonly newStreams: TokenBuckets;
  private readonly newStreamsOf: TokenBuckets;
  private readonly byAddress: TokenBuckets;
  private readonly byGrant: TokenBuckets;

  constructor(private readonly deps: ViewerCountDeps) {
    this.newStreams = new TokenBuckets(NEW_STREAMS, deps.clock);
    this.newStreamsOf = new TokenBuckets(NEW_STREAMS_OF_ADDRESS, deps.clock);
    this.byAddress = new TokenBuckets(PER_ADDRESS, deps.clock);
    this.byGrant = new TokenBuckets(PER_GRANT, deps.clock);
  }

  /**
   * Takes one beacon; `undefined` if there is no such stream. Waits for the write of its own stream's audience at most.
   * Rejects with `unavailable` if the store does not answer.
   */
  async take(streamId: StreamId, beacon: Beacon, address: string): Promise<BeaconAnswer | undefined> {
    const nextSeconds = this.nextSeconds();
    const refused = { counted: false, nextSeconds };
    const watched = this.find(streamId, address);
    if (watched === undefined) return refused;
    const stream = await watched.stream;
    if (stream === undefined) return undefined;
    if (!isOnAir(stream) || !this.mayCount(stream, beacon, address)) return refused;
    const nowMs = this.deps.clock.now();
    const { viewingSecret } = this.deps;
    watched.heard.add(viewingOf(beacon, { streamId, nowMs, nextSeconds, viewingSecret }));
    const isDue = this.dueNow();
    const own = isDue(watched) ? this.write(streamId, watched) : undefined;
    this.writeDue(isDue);
    await own;
    if (watched.heard.size > 0) void this.writeLater(streamId, watched);
    return { counted: true, nextSeconds };
  }

  /** By what is known of all streams of this instance, which it is to ask for no more beacons than it should have. */
  private nextSeconds(): number {
    const nowMs = this.deps.clock.now();
    const lately = [...this.watched.values()].filter(({ readAt }) => nowMs - readAt < LATELY_MS);
    return beaconSeconds(lately.reduce((sum, { viewers }) => sum + viewers, 0));
  }

  private writeEveryMs(): number {
    return writeSeconds(this.nextSeconds()) * 1000;
  }

  /** `undefined`: it cannot be looked for now. */
  private find(streamId: StreamId, address: string): Watched | undefined {
    const { clock, streamStore } = this.deps;
    const known = this.watched.get(streamId);
    if (known !== undefined && clock.now() - known.readAt < STREAM_AGE_MS) return known;
    if (known === undefined && !this.mayAdd(address)) return undefined;
    const watched = known ?? {
      heard: new ViewingSample(),
      writtenAt: 0,
      isWriting: false,
      isWaiting: false,
      viewers: 0,
    };
    const read = { ...watched, stream: streamStore.getStream(streamId), readAt: clock.now() };
    const entry = Object.assign(watched, read);
    entry.stream.catch(() => {
      entry.readAt = 0;
    });
    this.watched.delete(streamId);
    this.watched.set(streamId, entry);
    return entry;
  }

  private mayAdd(address: string): boolean {
    if (this.newStreamsOf.look(address).waitSeconds > 0 || this.newStreams.look('all').waitSeconds > 0) return false;
    if (!this.makeRoom()) return false;
    this.newStreamsOf.take(address);
    this.newStreams.take('all');
    return true;
  }

  /** Forgets the stream that was read longest ago, of those whose viewers are all written. */
  private makeRoom(): boolean {
    if (this.watched.size < MAX_STREAMS) return true;
    const written = [...this.watched].find(([, { heard, isWriting }]) => heard.size === 0 && !isWriting);
    return written !== undefined && this.watched.delete(written[0]);
  }

  /** Takes a token of who sends: a grant's where one is needed, else the address's. */
  private mayCount({ id, policy }: Stream, { playToken = '' }: Beacon, address: string): boolean {
    const keys = this.deps.tokenKeys;
    const nowMs = this.deps.clock.now();
    const grant = policy === 'gated' ? verifyPlayToken(playToken, { streamId: id, keys, nowMs }) : undefined;
    if (policy === 'gated' && grant === undefined) return false;
    const [buckets, key] = grant === undefined ? [this.byAddress, address] : [this.byGrant, grant.grantId];
    if (buckets.look(key).waitSeconds > 0) return false;
    buckets.take(key);
    return true;
  }

  /** The last beacons are written too, where no further one comes and the instance still runs. */
  private async writeLater(streamId: StreamId, watched: Watched): Promise<void> {
    if (watched.isWaiting) return;
    watched.isWaiting = true;
    // A write since then puts it off, and one that failed leaves it.
    do {
      await this.deps.clock.sleep(this.writeEveryMs());
      this.writeDue();
    } while ((watched.heard.size > 0 || watched.isWriting) && this.watched.get(streamId) === watched);
    watched.isWaiting = false;
  }

  /** The same time and interval for all streams: to find them takes a look at each, for each one that is judged. */
  private dueNow(): (watched: Watched) => boolean {
    const before = this.deps.clock.now() - this.writeEveryMs();
    return ({ heard, writtenAt, isWriting }) => heard.size > 0 && !isWriting && writtenAt <= before;
  }

  /** Writes what is due of all streams, some at a time. No beacon waits for it, so one stream can take its time. */
  private writeDue(isDue = this.dueNow()): void {
    if (this.writes >= MAX_WRITES) return;
    const due = [...this.watched].filter(([, watched]) => isDue(watched));
    due.sort(([, one], [, other]) => one.writtenAt - other.writtenAt);
    for (const [id, watched] of due.slice(0, MAX_WRITES - this.writes)) void this.write(id, watched);
  }

  /** Writes what was heard; keeps it for the next time if that fails. */
  private async write(streamId: StreamId, watched: Watched): Promise<void> {
    const { clock, log } = this.deps;
    const { heard } = watched;
    Object.assign(watched, { heard: new ViewingSample(heard.level), isWriting: true, writtenAt: clock.now() });
    this.writes += 1;
    try {
      await this.join(streamId, watched, heard);
    } catch (error) {
      for (const viewing of watched.heard) heard.add(viewing);
      watched.heard = heard;
      log.warn('viewers_not_written', { streamId, viewings: heard.size, error });
    } finally {
      watched.isWriting = false;
      this.writes -= 1;
    }
    this.writeDue();
  }

  private async join(streamId: StreamId, watched: Watched, heard: ViewingSample): Promise<void> {
    const { audiences, clock, streamStore } = this.deps;
    // Read again: a stream that was deleted meanwhile gets no audience any more.
    const stream = await streamStore.getStream(streamId);
    Object.assign(watched, { stream: Promise.resolve(stream), readAt: clock.now() });
    const broadcastId = stream?.session?.broadcastId;
    if (broadcastId === undefined) return;
    const nowMs = clock.now();
    watched.viewers = await audiences.change(streamId, (found) => {
      const before = found?.broadcastId === broadcastId ? found : emptyAudience(streamId, broadcastId);
      const { audience, viewers } = withHeard(before, heard, nowMs);
      return { audience, result: viewers };
    });
  }
}

const isOnAir = (stream: Stream): boolean =>
  stream.suspended === undefined && stream.session !== undefined && isBroadcastOpen(stream, stream.session);
