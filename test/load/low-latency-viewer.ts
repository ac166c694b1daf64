import { setTimeout as sleep } from 'node:timers/promises';
import { urisOf } from '../support/platform/viewer';

/** Requests of all viewers: how many, how many of them the cache had to ask the node for, and what went wrong. */
export interface Asked {
  requests: number;
  /** Requests that went through to the node, by kind. */
  readonly filled: { playlist: number; media: number };
  /** Versions of the playlist that were seen. */
  readonly versions: Set<string>;
  readonly statuses: Map<number, number>;
}

export const nothingAsked = (): Asked => ({
  requests: 0,
  filled: { playlist: 0, media: 0 },
  versions: new Set<string>(),
  statuses: new Map<number, number>(),
});

interface Newest {
  readonly msn: number;
  readonly part: number;
  readonly uri: string | undefined;
}

/** A viewer of low latency without a screen: asks for the next part of the playlist, then loads it, as hls.js does. */
export async function follow(index: string, asked: Asked, over: AbortSignal): Promise<void> {
  const ask = async (url: URL, kind: keyof Asked['filled']): Promise<string> => {
    const answer = await fetch(url, { signal: over });
    const text = await answer.text();
    asked.requests += 1;
    asked.statuses.set(answer.status, (asked.statuses.get(answer.status) ?? 0) + 1);
    if (answer.headers.get('x-cache') !== 'HIT') asked.filled[kind] += 1;
    return answer.ok ? text : '';
  };
  const [uri = ''] = urisOf(await ask(new URL(index), 'playlist'));
  const playlist = new URL(uri, index);
  let newest = newestOf(await ask(playlist, 'playlist'));
  while (!over.aborted) {
    const next = new URL(playlist);
    next.search = `_HLS_msn=${newest.msn}&_HLS_part=${newest.part}`;
    const text = await ask(next, 'playlist');
    if (text === '') await sleep(500);
    else {
      newest = newestOf(text);
      asked.versions.add(`${newest.msn}.${newest.part}`);
      if (newest.uri !== undefined) await ask(new URL(newest.uri, playlist), 'media');
    }
  }
}

/** The place that follows the newest part of a playlist, and that part. */
function newestOf(text: string): Newest {
  const first = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(text)?.[1] ?? 0);
  const tail = text.slice(text.lastIndexOf('\n#EXTINF') + 1);
  const parts = [...tail.matchAll(/^#EXT-X-PART:.*URI="([^"]+)"/gm)].map(([, uri]) => uri);
  const all = [...text.matchAll(/^#EXT-X-PART:.*URI="([^"]+)"/gm)].map(([, uri]) => uri);
  return { msn: first + urisOf(text).length, part: parts.length, uri: all.at(-1) };
}
