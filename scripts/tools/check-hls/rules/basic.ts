import { isMultivariant, type Lines, PLAYLIST_TAGS, type RuleFinding, SEGMENT_TAGS, tagsNamed, WHOLE } from './lines';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the clause forbids exactly these
const CONTROL = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** 4.1: UTF-8 without BOM or control characters, no stray white space in tags, and media or multivariant, not both. */
function definition({ text, raw, tags, ...lines }: Lines): RuleFinding[] {
  const at = (line: number, message: string): RuleFinding => ({ clause: '4.1', line, message });
  const media = tags.find((tag) => SEGMENT_TAGS.has(tag.name) || PLAYLIST_TAGS.has(tag.name));
  const mixed = isMultivariant({ text, raw, tags, ...lines }) && media !== undefined;
  return [
    ...(text.startsWith('\ufeff') ? [at(1, 'begins with a byte order mark')] : []),
    ...(text.includes('\ufffd') ? [at(0, 'is not UTF-8')] : []),
    ...raw.flatMap((content, index) => (CONTROL.test(content) ? [at(index + 1, 'has a control character')] : [])),
    ...raw.flatMap((content, index) => (content.includes('\r') ? [at(index + 1, 'has a CR that ends no line')] : [])),
    ...raw.flatMap((content, index) =>
      /^#EXT[^:,]*\s|^\s+#EXT/.test(content) ? [at(index + 1, 'has white space in a tag')] : [],
    ),
    ...(mixed ? [at(media.line, `${media.name} stands beside tags of a multivariant playlist`)] : []),
  ];
}

/** 4.4.1.1 and 8: EXTM3U first, EXT-X-VERSION at most once and high enough for what is used. */
function basicTags(lines: Lines): RuleFinding[] {
  const versions = tagsNamed(lines, 'EXT-X-VERSION');
  const version = versions[0] === undefined ? 1 : Number(versions[0].value);
  const fraction = tagsNamed(lines, 'EXTINF').find((tag) => /^[0-9]*\.[0-9]/.test(tag.value));
  const needsFour = lines.tags.find((tag) => ['EXT-X-BYTERANGE', 'EXT-X-I-FRAMES-ONLY'].includes(tag.name));
  const withVector = tagsNamed(lines, 'EXT-X-KEY').find((tag) => /(^|,)IV=/.test(tag.value));
  const withFormat = tagsNamed(lines, 'EXT-X-KEY').find((tag) => /(^|,)KEYFORMAT(VERSIONS)?=/.test(tag.value));
  return [
    ...(lines.raw[0] === '#EXTM3U' ? [] : [{ clause: '4.4.1.1', line: 1, message: 'does not begin with EXTM3U' }]),
    ...versions.slice(1).map(({ line }) => ({ clause: '8', line, message: 'EXT-X-VERSION stands twice' })),
    ...versions
      .filter((tag) => !WHOLE.test(tag.value))
      .map(({ line }) => ({ clause: '8', line, message: 'is not a whole number' })),
    ...(fraction !== undefined && version < 3
      ? [{ clause: '8', line: fraction.line, message: 'EXTINF with a fraction needs version 3' }]
      : []),
    ...(withVector !== undefined && version < 2
      ? [{ clause: '8', line: withVector.line, message: 'IV of EXT-X-KEY needs version 2' }]
      : []),
    ...(withFormat !== undefined && version < 5
      ? [{ clause: '8', line: withFormat.line, message: 'KEYFORMAT of EXT-X-KEY needs version 5' }]
      : []),
    ...(needsFour !== undefined && version < 4
      ? [{ clause: '8', line: needsFour.line, message: `${needsFour.name} needs version 4` }]
      : []),
  ];
}

export const basicRules = [definition, basicTags];

/** Tags that may stand once at most in their kind of playlist, by clause. */
export const onlyOnce = (lines: Lines, name: string, clause: string): RuleFinding[] =>
  tagsNamed(lines, name)
    .slice(1)
    .map(({ line }) => ({ clause, line, message: `${name} stands twice` }));
