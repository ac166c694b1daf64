/** One message of a track, as it goes into a transport stream. Times in milliseconds. */
export interface Frame {
  readonly kind: 'video' | 'audio';
  readonly dts: number;
  readonly pts: number;
  readonly keyFrame: boolean;
  /** Annex B with parameter sets before a keyframe, or ADTS; empty for sound whose configuration never came. */
  readonly payload: Buffer;
}

const TAG_HEADER_BYTES = 11;
const AUDIO_TAG = 8;
const VIDEO_TAG = 9;
const AAC = 10;
const H264 = 7;
const IDR = 5;
const SPS = 7;
const AUD = 9;
const START = Buffer.from([0, 0, 0, 1]);
const ACCESS_UNIT_DELIMITER = Buffer.from([0, 0, 0, 1, AUD, 0xf0]);

/**
 * The HLS that SRS makes of FLV tags (`SrsTsMessageCache` of 6.0.157): H.264 and AAC only, each with its newest
 * configuration.
 */
export class Frames {
  private parameterSets: Buffer[] = [];
  private sound: Buffer | undefined;

  /** Returns the frame of a tag; `undefined` for a configuration, another codec, and a malformed tag. */
  next(tag: Buffer): Frame | undefined {
    const size = tag.readUIntBE(1, 3);
    const body = tag.subarray(TAG_HEADER_BYTES, TAG_HEADER_BYTES + size);
    // SRS keeps 31 bits of RTMP's 32.
    const dts = (tag.readUIntBE(4, 3) | (tag.readUInt8(7) << 24)) & 0x7fffffff;
    if (body.length < 2) return undefined;
    if (tag.readUInt8(0) === VIDEO_TAG) return this.picture(body, dts);
    return tag.readUInt8(0) === AUDIO_TAG ? this.heard(body, dts) : undefined;
  }

  private picture(body: Buffer, dts: number): Frame | undefined {
    if (body.length < 5 || (body.readUInt8(0) & 0x8f) !== H264) return undefined;
    if (body.readUInt8(1) === 0) this.parameterSets = parameterSetsOf(body.subarray(5));
    if (body.readUInt8(1) !== 1) return undefined;
    const units = unitsOf(body.subarray(5));
    const hasOwn = units.some((unit) => typeOf(unit) === SPS);
    const first = units.findIndex((unit) => typeOf(unit) === IDR);
    const all = first < 0 || hasOwn ? units : units.toSpliced(first, 0, ...this.parameterSets);
    const delimiter = units.some((unit) => typeOf(unit) === AUD) ? [] : [ACCESS_UNIT_DELIMITER];
    const payload = Buffer.concat([...delimiter, ...all.flatMap((unit) => [START, unit])]);
    return { kind: 'video', dts, pts: dts + body.readIntBE(2, 3), keyFrame: body.readUInt8(0) >> 4 === 1, payload };
  }

  private heard(body: Buffer, dts: number): Frame | undefined {
    if (body.readUInt8(0) >> 4 !== AAC) return undefined;
    if (body.readUInt8(1) === 0) {
      this.sound = body.length >= 4 ? Buffer.from(body.subarray(2, 4)) : this.sound;
      return undefined;
    }
    const raw = body.subarray(2);
    const payload = this.sound === undefined ? Buffer.alloc(0) : Buffer.concat([adts(this.sound, raw.length), raw]);
    return { kind: 'audio', dts, pts: dts, keyFrame: false, payload };
  }
}

const typeOf = (unit: Buffer): number => (unit[0] ?? 0) & 0x1f;

/** `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15 5.2.4.1): one SPS, one PPS, as encoders send. */
function parameterSetsOf(record: Buffer): Buffer[] {
  if (record.length < 9) return [];
  const spsEnd = 8 + record.readUInt16BE(6);
  if (record.length < spsEnd + 3) return [];
  const ppsEnd = spsEnd + 3 + record.readUInt16BE(spsEnd + 1);
  return [Buffer.from(record.subarray(8, spsEnd)), Buffer.from(record.subarray(spsEnd + 3, ppsEnd))];
}

/** NAL units behind lengths of four bytes. */
function unitsOf(data: Buffer): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at + 4 < data.length; ) {
    const end = at + 4 + data.readUInt32BE(at);
    units.push(data.subarray(at + 4, end));
    at = end;
  }
  return units;
}

/** ISO/IEC 14496-3, 1.A.2.2, out of an AudioSpecificConfig's first two bytes. */
function adts(config: Buffer, bytes: number): Buffer {
  const bits = config.readUInt16BE(0);
  const objectType = bits >> 11;
  const rate = (bits >> 7) & 0x0f;
  const channels = (bits >> 3) & 0x0f;
  const profile = objectType >= 1 && objectType <= 4 ? objectType - 1 : 1;
  const length = bytes + 7;
  return Buffer.from([
    ...[0xff, 0xf1, (profile << 6) | (rate << 2) | (channels >> 2), ((channels & 3) << 6) | (length >> 11)],
    ...[(length >> 3) & 0xff, ((length & 7) << 5) | 0x1f, 0xfc],
  ]);
}
