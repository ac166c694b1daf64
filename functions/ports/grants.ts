import type { Grant, GrantId } from '../contract/grants';
import type { StreamId } from '../contract/ids';

/** Playback grants by stream. Those that expired vanish some time after. */
export interface GrantStore {
  /**
   * False, and nothing is left behind, if with this one more than `max` grants of the stream were unexpired at `nowMs`.
   * However many ask at once, never more than `max` get theirs; near the limit some may be refused that a queue would
   * have let in.
   */
  add(grant: Grant, limit: { max: number; nowMs: number }): Promise<boolean>;
  /** Returns how many grants of an owner's streams are unexpired at `nowMs`. */
  countOfOwner(owner: string, nowMs: number): Promise<number>;
  /** Takes back one that was just made. */
  remove(streamId: StreamId, id: GrantId): Promise<void>;
  get(streamId: StreamId, id: GrantId): Promise<Grant | undefined>;
  /** One transaction; `decide` may run several times and must have no effect of its own. */
  change<T>(
    streamId: StreamId,
    id: GrantId,
    decide: (grant: Grant | undefined) => { grant?: Grant; result: T },
  ): Promise<T>;
}
