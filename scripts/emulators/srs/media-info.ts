import { parseH264Sps } from 'node-media-server/src/protocol/sps_info.js';

export interface VideoInfo {
  readonly codec: string;
  readonly profile: string;
  readonly level: string;
  readonly width: number;
  readonly height: number;
}

export interface AudioInfo {
  readonly codec: string;
  readonly sample_rate: number;
  readonly channel: number;
  readonly profile: string;
}

const FLV_TAG_HEADER_BYTES = 11;
const H264 = 7;
const AAC = 10;
/** Names of SRS's `srs_avc_profile2str` and `srs_aac_profile2str`. */
const AVC_PROFILES: Readonly<Record<number, string>> = { 66: 'Baseline', 77: 'Main', 88: 'Extended', 100: 'High' };
const AAC_PROFILES: Readonly<Record<number, string>> = { 1: 'Main', 2: 'LC', 3: 'SSR' };
const SAMPLE_RATES: readonly number[] = [5512, 11025, 22050, 44100];

/**
 * Returns the fields of an AVC sequence header (ISO/IEC 14496-15 5.2.4.1); `undefined` for another codec or a broken
 * one.
 */
export function videoInfo(flvTag: Buffer): VideoInfo | undefined {
  const body = flvTag.subarray(FLV_TAG_HEADER_BYTES);
  if (body.length < 16 || (body.readUInt8(0) & 0x0f) !== H264) return undefined;
  const level = body.readUInt8(8);
  const size = parseH264Sps(body.subarray(13, 13 + body.readUInt16BE(11)));
  return {
    codec: 'H264',
    profile: AVC_PROFILES[body.readUInt8(6)] ?? 'Other',
    level: level % 10 === 0 ? `${level / 10}` : (level / 10).toFixed(1),
    width: size?.width ?? 0,
    height: size?.height ?? 0,
  };
}

/** Returns the fields of an AAC sequence header. The sample rate is the FLV tag's, as in SRS: 44100 for 48000 too. */
export function audioInfo(flvTag: Buffer): AudioInfo | undefined {
  const body = flvTag.subarray(FLV_TAG_HEADER_BYTES);
  if (body.length < 4 || body.readUInt8(0) >> 4 !== AAC) return undefined;
  const flags = body.readUInt8(0);
  return {
    codec: 'AAC',
    sample_rate: SAMPLE_RATES[(flags >> 2) & 3] ?? 0,
    channel: (flags & 1) + 1,
    profile: AAC_PROFILES[body.readUInt8(2) >> 3] ?? 'Other',
  };
}
