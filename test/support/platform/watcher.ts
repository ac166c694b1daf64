import { checkPlaylist, checkSuccession } from '../../../scripts/tools/check-hls/rules';
import { listedIn, MediaRules } from './media-rules';
import { get, pause, tagOf, urisOf } from './viewer';

/** A viewer that only reads: every version it saw of every media playlist, and everything wrong it saw. */
export interface Watcher {
  /** Problems so far, each a sentence; empty is right. */
  problems(): readonly string[];
  /** Every segment seen in this media playlist (URL path), by media sequence number. */
  segments(path: string): readonly string[];
  /** Seconds of every segment seen, by EXTINF. */
  durations(): readonly number[];
  /** Paths of the media playlists seen, oldest first. */
  playlists(): readonly string[];
  /** The newest text seen of a media playlist. */
  newest(path: string): string;
  stop(): Promise<void>;
}

interface Seen {
  text: string;
  segments: string[];
}

/** Follows an index through the edge, twice a second, until stopped. */
export function watch(hls: string): Watcher {
  const problems: string[] = [];
  const seen = new Map<string, Seen>();
  const fetched = new Set<string>();
  const durations = new Map<string, number>();
  let running = true;

  const rules = new Map<string, MediaRules>();

  const fetchNew = async (path: string, text: string) => {
    const held = rules.get(path) ?? new MediaRules();
    rules.set(path, held);
    for (const listed of listedIn(text)) {
      const { uri } = listed;
      const url = new URL(uri, hls).href;
      if (fetched.has(url)) continue;
      fetched.add(url);
      const response = await fetch(url);
      if (response.status !== 200) problems.push(`${path} names ${uri}, which answers ${response.status}`);
      const problemsOfMedia = held.next(listed, new Uint8Array(await response.arrayBuffer()), Date.now());
      problems.push(...problemsOfMedia.map((problem) => `${path}: ${problem}`));
    }
  };

  const take = async (path: string, text: string) => {
    const before = seen.get(path);
    if (before?.text === text) return;
    const findings = [...checkPlaylist(text), ...(before === undefined ? [] : checkSuccession(before.text, text))];
    problems.push(...findings.map(({ clause, message }) => `${path}: rfc8216bis ${clause}: ${message}`));
    const segments = before?.segments ?? [];
    urisOf(text).forEach((uri, index) => {
      const number = tagOf(text, 'EXT-X-MEDIA-SEQUENCE') + index;
      if (segments[number] !== undefined && segments[number] !== uri)
        problems.push(`${path}: number ${number} changed`);
      segments[number] = uri;
    });
    for (const [, length, uri = ''] of text.matchAll(/^#EXTINF:([\d.]+).*\n(?:#.*\n)*(\S+)/gm))
      durations.set(uri, Number(length));
    seen.set(path, { text, segments });
    await fetchNew(path, text);
  };

  const look = async () => {
    const index = await get(hls);
    if (index === undefined) return;
    problems.push(...checkPlaylist(index.text).map(({ clause, message }) => `index: rfc8216bis ${clause}: ${message}`));
    // A playlist the index has left is still somebody's: it is followed to its end.
    const paths = new Set([...seen.keys(), ...urisOf(index.text)]);
    for (const path of paths) {
      const playlist = await get(new URL(path, hls).href);
      if (playlist !== undefined) await take(path, playlist.text);
    }
  };

  const loop = (async () => {
    while (running) {
      await look().catch((error: unknown) => problems.push(`reading failed: ${String(error)}`));
      await pause(500);
    }
  })();

  return {
    problems: () => problems,
    segments: (path) => seen.get(path)?.segments ?? [],
    durations: () => [...durations.values()],
    playlists: () => [...seen.keys()],
    newest: (path) => seen.get(path)?.text ?? '',
    async stop() {
      running = false;
      await loop;
    },
  };
}
