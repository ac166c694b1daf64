import type { MemoryEntry, MemoryObjectStore } from '../../../functions/adapters/memory/object-store';
import { checkPlaylist, checkSuccession, checkVariants } from '../../../scripts/tools/check-hls/rules';
import { messageIn } from './encoder-model';

/** A broken invariant of delivery: its number in docs/ARCHITECTURE.md#invariants, the object and what was seen. */
export interface Violation {
  invariant: 1 | 2 | 3 | 4 | 5 | 6 | 8;
  name: string;
  message: string;
}

export interface Oracle {
  /** To be called at the instant of every write to the delivery bucket. */
  onWrite(entry: MemoryEntry, before: MemoryEntry | undefined): void;
  /** To be called when the news of a session playlist was taken: the final one has ended its live playlist. */
  onTaken(source: MemoryEntry): void;
  /** To be called at the instant an object of it is gone. */
  onRemove(name: string): void;
  readonly violations: readonly Violation[];
  /** Every segment a live playlist ever named, by number. */
  history(name: string): readonly string[];
}

const PLAYLIST = 'public, max-age=1, s-maxage=1';
const RECORDING = 'public, max-age=86400';
const SEGMENT = 'public, max-age=86400, immutable';
const finalHeader = (name: string): string =>
  name.endsWith('.ts') ? SEGMENT : name.includes('/recording-') ? RECORDING : PLAYLIST;
const isLive = (name: string): boolean =>
  /^(open|gated)\/p\/[^/]+\/b[^/]+\/[a-z0-9]+\.m3u8$/.test(name) && !name.endsWith('/recording.m3u8');
const isIndex = (name: string): boolean => name.endsWith('/index.m3u8');
const uris = (text: string): string[] => text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
const tag = (text: string, name: string): number => Number(new RegExp(`^#${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0);
const ended = (text: string): boolean => text.includes('#EXT-X-ENDLIST');

/**
 * Judges what a reader of the delivery bucket could see, at every instant: invariants 1, 2, 4, 6 and 8. 3 and 5 are
 * judged at the end.
 */
export function oracle(bucket: () => MemoryObjectStore): Oracle {
  const violations: Violation[] = [];
  const named = new Map<string, string[]>();
  const contents = new Map<string, string>();
  /** Playlists there are now. */
  const playlists = new Map<string, string>();
  const report = (invariant: Violation['invariant'], name: string, message: string) =>
    violations.push({ invariant, name, message });

  const segmentsExist = (name: string, text: string) => {
    for (const uri of uris(text)) {
      const target = bucket().entry(uri.replace(/^\//, ''));
      if (target === undefined) report(1, name, `names ${uri}, which is not there`);
      else if (target.cacheControl !== finalHeader(target.name))
        report(1, name, `names ${uri}, whose headers are not final`);
    }
  };

  const numbersKeepSegments = (name: string, text: string) => {
    const history = named.get(name) ?? [];
    const first = tag(text, 'EXT-X-MEDIA-SEQUENCE');
    uris(text).forEach((uri, index) => {
      const number = first + index;
      const known = history[number];
      if (known !== undefined && known !== uri) report(2, name, `number ${number} was ${known}, now ${uri}`);
      const earlier = history.indexOf(uri);
      if (earlier >= 0 && earlier !== number) report(2, name, `${uri} has number ${number}, had ${earlier}`);
      history[number] = uri;
    });
    named.set(name, history);
  };

  const successor = (name: string, before: string, after: string) => {
    if (ended(before)) report(6, name, 'written again after its ENDLIST');
    for (const { clause, message } of checkSuccession(before, after)) {
      // The one named exception: a segment longer than the first two foretold.
      if (clause === '6.2.1' && tag(after, 'EXT-X-TARGETDURATION') > tag(before, 'EXT-X-TARGETDURATION')) continue;
      report(2, name, message);
    }
  };

  /**
   * A segment that is shown has its message, once. One whose segment has left may stay in a live playlist while the
   * dates of a session that took over cover its moment; a recording has none but those of its segments.
   */
  const messagesOfSegments = (name: string, text: string) => {
    const said = [...text.matchAll(/^#EXT-X-DATERANGE:ID="([^"]+)"/gm)].map(([, id = '']) => id);
    const due = uris(text).flatMap((uri) => {
      const [, sessionId = '', number] = /\/([^/]+)\/source\/(\d+)\.ts$/.exec(uri) ?? [];
      return messageIn(sessionId, Number(number)) ?? [];
    });
    const missing = due.filter((id) => !said.includes(id));
    const more = isLive(name) ? [] : said.filter((id) => !due.includes(id));
    if (missing.length > 0) report(3, name, `lacks the messages ${missing} of its segments`);
    if (more.length > 0) report(3, name, `has messages of segments that it lacks: ${more}`);
    if (new Set(said).size < said.length) report(3, name, `says a message twice: ${said}`);
  };

  return {
    violations,
    history: (name) => named.get(name) ?? [],
    onTaken({ name, metadata }) {
      if (metadata.final !== 'true') return;
      const live = [...playlists].find(([path]) => isLive(path) && path.includes(`/${metadata.broadcast}/`));
      if (live !== undefined && !ended(live[1])) report(6, live[0], `has no ENDLIST, though ${name} is final`);
    },
    onRemove(name) {
      playlists.delete(name);
      for (const [playlist, text] of playlists)
        if (uris(text).includes(`/${name}`)) report(1, playlist, `names ${name}, which was removed`);
    },
    onWrite(entry, before) {
      const { name } = entry;
      const text = entry.content.toString('utf8');
      if (before !== undefined && entry.updatedAt - before.updatedAt < 1000)
        report(4, name, 'written twice in a second');
      if (name.endsWith('.ts')) {
        const bytes = entry.content.toString('base64');
        if (contents.has(name) && contents.get(name) !== bytes) report(2, name, 'has other bytes than before');
        contents.set(name, bytes);
        return;
      }
      playlists.set(name, text);
      for (const { clause, message } of checkPlaylist(text)) report(8, name, `rfc8216bis ${clause}: ${message}`);
      segmentsExist(name, text);
      messagesOfSegments(name, text);
      if (isIndex(name)) {
        const variants = uris(text).flatMap((uri) => bucket().entry(uri.slice(1))?.content.toString('utf8') ?? []);
        for (const { message } of checkVariants(variants)) report(8, name, `rfc8216bis 6.2.4: ${message}`);
      }
      if (!isLive(name)) return;
      numbersKeepSegments(name, text);
      if (before !== undefined) successor(name, before.content.toString('utf8'), text);
    },
  };
}
