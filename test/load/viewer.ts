import { setTimeout as sleep } from 'node:timers/promises';
import { checkPlaylist, checkSuccession, checkVariants } from '../../scripts/tools/check-hls/rules';
import { get, tagOf, urisOf } from '../support/platform/viewer';

/**
 * The findings of one viewer: sentences, empty is right. `last`: the newest number it saw; -1 for nothing to play.
 * `unanswered`: requests whose connection broke, which a player sends again.
 */
export interface Viewed {
  problems: string[];
  looks: number;
  unanswered: number;
  last: number;
}

/** A viewer of one stream: every playlist it is given is checked by RFC 8216, alone and against the one before. */
export class LoadViewer {
  readonly viewed: Viewed = { problems: [], looks: 0, unanswered: 0, last: -1 };
  private before: string | undefined;

  constructor(private readonly hls: string) {}

  async look(): Promise<void> {
    try {
      await this.read();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.viewed.unanswered += 1;
    }
  }

  private async read(): Promise<void> {
    const { problems } = this.viewed;
    const index = await get(this.hls);
    const [variant] = index === undefined ? [] : urisOf(index.text);
    if (index === undefined || variant === undefined) return;
    const playlist = await get(new URL(variant, this.hls).href);
    if (playlist === undefined) return void problems.push(`${variant} is named and not there`);
    const { text } = playlist;
    this.viewed.looks += 1;
    if (text === this.before) return;
    const found = [
      ...checkPlaylist(index.text),
      ...checkPlaylist(text),
      ...checkVariants([text]),
      ...(this.before === undefined ? [] : checkSuccession(this.before, text)),
    ];
    problems.push(
      ...found.map(({ clause, message }) => `${variant}: rfc8216bis ${clause}: ${message}`),
      ...holes(variant, text),
    );
    this.viewed.last = tagOf(text, 'EXT-X-MEDIA-SEQUENCE') + urisOf(text).length - 1;
    this.before = text;
  }

  /** Every segment of the newest playlist can be had. */
  async fetchAll(): Promise<void> {
    for (const uri of urisOf(this.before ?? '')) {
      const answer = await fetch(new URL(uri, this.hls));
      const { byteLength } = await answer.arrayBuffer();
      if (answer.status !== 200 || byteLength === 0)
        this.viewed.problems.push(`${uri}: ${answer.status}, ${byteLength} bytes`);
    }
  }
}

/** Finds gaps: in one session the segments' own numbers follow each other, and are the media sequence. */
function holes(variant: string, text: string): string[] {
  const first = tagOf(text, 'EXT-X-MEDIA-SEQUENCE');
  return urisOf(text).flatMap((uri, at) => {
    const number = Number(/(\d+)\.ts$/.exec(uri)?.[1]);
    return number === first + at ? [] : [`${variant}: number ${first + at} is segment ${number}`];
  });
}

/** Looks at each stream every `everyMs`, one after the other, until stopped. */
export function viewAll(streams: readonly { readonly hls: string }[], everyMs: number) {
  const viewers = streams.map(({ hls }) => new LoadViewer(hls));
  let wanted = true;
  const running = (async () => {
    for (let at = 0; wanted; at += 1) {
      await viewers[at % viewers.length]?.look();
      await sleep(everyMs / viewers.length);
    }
  })();
  return {
    async stop(): Promise<Viewed[]> {
      wanted = false;
      await running;
      for (const viewer of viewers) await viewer.look();
      for (const viewer of viewers) await viewer.fetchAll();
      return viewers.map(({ viewed }) => viewed);
    },
  };
}
