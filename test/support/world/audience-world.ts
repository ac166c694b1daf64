import { jsonLog } from '../../../functions/adapters/log';
import { memoryAudienceStore } from '../../../functions/adapters/memory/audience-store';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { ViewerCount } from '../../../functions/app/viewers/viewer-count';
import type { Beacon } from '../../../functions/contract/api/viewers';
import { sampleOf, viewersOf, watchedSeconds } from '../../../functions/core/viewers/audience';
import type { AudienceStore } from '../../../functions/ports/stores';
import { ViewingBeacon } from '../../../web/watch/viewing-beacon';
import { manualClock } from '../manual-clock';
import { broadcastOf, publishedStream, STREAM_ID } from '../streams';

const ADDRESSES = 50;
const LATE_SECONDS = 20;
/** The seconds of one step. */
export const STEP_SECONDS = 3;

/** Makes numbers from 0 to 1 that are the same for a seed (a linear congruential generator). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Viewer {
  beacon: ViewingBeacon;
  leavesAt: number;
}

/** The conditions of a run. Shares from 0 to 1. */
export interface AudienceConditions {
  viewers: number;
  seed: number;
  lost: number;
  doubled: number;
  instances: number;
}

/**
 * Viewers who come, watch from three to fifteen minutes, and go; the players' own beacons, over a network that loses
 * requests or their answers, doubles some and delivers them late, to any of several instances.
 */
export class AudienceWorld {
  readonly clock = manualClock();
  readonly audiences = memoryAudienceStore();
  /** Beacons that players sent, writes of the audience, and the seconds truly played. */
  sent = 0;
  writes = 0;
  played = 0;
  private readonly random: () => number;
  private readonly instances: ViewerCount[] = [];
  private viewers: Viewer[] = [];
  private late: { at: number; beacon: Beacon }[] = [];
  private names = 0;

  constructor(private readonly conditions: AudienceConditions) {
    this.random = seeded(conditions.seed);
  }

  async open(): Promise<void> {
    const { clock } = this;
    const audiences: AudienceStore = {
      ...this.audiences,
      change: (id, decide) => {
        this.writes += 1;
        return this.audiences.change(id, decide);
      },
    };
    const streamStore = memoryStreamStore();
    await streamStore.createStream(publishedStream({ startedAt: clock.now() }, { unfinished: [broadcastOf()] }));
    const log = jsonLog(() => undefined);
    for (let at = 0; at < this.conditions.instances; at += 1)
      this.instances.push(
        new ViewerCount({ audiences, streamStore, clock, log, tokenKeys: [], viewingSecret: 'of the world' }),
      );
  }

  /** Lets some seconds pass. For each viewer who leaves another one comes. */
  async pass(): Promise<void> {
    const now = this.clock.now();
    for (const viewer of this.viewers) if (now >= viewer.leavesAt) viewer.beacon.leave();
    this.viewers = this.viewers.filter(({ leavesAt }) => now < leavesAt);
    while (this.viewers.length < this.conditions.viewers) this.viewers.push(this.viewer(now));
    for (const { beacon } of this.viewers) beacon.look({ picture: 'moves', way: 'hls' });
    const due = this.late.filter(({ at }) => at <= now);
    this.late = this.late.filter(({ at }) => at > now);
    await Promise.all(due.map(({ beacon }) => this.arrive(beacon)));
    this.played += this.viewers.length * STEP_SECONDS;
    await this.clock.advance(STEP_SECONDS * 1000);
  }

  /** The viewers now, and the minutes watched, as the API tells them. */
  async counted(): Promise<{ viewers: number; minutes: number }> {
    const audience = await this.audiences.get(STREAM_ID);
    if (audience === undefined) return { viewers: 0, minutes: 0 };
    const sample = sampleOf(audience);
    const now = this.clock.now();
    return { viewers: viewersOf(sample, now).all, minutes: watchedSeconds(audience, sample, now) / 60 };
  }

  private viewer(now: number): Viewer {
    const name = () => {
      this.names += 1;
      return `viewing${String(this.names).padStart(12, '0')}`;
    };
    const send = (beacon: Omit<Beacon, 'playToken'>) => this.send(beacon);
    const { random, clock } = this;
    return {
      beacon: new ViewingBeacon({ send, random, name, now: clock.now }),
      leavesAt: now + (3 + 12 * this.random()) * 60_000,
    };
  }

  /** Half of what is lost arrives, and only its answer does not. */
  private async send(beacon: Beacon): Promise<{ nextSeconds: number } | undefined> {
    const { lost, doubled } = this.conditions;
    this.sent += 1;
    const fate = this.random();
    if (this.random() < doubled) this.late.push({ at: this.clock.now() + this.random() * LATE_SECONDS * 1000, beacon });
    if (fate < lost / 2) return undefined;
    const answer = await this.arrive(beacon);
    return fate < lost ? undefined : answer;
  }

  private arrive(beacon: Beacon): Promise<{ nextSeconds: number } | undefined> {
    const instance = this.instances[Math.floor(this.random() * this.instances.length)];
    const address = `192.0.2.${Math.floor(this.random() * ADDRESSES)}`;
    return instance?.take(STREAM_ID, beacon, address) ?? Promise.resolve(undefined);
  }
}
