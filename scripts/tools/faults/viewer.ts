import { setTimeout as sleep } from 'node:timers/promises';
import { Follower, type SeenFinding } from '../check-hls/follow';
import { type Answer, type HlsReader, reader } from '../check-hls/read';
import { isMultivariant, readLines, tagsNamed } from '../check-hls/rules/lines';
import { durationOf } from '../check-hls/rules/media';
import { type Arrival, stallSeconds } from './playback';

/** The distance at which hls.js begins: three segments behind the newest. */
const BEHIND = 3;
const ANSWER_MS = 4000;
const POLL_INTERVAL_MS = 500;
/** Three target durations: the distance from the end of a live playlist at which RFC 8216 lets a player start. */
const FRESH_MS = 6000;

/**
 * A viewer through the edge: the findings of the checker of `npm run check-hls`, and the media that a player would
 * have.
 */
export class LiveViewer {
  private readonly follower: Follower;
  private readonly seconds = new Map<string, number>();
  private readonly arrivals: Arrival[] = [];
  private readonly had = new Set<string>();
  private playFrom: ReadonlySet<string> | undefined;
  private edgeMs = 0;
  private breaks = 0;
  private running = true;
  private readonly loop: Promise<void>;

  constructor(hls: string) {
    const read = reader(hls, {}, ANSWER_MS);
    const listening: HlsReader = async (url, kind) => {
      const answer = await read(url, kind);
      if (answer.status === 200 && kind === 'playlist') this.playlist(answer);
      else if (answer.status === 200) this.media(url);
      return answer;
    };
    this.follower = new Follower(hls, { read: listening, nowMs: Date.now, withMedia: true });
    this.loop = this.run();
  }

  /** Distinct segments named so far. */
  get listed(): number {
    return this.seconds.size;
  }

  /** Returns the number of segments that arrived whole. */
  get played(): number {
    return this.had.size;
  }

  /** Discontinuities of the newest playlist. */
  get discontinuities(): number {
    return this.breaks;
  }

  get stallSeconds(): number {
    return stallSeconds(this.arrivals, Date.now());
  }

  /** Tells whether the newest named segment ended a moment ago. */
  get isFresh(): boolean {
    return Date.now() - this.edgeMs <= FRESH_MS;
  }

  /** Returns the rules that were broken by a text, not by a missing or late answer. */
  get broken(): readonly SeenFinding[] {
    return this.follower.broken.filter(({ kind }) => kind === 'rule');
  }

  /** Returns the number of requests without a whole answer. */
  get unanswered(): number {
    return this.follower.broken.filter(({ kind }) => kind === 'unanswered').reduce((sum, { times }) => sum + times, 0);
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.loop;
  }

  private async run(): Promise<void> {
    while (this.running) {
      await this.follower.look();
      await sleep(POLL_INTERVAL_MS);
    }
  }

  private playlist({ text, url }: Answer): void {
    const lines = readLines(text);
    if (isMultivariant(lines)) return;
    const listed = lines.uris.flatMap((segment) =>
      URL.canParse(segment.uri, url) ? [[new URL(segment.uri, url).href, durationOf(segment) ?? 0] as const] : [],
    );
    for (const [uri, seconds] of listed) this.seconds.set(uri, seconds);
    this.playFrom ??= new Set(listed.slice(0, -BEHIND).map(([uri]) => uri));
    this.breaks = Math.max(this.breaks, tagsNamed(lines, 'EXT-X-DISCONTINUITY').length);
    const date = Date.parse(tagsNamed(lines, 'EXT-X-PROGRAM-DATE-TIME').at(-1)?.value ?? '');
    const last = lines.uris.findLastIndex(({ tags }) => tags.some(({ name }) => name === 'EXT-X-PROGRAM-DATE-TIME'));
    const after = listed.slice(last).reduce((sum, [, seconds]) => sum + seconds, 0);
    if (Number.isFinite(date)) this.edgeMs = date + after * 1000;
  }

  private media(url: string): void {
    if (this.had.has(url)) return;
    this.had.add(url);
    if (this.playFrom?.has(url) === true) return;
    this.arrivals.push({ atMs: Date.now(), seconds: this.seconds.get(url) ?? 0 });
  }
}
