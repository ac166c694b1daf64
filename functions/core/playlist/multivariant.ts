import { RenditionAttributes } from '../../contract/objects/metadata';
import { DomainError } from '../errors';

/** One rendition in a multivariant playlist. `uri` leads to its media playlist. */
export interface Variant {
  uri: string;
  attributes: RenditionAttributes;
}

/** The one rendition of sound that every variant uses: group `audio`. */
export interface SoundGroup {
  uri: string;
  channels?: number | undefined;
}

const formatAttributes = ({
  bandwidth,
  averageBandwidth,
  codecs,
  width,
  height,
  frameRate,
}: RenditionAttributes): string =>
  [
    `BANDWIDTH=${bandwidth}`,
    ...(averageBandwidth === undefined ? [] : [`AVERAGE-BANDWIDTH=${averageBandwidth}`]),
    ...(codecs === undefined ? [] : [`CODECS="${codecs}"`]),
    ...(width === undefined || height === undefined ? [] : [`RESOLUTION=${width}x${height}`]),
    ...(frameRate === undefined ? [] : [`FRAME-RATE=${frameRate.toFixed(3)}`]),
  ].join(',');

const soundLine = ({ uri, channels }: SoundGroup): string => {
  const count = channels === undefined ? '' : `,CHANNELS="${channels}"`;
  return `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES${count},URI="${uri}"`;
};

/**
 * The text of a multivariant playlist (RFC 8216, 4.3.4.2): LF line ends, the variants in the order given, with one
 * sound or their own.
 */
export function formatMultivariant(variants: readonly Variant[], sound?: SoundGroup): string {
  const group = sound ? ',AUDIO="audio"' : '';
  const lines = variants.flatMap(({ uri, attributes }) => [
    `#EXT-X-STREAM-INF:${formatAttributes(attributes)}${group}`,
    uri,
  ]);
  return ['#EXTM3U', `#EXT-X-VERSION:${sound ? 6 : 3}`, ...(sound ? [soundLine(sound)] : []), ...lines, ''].join('\n');
}

const STREAM_INF = '#EXT-X-STREAM-INF:';
/** `NAME=value` or `NAME="value"`, one after the other; a list that goes on otherwise ends there. RFC 8216, 4.2. */
const ATTRIBUTE = /([A-Z0-9-]+)=(?:"([^"]*)"|([^",]*))(?:,|$)/gy;

function parseAttributes(text: string): RenditionAttributes | undefined {
  const values = new Map([...text.matchAll(ATTRIBUTE)].map(([, name, quoted, plain]) => [name, quoted ?? plain ?? '']));
  const [, width, height] = /^(\d+)x(\d+)$/.exec(values.get('RESOLUTION') ?? '') ?? [];
  const given = {
    bandwidth: Number(values.get('BANDWIDTH')),
    ...(values.has('AVERAGE-BANDWIDTH') ? { averageBandwidth: Number(values.get('AVERAGE-BANDWIDTH')) } : {}),
    codecs: values.get('CODECS'),
    ...(width === undefined ? {} : { width: Number(width), height: Number(height) }),
    ...(values.has('FRAME-RATE') ? { frameRate: Number(values.get('FRAME-RATE')) } : {}),
  };
  return RenditionAttributes.safeParse(given).data;
}

/**
 * The variants of a multivariant playlist, in its order; LF and CRLF line ends; tags other than EXT-X-STREAM-INF are
 * let through. Throws DomainError `bad_playlist`, naming the line and what is allowed there.
 */
export function parseMultivariant(text: string): Variant[] {
  const lines = text.split(/\r?\n/);
  const bad = (index: number, problem: string): DomainError =>
    new DomainError('bad_playlist', `playlist line ${index + 1} '${(lines[index] ?? '').slice(0, 80)}': ${problem}`);
  if (lines[0] !== '#EXTM3U') throw bad(0, 'a playlist begins with #EXTM3U');
  return lines.flatMap((line, index) => {
    const described = lines[index - 1]?.startsWith(STREAM_INF) === true;
    if (line !== '' && !line.startsWith('#') && !described)
      throw bad(index, 'a URI needs an EXT-X-STREAM-INF before it');
    if (!line.startsWith(STREAM_INF)) return [];
    const attributes = parseAttributes(line.slice(STREAM_INF.length));
    const uri = lines[index + 1] ?? '';
    if (attributes === undefined)
      throw bad(index, 'use BANDWIDTH=<bit/s> and well-formed CODECS, RESOLUTION, FRAME-RATE');
    if (uri === '' || uri.startsWith('#')) throw bad(index, 'an EXT-X-STREAM-INF needs a URI after it');
    return [{ uri, attributes }];
  });
}
