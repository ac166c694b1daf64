import type { z } from 'zod';
import { RenditionAttributes } from '../../../functions/contract/objects/metadata';
import type { SrsMedia } from '../runtime/ports';
import type { EncodingFormat } from './probe';

/** Codecs and size of a session's media, as the multivariant playlist has them. */
export const Media = RenditionAttributes.omit({ bandwidth: true });
export type Media = z.infer<typeof Media>;

const TS_PACKET = 188;
/** The first keyframe opens a segment: its parameter sets stand in the first packets. */
const SEARCH_BYTES = TS_PACKET * 256;
/** profile_idc of H.264 (ITU-T H.264, A.2): baseline, main, extended, high, high 10, high 4:2:2, high 4:4:4. */
const AVC_PROFILES = [66, 77, 88, 100, 110, 122, 244];
/** RFC 6381, 3.3 with the object types of ISO/IEC 14496-3, by SRS's names. */
const AAC: Readonly<Record<string, string>> = { LC: 'mp4a.40.2', HE: 'mp4a.40.5', HEv2: 'mp4a.40.29' };

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/**
 * `avc1.PPCCLL` (RFC 6381, 3.3) out of the first sequence parameter set of a transport stream segment. SRS's API has no
 * constraint flags, so the bytes are read: start code, NAL type 7, then the three bytes, all in one packet because a
 * keyframe begins one.
 */
export function avcCodec(ts: Uint8Array): string | undefined {
  const end = Math.min(ts.length, SEARCH_BYTES) - 6;
  for (let at = 0; at < end; at += 1) {
    const startCode = ts[at] === 0 && ts[at + 1] === 0 && ts[at + 2] === 1;
    if (!startCode || ((ts[at + 3] ?? 0) & 0x9f) !== 7 || (at % TS_PACKET) + 6 >= TS_PACKET) continue;
    const [profile = 0, constraints = 0, level = 0] = ts.slice(at + 4, at + 7);
    if (AVC_PROFILES.includes(profile)) return `avc1.${hex(profile)}${hex(constraints)}${hex(level)}`;
  }
  return undefined;
}

const videoCodec = (ts: Uint8Array, { video }: SrsMedia): string | undefined =>
  video?.codec === 'H264' ? avcCodec(ts) : undefined;
const audioCodec = ({ audio }: SrsMedia): string | undefined =>
  audio?.codec === 'AAC' ? AAC[audio.profile] : undefined;

/**
 * Describes what the multivariant playlist may say of a session's media. A codec that is not certain leaves the whole
 * list out.
 */
export function describeMedia(ts: Uint8Array, srs: SrsMedia): Media {
  const tracks = [...(srs.video ? [videoCodec(ts, srs)] : []), ...(srs.audio ? [audioCodec(srs)] : [])];
  const certain = tracks.length > 0 && tracks.every((codec) => codec !== undefined);
  return {
    ...(certain ? { codecs: tracks.join(',') } : {}),
    ...(srs.video && srs.video.width > 0 && srs.video.height > 0
      ? { width: srs.video.width, height: srs.video.height }
      : {}),
  };
}

/** The same out of what a segment's packets say. SRS knows what ADTS does not: an AAC that hides its second layer. */
export function describeTracks(
  format: EncodingFormat,
  there: { video: boolean; audio: boolean },
  srs: SrsMedia | undefined,
): Media {
  const tracks = [...(there.video ? [format.codec] : []), ...(there.audio ? [soundOf(format, srs)] : [])];
  const certain = tracks.length > 0 && tracks.every((codec) => codec !== undefined);
  const { width = srs?.video?.width ?? 0, height = srs?.video?.height ?? 0 } = format;
  return {
    ...(certain ? { codecs: tracks.join(',') } : {}),
    ...(there.video && width > 0 && height > 0 ? { width, height } : {}),
  };
}

function soundOf({ audioObjectType }: EncodingFormat, srs: SrsMedia | undefined): string | undefined {
  if (audioObjectType === undefined) return undefined;
  return (srs === undefined ? undefined : audioCodec(srs)) ?? `mp4a.40.${audioObjectType}`;
}
