/** Tags whose attributes have a URI (RFC 8216, 4.3): a URI in any other line that begins with `#` is only text. */
const TAG_WITH_URI = /^#EXT-X-(?:KEY|MAP|MEDIA|I-FRAME-STREAM-INF|SESSION-DATA|SESSION-KEY):/;
/**
 * One attribute after the other, quoted values whole, so that nothing inside of quotes is taken for an attribute. RFC
 * 8216, 4.2.
 */
const ATTRIBUTE = /(?<![A-Z0-9-])([A-Z0-9-]+)=("[^"\r\n]*"|[^",\r\n]*)/g;
/** A line without its end: CRLF, LF or CR. */
const LINE = /[^\r\n]+/g;

/**
 * The playlist with every URI replaced by `rewrite(uri)`, each exactly once: those alone on their line and those in a
 * tag's `URI` attribute. Every other byte stays, line ends too.
 */
export function rewriteUris(playlist: string, rewrite: (uri: string) => string): string {
  return playlist.replace(LINE, (line) => {
    if (!line.startsWith('#')) return line.trim() === '' ? line : rewrite(line);
    const [tag] = TAG_WITH_URI.exec(line) ?? [];
    return tag === undefined ? line : `${tag}${line.slice(tag.length).replace(ATTRIBUTE, rewriteAttribute(rewrite))}`;
  });
}

const rewriteAttribute =
  (rewrite: (uri: string) => string) =>
  (attribute: string, name: string, value: string): string =>
    name === 'URI' && value.startsWith('"') ? `URI="${rewrite(value.slice(1, -1))}"` : attribute;
