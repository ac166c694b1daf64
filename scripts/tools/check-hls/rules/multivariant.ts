import { attributes, type Lines, QUOTED, type RuleFinding, type Tag, tagsNamed, unquoted, WHOLE } from './lines';
import { keyAttributes } from './media';

const at = (clause: string, line: number, message: string): RuleFinding => ({ clause, line, message });

function renditionTag({ line, value }: Tag): RuleFinding[] {
  const clause = '4.4.6.1';
  const list = attributes(value);
  const type = list?.get('TYPE');
  if (list === undefined || !['AUDIO', 'VIDEO', 'SUBTITLES', 'CLOSED-CAPTIONS'].includes(type ?? ''))
    return [at(clause, line, 'has no known TYPE')];
  if (!QUOTED.test(list.get('GROUP-ID') ?? '')) return [at(clause, line, 'has no GROUP-ID')];
  if (!QUOTED.test(list.get('NAME') ?? '')) return [at(clause, line, 'has no NAME')];
  if (type === 'CLOSED-CAPTIONS' && list.has('URI')) return [at(clause, line, 'closed captions have no URI')];
  if (type === 'CLOSED-CAPTIONS' && !list.has('INSTREAM-ID'))
    return [at(clause, line, 'closed captions need INSTREAM-ID')];
  if (type === 'SUBTITLES' && !list.has('URI')) return [at(clause, line, 'subtitles need a URI')];
  const denied = list.get('DEFAULT') === 'YES' && list.get('AUTOSELECT') === 'NO';
  return denied ? [at(clause, line, 'DEFAULT=YES with AUTOSELECT=NO')] : [];
}

const renditions = (lines: Lines): RuleFinding[] => {
  const tags = tagsNamed(lines, 'EXT-X-MEDIA');
  const names = tags.map(({ value }) =>
    ['TYPE', 'GROUP-ID', 'NAME'].map((key) => attributes(value)?.get(key)).join('\n'),
  );
  const twice = tags.filter((_, index) => names.indexOf(names[index] ?? '') !== index);
  return [
    ...tags.flatMap(renditionTag),
    ...twice.map(({ line }) => at('4.4.6.1', line, 'NAME stands twice in its group')),
  ];
};

const FORMS: Readonly<Record<string, RegExp>> = {
  BANDWIDTH: WHOLE,
  'AVERAGE-BANDWIDTH': WHOLE,
  CODECS: QUOTED,
  RESOLUTION: /^[1-9]\d*x[1-9]\d*$/,
  'FRAME-RATE': /^\d+(\.\d+)?$/,
  'HDCP-LEVEL': /^(TYPE-0|NONE)$/,
  'PATHWAY-ID': /^"[\w.-]+"$/,
};

function variantAttributes({ line, value }: Tag, clause: string): RuleFinding[] {
  const list = attributes(value);
  if (list === undefined) return [at(clause, line, 'attribute list is malformed')];
  if (!list.has('BANDWIDTH')) return [at(clause, line, 'has no BANDWIDTH')];
  return Object.entries(FORMS)
    .filter(([name, form]) => list.has(name) && !form.test(list.get(name) ?? ''))
    .map(([name]) => at(clause, line, `${name} '${list.get(name)}' has not the form it needs`));
}

function variants(lines: Lines): RuleFinding[] {
  const clause = '4.4.6.2';
  const groups = new Set(
    tagsNamed(lines, 'EXT-X-MEDIA').map(
      ({ value }) => `${attributes(value)?.get('TYPE')} ${attributes(value)?.get('GROUP-ID')}`,
    ),
  );
  return tagsNamed(lines, 'EXT-X-STREAM-INF').flatMap((tag) => {
    const next = lines.raw.slice(tag.line).find((content) => content.trim() !== '');
    const list = attributes(tag.value);
    const strangers = ['AUDIO', 'VIDEO', 'SUBTITLES'].filter(
      (type) => list?.has(type) && !groups.has(`${type} ${list.get(type)}`),
    );
    return [
      ...variantAttributes(tag, clause),
      ...(next === undefined || next.startsWith('#') ? [at(clause, tag.line, 'is not followed by a URI')] : []),
      ...strangers.map((type) => at(clause, tag.line, `${type} names a group which is not there`)),
    ];
  });
}

const strayUris = (lines: Lines): RuleFinding[] =>
  lines.uris
    .filter(({ tags }) => tags.at(-1)?.name !== 'EXT-X-STREAM-INF')
    .map(({ line }) => at('4.4.6.2', line, 'URI without an EXT-X-STREAM-INF before it'));

const iFrameVariants = (lines: Lines): RuleFinding[] =>
  tagsNamed(lines, 'EXT-X-I-FRAME-STREAM-INF').flatMap((tag) => [
    ...variantAttributes(tag, '4.4.6.3'),
    ...(QUOTED.test(attributes(tag.value)?.get('URI') ?? '') ? [] : [at('4.4.6.3', tag.line, 'has no URI')]),
  ]);

function sessionData(lines: Lines): RuleFinding[] {
  const seen = new Set<string>();
  return tagsNamed(lines, 'EXT-X-SESSION-DATA').flatMap(({ line, value }) => {
    const list = attributes(value);
    const id = list?.get('DATA-ID');
    if (list === undefined || id === undefined) return [at('4.4.6.4', line, 'has no DATA-ID')];
    if (list.has('VALUE') === list.has('URI')) return [at('4.4.6.4', line, 'needs VALUE or URI, and not both')];
    const key = `${id} ${list.get('LANGUAGE') ?? ''}`;
    if (seen.has(key)) return [at('4.4.6.4', line, `${unquoted(id)} stands twice`)];
    seen.add(key);
    return [];
  });
}

/** The pathways that clones add are not known from the playlist: the first one has to be there. */
function contentSteering(lines: Lines): RuleFinding[] {
  const clause = '4.4.6.6';
  const pathways = tagsNamed(lines, 'EXT-X-STREAM-INF').map(({ value }) => attributes(value)?.get('PATHWAY-ID'));
  return tagsNamed(lines, 'EXT-X-CONTENT-STEERING').flatMap(({ line, value }, index) => {
    const list = attributes(value);
    const first = list?.get('PATHWAY-ID');
    if (index > 0) return [at(clause, line, 'EXT-X-CONTENT-STEERING stands twice')];
    if (!QUOTED.test(list?.get('SERVER-URI') ?? '')) return [at(clause, line, 'has no SERVER-URI')];
    if (first === undefined || pathways.includes(first)) return [];
    return [at(clause, line, `PATHWAY-ID ${first} is the pathway of no variant`)];
  });
}

const sessionKeys = (lines: Lines): RuleFinding[] =>
  tagsNamed(lines, 'EXT-X-SESSION-KEY').flatMap((tag) =>
    attributes(tag.value)?.get('METHOD') === 'NONE'
      ? [at('4.4.6.5', tag.line, 'METHOD is NONE')]
      : keyAttributes(tag, '4.4.6.5'),
  );

export const multivariantRules = [
  renditions,
  variants,
  strayUris,
  iFrameVariants,
  sessionData,
  sessionKeys,
  contentSteering,
];
