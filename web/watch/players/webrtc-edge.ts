import type { WayToPlay } from '../../../functions/contract/api/playback';

/** The delays between questions while a picture stands: short ones, then longer ones. In milliseconds. */
const ASK_EVERY_MS = [0, 1000, 1000, 1000, 1000, 5000];
/** Viewers of one edge ask one after the other: each waits up to this much longer. */
const SPREAD_MS = 300;

export interface WebRtcEdgeOptions {
  /** Asks the API for WebRTC now, for a viewer of `edge`, if any; `undefined` when there is no answer. */
  readonly find: (edge: string | undefined) => Promise<WayToPlay | undefined>;
  /** Milliseconds of any clock. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Path and query of the WHEP endpoint that the API names. */
const pathOf = (url: string): string => {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
};

/** Knows the edge that plays by WebRTC, and notices that the API names another place when that edge dies. */
export class WebRtcEdge {
  private current: { readonly path: string; readonly edge: string | undefined } | undefined;
  private next: WayToPlay | undefined;
  private asks = 0;
  private askAt: number | undefined;
  private isAsking = false;

  constructor(private readonly options: WebRtcEdgeOptions) {}

  /** Path and query to begin with, or `undefined` where the API names none; `closed`: its word that there is no way. */
  async choose(): Promise<{ path?: string; closed?: Extract<WayToPlay, { open: false }> }> {
    const way = this.next ?? (await this.options.find(undefined));
    this.next = undefined;
    this.current = way?.open === true ? { path: pathOf(way.url), edge: way.edge } : undefined;
    if (way?.open === false) return { closed: way };
    return this.current === undefined ? {} : { path: this.current.path };
  }

  /** Notes that the picture moves. */
  carries(): void {
    this.next = undefined;
    this.asks = 0;
    this.askAt = undefined;
  }

  /**
   * Returns whether the API names another place than the edge whose picture stands; asks only when it is time. Without
   * an edge there is no other place.
   */
  async isElsewhere(): Promise<boolean> {
    const { options, current } = this;
    if (current?.edge === undefined || this.isAsking) return false;
    this.askAt ??= options.now() + this.wait();
    if (options.now() < this.askAt) return false;
    this.isAsking = true;
    try {
      const way = await options.find(current.edge);
      if (way?.open === true && way.edge !== current.edge) this.next = way;
      // The picture stands because nothing is published, and not because of this edge: nothing is urgent.
      if (way?.open === false) this.asks = ASK_EVERY_MS.length;
      return this.next !== undefined;
    } finally {
      this.isAsking = false;
      this.asks += 1;
      this.askAt = options.now() + this.wait();
    }
  }

  /** Returns the milliseconds until the next question. */
  private wait(): number {
    const ms = ASK_EVERY_MS[Math.min(this.asks, ASK_EVERY_MS.length - 1)] ?? 0;
    return ms + SPREAD_MS * this.options.random();
  }
}
