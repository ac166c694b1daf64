/**
 * The state of a segment in a rendition: the name of its init segment, or `gap` if it will never exist. Absent: not
 * yet.
 */
export type RenditionParts = Readonly<Record<string, string>>;

/** The word for a segment that a rendition will never have. */
export const GAP = 'gap';

/** A comment of RFC 8216, 4.1, which no player reads: it holds from its place on, until the next one. */
const LINE = '#RENDITIONS';
const PART = /^([a-z0-9]{1,16})=(gap|init-[0-9a-f]{16}\.mp4)$/;

const textOf = (parts: RenditionParts): string =>
  [LINE, ...Object.entries(parts).map(([rendition, part]) => `${rendition}=${part}`)].join(' ');

/** The text of a session playlist with what each rendition has of each segment; `parts[i]` belongs to segment `i`. */
export function withRenditionParts(text: string, parts: readonly RenditionParts[]): string {
  let index = 0;
  let said = '';
  return text
    .split('\n')
    .flatMap((line) => {
      if (!line.startsWith('#EXTINF')) return [line];
      const own = textOf(parts[index] ?? {});
      index += 1;
      if (own === said) return [line];
      said = own;
      return [own, line];
    })
    .join('\n');
}

function partsIn(line: string): RenditionParts {
  const parts = line.split(' ').slice(1);
  return Object.fromEntries(
    parts.flatMap((part) => {
      const [, rendition = '', value = ''] = PART.exec(part) ?? [];
      return rendition === '' ? [] : [[rendition, value] as const];
    }),
  );
}

/**
 * Reads what each rendition has of each segment, in the order of the segments. Empty objects for a playlist of
 * transport streams.
 */
export function readRenditionParts(text: string): RenditionParts[] {
  const all: RenditionParts[] = [];
  let current: RenditionParts = {};
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith(`${LINE} `) || line === LINE) current = partsIn(line);
    else if (line !== '' && !line.startsWith('#')) all.push(current);
  }
  return all;
}
