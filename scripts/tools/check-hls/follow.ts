import type { Answer, HlsReader } from './read';
import { checkPlaylist, checkSuccession, checkVariants, type RuleFinding } from './rules';
import { attributes, isMultivariant, type Lines, readLines, tagsNamed, unquoted } from './rules/lines';
import { durationOf, targetDurationOf } from './rules/media';

/**
 * A broken rule at a URL, and how often it was seen. `atMs` is the first time, in the clock's milliseconds. `kind`
 * separates a wrong text (`rule`) from an answer that was late (`late`) or missing (`unanswered`).
 */
export interface SeenFinding extends RuleFinding {
  readonly url: string;
  readonly kind: 'rule' | 'late' | 'unanswered';
  readonly atMs: number;
  times: number;
}

interface FollowedVariant {
  readonly url: string;
  /**
   * Bits a second its STREAM-INF promises at most; `undefined` where other renditions add to it, or nothing is
   * promised.
   */
  readonly bandwidth: number | undefined;
}

interface HeldPlaylist {
  readonly variant: FollowedVariant;
  text: string;
  /** The time when this version was first seen. */
  sinceMs: number;
  /** True once the delay of the next version was reported. */
  isLate: boolean;
}

/**
 * The most by which a segment may exceed BANDWIDTH, the peak of 4.4.6.2 over at least half a target duration: rounding
 * is left to an encoder.
 */
const BANDWIDTH_SLACK = 1.1;
/** 6.2.1: a live playlist has a new segment within one and a half target durations. */
const LATE = 1.5;
const PLAYLIST_TYPES =
  /^(application\/vnd\.apple\.mpegurl|audio\/mpegurl|application\/x-mpegurl|audio\/x-mpegurl)(;|$)/i;

const isLive = (lines: Lines): boolean => tagsNamed(lines, 'EXT-X-ENDLIST').length === 0;

/** Follows a URL: its multivariant playlist and the media playlists of it, read again at each `look`. */
export class Follower {
  private readonly findings = new Map<string, SeenFinding>();
  private readonly playlists = new Map<string, HeldPlaylist>();
  private readonly media = new Set<string>();
  private looks = 0;

  constructor(
    private readonly url: string,
    private readonly tools: { readonly read: HlsReader; readonly nowMs: () => number; readonly withMedia: boolean },
  ) {}

  /** Returns the broken rules so far, in the order they were first seen. */
  get broken(): readonly SeenFinding[] {
    return [...this.findings.values()];
  }

  get counts(): { readonly playlists: number; readonly segments: number; readonly looks: number } {
    return { playlists: this.playlists.size, segments: this.media.size, looks: this.looks };
  }

  /** Milliseconds until another look can show anything new; `undefined` when all playlists are complete. */
  get nextLookMs(): number | undefined {
    const live = [...this.playlists.values()].map(({ text }) => readLines(text)).filter(isLive);
    const targets = live.map(targetDurationOf).filter((seconds) => seconds > 0);
    return live.length === 0 ? undefined : Math.min(5, ...targets) * 500;
  }

  /** Reads everything once and judges it. Returns whether there was a playlist at the URL at all. */
  async look(): Promise<boolean> {
    const index = await this.playlist(this.url);
    if (index === undefined) return false;
    this.looks += 1;
    const lines = readLines(index.text);
    if (!isMultivariant(lines)) {
      await this.version({ url: this.url, bandwidth: undefined }, index);
      return true;
    }
    this.add(index.url, checkPlaylist(index.text));
    const texts: string[] = [];
    for (const variant of variantsOf(lines, index.url)) {
      const answer = await this.playlist(variant.url);
      if (answer === undefined) continue;
      texts.push(answer.text);
      await this.version(variant, answer);
    }
    this.add(index.url, checkVariants(texts));
    return true;
  }

  private async playlist(url: string): Promise<Answer | undefined> {
    const answer = await this.answer(url, 'playlist');
    if (answer === undefined) return undefined;
    const isNamed = PLAYLIST_TYPES.test(answer.contentType) || /\.m3u8?$/.test(new URL(answer.url).pathname);
    if (!isNamed)
      this.add(url, [
        { clause: '4', line: 0, message: `neither the path nor '${answer.contentType}' says that this is a playlist` },
      ]);
    return answer;
  }

  /** Returns a whole answer with status 200; any other is a finding. */
  private async answer(url: string, kind: 'playlist' | 'media'): Promise<Answer | undefined> {
    try {
      const answer = await this.tools.read(url, kind);
      if (answer.status === 200) return answer;
      this.add(url, [{ clause: '6.2.1', line: 0, message: `answers ${answer.status}` }], 'unanswered');
    } catch (error) {
      this.add(url, [{ clause: '6.2.1', line: 0, message: `does not answer: ${reasonOf(error)}` }], 'unanswered');
    }
    return undefined;
  }

  private async version(variant: FollowedVariant, { text, url: base }: Answer): Promise<void> {
    const held = this.playlists.get(variant.url);
    const now = this.tools.nowMs();
    if (held?.text === text) return this.unchanged(held, now);
    this.add(variant.url, [...checkPlaylist(text), ...(held === undefined ? [] : checkSuccession(held.text, text))]);
    this.playlists.set(variant.url, { variant, text, sinceMs: now, isLate: false });
    if (this.tools.withMedia) await this.segments(variant, readLines(text), base);
  }

  private unchanged(held: HeldPlaylist, now: number): void {
    const lines = readLines(held.text);
    const seconds = (now - held.sinceMs) / 1000;
    const most = LATE * targetDurationOf(lines);
    if (held.isLate || !isLive(lines) || !(seconds > most)) return;
    held.isLate = true;
    const message = `no new segment for ${seconds.toFixed(1)} s, more than ${most} s (1.5 target durations)`;
    this.add(held.variant.url, [{ clause: '6.2.1', line: 0, message }], 'late');
  }

  /** Reads each new segment and init section: it must exist, and must not exceed the bandwidth of its variant. */
  private async segments(variant: FollowedVariant, lines: Lines, base: string): Promise<void> {
    const least = targetDurationOf(lines) / 2;
    for (const { uri, line, tags, durationSeconds } of listed(lines)) {
      const url = absolute(uri, base);
      if (url === undefined) {
        this.add(variant.url, [{ clause: '4.1', line, message: `'${uri}' is not a URI` }]);
        continue;
      }
      if (this.media.has(url) || tags.some(({ name }) => name === 'EXT-X-BYTERANGE' || name === 'EXT-X-GAP')) continue;
      this.media.add(url);
      const answer = await this.answer(url, 'media');
      // A player tries again, too.
      if (answer === undefined) this.media.delete(url);
      const bitrate = ((answer?.bytes ?? 0) * 8) / durationSeconds;
      if (
        variant.bandwidth === undefined ||
        durationSeconds < least ||
        !(bitrate > variant.bandwidth * BANDWIDTH_SLACK)
      )
        continue;
      const message = `${uri} has ${Math.round(bitrate)} bit/s, BANDWIDTH promises ${variant.bandwidth} at most`;
      this.add(variant.url, [{ clause: '4.4.6.2', line, message }]);
    }
  }

  private add(url: string, found: readonly RuleFinding[], kind: SeenFinding['kind'] = 'rule'): void {
    for (const finding of found) {
      const key = [url, finding.clause, finding.message].join('\n');
      const known = this.findings.get(key);
      if (known === undefined) this.findings.set(key, { ...finding, url, kind, atMs: this.tools.nowMs(), times: 1 });
      else known.times += 1;
    }
  }
}

/** Returns the media that a playlist names: its segments, and its init sections as media without a duration. */
const listed = (lines: Lines) => [
  ...tagsNamed(lines, 'EXT-X-MAP')
    .map(({ line, value }) => ({ line, list: attributes(value) }))
    .filter(({ list }) => list?.has('URI') && !list.has('BYTERANGE'))
    .map(({ line, list }) => ({ line, uri: unquoted(list?.get('URI')) ?? '', tags: [], durationSeconds: Number.NaN })),
  ...lines.uris.map((segment) => ({ ...segment, durationSeconds: durationOf(segment) ?? Number.NaN })),
];

const absolute = (uri: string, base: string): string | undefined =>
  URL.canParse(uri, base) ? new URL(uri, base).href : undefined;

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
};

/** Returns the media playlists that a multivariant playlist names, each once. */
function variantsOf(lines: Lines, base: string): FollowedVariant[] {
  const named: FollowedVariant[] = [];
  const add = (uri: string | undefined, bandwidth: number | undefined): void => {
    const url = uri === undefined ? undefined : absolute(uri, base);
    if (url !== undefined && !named.some((variant) => variant.url === url)) named.push({ url, bandwidth });
  };
  for (const { uri, tags } of lines.uris) {
    const list = attributes(tags.findLast(({ name }) => name === 'EXT-X-STREAM-INF')?.value ?? '');
    const bandwidth = Number(list?.get('BANDWIDTH') ?? Number.NaN);
    const isAlone = ['AUDIO', 'VIDEO', 'SUBTITLES'].every((group) => list?.has(group) !== true);
    add(uri, isAlone && bandwidth > 0 ? bandwidth : undefined);
  }
  for (const name of ['EXT-X-MEDIA', 'EXT-X-I-FRAME-STREAM-INF'])
    for (const { value } of tagsNamed(lines, name)) add(unquoted(attributes(value)?.get('URI')), undefined);
  return named;
}
