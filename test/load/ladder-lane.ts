import { boxAt } from '../../functions/core/packaging/boxes';
import { checkPlaylist, checkSuccession, checkVariants } from '../../scripts/tools/check-hls/rules';
import { samplesOf } from '../support/fragment-samples';
import { checkMpd, checkMpdUpdate } from '../support/iso23009';

/** A segment as a viewer finds it: when it was first listed, and where it lies. Times in ms since the epoch. */
export interface Listed {
  uri: string;
  map: string | undefined;
  startMs: number;
  durationMs: number;
  seenMs: number;
}

const attribute = (text: string, name: string): string | undefined =>
  new RegExp(`^#${name}:(.*)$`, 'm').exec(text)?.[1];

/** The segments of a media playlist, gaps left out. */
function listedIn(text: string, seenMs: number): Listed[] {
  const found: Listed[] = [];
  let startMs = 0;
  let durationMs = 0;
  let isGap = false;
  let map = undefined as string | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) startMs = Date.parse(line.slice(25));
    else if (line.startsWith('#EXTINF:')) durationMs = Number.parseFloat(line.slice(8)) * 1000;
    else if (line.startsWith('#EXT-X-MAP:')) map = /URI="([^"]*)"/.exec(line)?.[1];
    else if (line === '#EXT-X-GAP') isGap = true;
    else if (line !== '' && !line.startsWith('#')) {
      if (!isGap) found.push({ uri: line, map, startMs, durationMs, seenMs });
      startMs = startMs + durationMs;
      isGap = false;
    }
  }
  return found;
}

/** One playlist or MPD through all its versions: what it listed and when, and every broken rule. */
export class Lane {
  readonly listed = new Map<string, Listed>();
  readonly problems: string[] = [];
  versions = 0;
  gaps = 0;
  private text = '';

  constructor(
    readonly name: string,
    private readonly kind: 'index' | 'media' | 'mpd',
  ) {}

  take(text: string, nowMs: number): void {
    if (text === this.text) return;
    const before = this.text;
    this.text = text;
    this.versions += 1;
    const found =
      this.kind === 'mpd'
        ? [...checkMpd(text), ...(before === '' ? [] : checkMpdUpdate(before, text))]
        : [...checkPlaylist(text), ...(before === '' || this.kind === 'index' ? [] : checkSuccession(before, text))];
    this.problems.push(...found.map(({ clause, message }) => `${this.name}: ${clause}: ${message}`));
    this.gaps = Math.max(this.gaps, text.split('#EXT-X-GAP').length - 1);
    for (const each of listedIn(text, nowMs)) if (!this.listed.has(each.uri)) this.listed.set(each.uri, each);
  }

  get newest(): string {
    return this.text;
  }

  /** Numbers that were never listed between the first and the last. */
  missing(): number {
    const numbers = [...this.listed.keys()].map((uri) => Number(/(\d+)\.\w+$/.exec(uri)?.[1]));
    return numbers.length === 0 ? 0 : Math.max(...numbers) - Math.min(...numbers) + 1 - numbers.length;
  }
}

/** The broken rules between the playlists of one multivariant playlist, as they stand now. */
export const betweenVariants = (lanes: readonly Lane[]): string[] =>
  checkVariants(lanes.map(({ newest }) => newest)).map(({ clause, message }) => `variants: ${clause}: ${message}`);

/** The target duration that a playlist says. */
export const targetOf = (text: string): number => Number(attribute(text, 'EXT-X-TARGETDURATION'));

/** The times at which the first and the last picture of a fragment are shown, in ticks, their number, its keyframes. */
export function cutOf(init: Uint8Array, fragment: Uint8Array) {
  const samples = samplesOf(init, fragment);
  const shown = samples.map(({ presentation }) => presentation).toSorted((a, b) => a - b);
  if (boxAt(init, ['moov']) === undefined) throw new Error('no init segment');
  const keyframes = samples.filter(({ isSync }) => isSync).map(({ presentation }) => presentation);
  return { first: shown[0], last: shown.at(-1), pictures: samples.length, keyframes };
}
