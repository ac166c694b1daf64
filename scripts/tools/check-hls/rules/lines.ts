/** A broken rule: the clause of draft-pantos-hls-rfc8216bis, the line (from 1; 0 for the whole text) and the fault. */
export interface RuleFinding {
  clause: string;
  line: number;
  message: string;
}

export interface Tag {
  line: number;
  name: string;
  /** The text after the colon; '' without one. */
  value: string;
}

export interface PlaylistSegment {
  line: number;
  uri: string;
  /** The tags since the segment before it. */
  tags: Tag[];
}

/** A playlist cut into tags and URIs, with nothing judged. */
export interface Lines {
  text: string;
  raw: string[];
  tags: Tag[];
  uris: PlaylistSegment[];
}

/** Parses a playlist. It shares no code with the product's own parser, so that two readings of the RFC must agree. */
export function readLines(text: string): Lines {
  const raw = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const tags: Tag[] = [];
  const uris: PlaylistSegment[] = [];
  let pending: Tag[] = [];
  raw.forEach((content, index) => {
    const line = index + 1;
    if (content.startsWith('#EXT')) {
      const colon = content.indexOf(':');
      const tag = {
        line,
        name: content.slice(1, colon < 0 ? undefined : colon),
        value: colon < 0 ? '' : content.slice(colon + 1),
      };
      tags.push(tag);
      pending.push(tag);
    } else if (content.trim() !== '' && !content.startsWith('#')) {
      uris.push({ line, uri: content.trim(), tags: pending });
      pending = [];
    }
  });
  return { text, raw, tags, uris };
}

export const tagsNamed = (lines: Lines, name: string): Tag[] => lines.tags.filter((tag) => tag.name === name);

/**
 * Attributes of a tag (rfc8216bis 4.2), quotes kept; `undefined` if the list is malformed or names an attribute twice.
 */
export function attributes(value: string): Map<string, string> | undefined {
  const found = new Map<string, string>();
  const pattern = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s][^",]*)(,|$)/y;
  while (pattern.lastIndex < value.length) {
    const match = pattern.exec(value);
    const [, name, content, comma] = match ?? [];
    if (name === undefined || content === undefined || found.has(name)) return undefined;
    found.set(name, content);
    if (comma === ',' && pattern.lastIndex === value.length) return undefined;
  }
  return found.size === 0 ? undefined : found;
}

export const isMultivariant = (lines: Lines): boolean => lines.tags.some((tag) => MULTIVARIANT_TAGS.has(tag.name));
const MULTIVARIANT_TAGS = new Set([
  'EXT-X-MEDIA',
  'EXT-X-STREAM-INF',
  'EXT-X-I-FRAME-STREAM-INF',
  'EXT-X-SESSION-DATA',
  'EXT-X-SESSION-KEY',
  'EXT-X-CONTENT-STEERING',
]);
export const SEGMENT_TAGS = new Set([
  'EXTINF',
  'EXT-X-BYTERANGE',
  'EXT-X-DISCONTINUITY',
  'EXT-X-KEY',
  'EXT-X-MAP',
  'EXT-X-PROGRAM-DATE-TIME',
  'EXT-X-DATERANGE',
]);
export const PLAYLIST_TAGS = new Set([
  'EXT-X-TARGETDURATION',
  'EXT-X-MEDIA-SEQUENCE',
  'EXT-X-DISCONTINUITY-SEQUENCE',
  'EXT-X-ENDLIST',
  'EXT-X-PLAYLIST-TYPE',
  'EXT-X-I-FRAMES-ONLY',
]);

export const WHOLE = /^(0|[1-9][0-9]{0,19})$/;
export const DECIMAL = /^[0-9]+(\.[0-9]+)?$/;
export const QUOTED = /^"[^"\r\n]*"$/;
export const unquoted = (value: string | undefined): string | undefined => value?.replace(/^"|"$/g, '');
