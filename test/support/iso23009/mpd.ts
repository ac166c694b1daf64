import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';

/**
 * An MPD as it is written, with attributes as text. It is read here by another parser than any part of the product has.
 */
const text = z.string().optional();
const many = <Shape extends z.ZodType>(shape: Shape) => z.array(shape).default([]);

const Entry = z.object({ t: text, d: text, r: text });
const Timeline = z.object({ S: many(Entry) });
const Template = z.object({
  timescale: text,
  presentationTimeOffset: text,
  startNumber: text,
  initialization: text,
  media: text,
  SegmentTimeline: many(Timeline),
});
const Representation = z.object({
  id: text,
  bandwidth: text,
  codecs: text,
  width: text,
  height: text,
  SegmentTemplate: many(Template),
});
const ContentProtection = z.object({
  schemeIdUri: text,
  value: text,
  'cenc:default_KID': text,
  'dashif:Laurl': z.unknown().optional(),
});
export type ContentProtection = z.infer<typeof ContentProtection>;
const AdaptationSet = z.object({
  contentType: text,
  mimeType: text,
  ContentProtection: many(ContentProtection),
  Representation: many(Representation),
});
const Period = z.object({ id: text, start: text, duration: text, AdaptationSet: many(AdaptationSet) });
const Mpd = z.object({
  xmlns: text,
  'xmlns:cenc': text,
  'xmlns:dashif': text,
  type: text,
  profiles: text,
  minBufferTime: text,
  availabilityStartTime: text,
  publishTime: text,
  minimumUpdatePeriod: text,
  mediaPresentationDuration: text,
  timeShiftBufferDepth: text,
  maxSegmentDuration: text,
  Period: many(Period),
  UTCTiming: many(z.object({ schemeIdUri: text, value: text })),
});
export type Mpd = z.infer<typeof Mpd>;
export type Representation = z.infer<typeof Representation>;
export type Period = z.infer<typeof Period>;

const LISTS = [
  'Period',
  'AdaptationSet',
  'ContentProtection',
  'Representation',
  'SegmentTemplate',
  'SegmentTimeline',
  'S',
  'UTCTiming',
];

/** Reads an MPD; a sentence when it is none. */
export function readMpd(xml: string): Mpd | string {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) return `not well-formed: ${valid.err.msg}`;
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (name) => LISTS.includes(name),
  });
  const document: unknown = parser.parse(xml);
  const read = z.object({ MPD: Mpd }).safeParse(document);
  return read.success ? read.data.MPD : `no MPD: ${read.error.issues.map(({ path }) => path.join('.')).join(', ')}`;
}

/** Seconds of an xs:duration as MPDs here have it; NaN for another text. */
export function secondsOf(duration: string | undefined): number {
  const [, hours, minutes, seconds] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(duration ?? '') ?? [];
  if (hours === undefined && minutes === undefined && seconds === undefined) return Number.NaN;
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
}

/** One segment an MPD names: its number, and its time in seconds since its Period's start. */
export interface NamedSegment {
  uri: string;
  number: number;
  startSeconds: number;
  durationSeconds: number;
}

/** The segments of a representation, in order. */
export function segmentsOf({ id = '', SegmentTemplate: [template] }: Representation): NamedSegment[] {
  if (template === undefined) return [];
  const timescale = Number(template.timescale ?? 1);
  const offset = Number(template.presentationTimeOffset ?? 0);
  const segments: NamedSegment[] = [];
  let time = 0;
  let number = Number(template.startNumber ?? 1);
  for (const { t, d, r } of template.SegmentTimeline[0]?.S ?? []) {
    if (t !== undefined) time = Number(t);
    for (let count = 0; count <= Number(r ?? 0); count += 1) {
      const uri = (template.media ?? '').replaceAll('$Number$', `${number}`).replaceAll('$RepresentationID$', id);
      segments.push({ uri, number, startSeconds: (time - offset) / timescale, durationSeconds: Number(d) / timescale });
      time += Number(d);
      number += 1;
    }
  }
  return segments;
}
