/** NAL unit types of H.264 (ITU-T H.264, table 7-1). */
export const IDR = 5;
export const SPS = 7;

/** NAL units of an access unit in Annex B form, without their start codes. */
export function* nalUnits(bytes: Uint8Array): Generator<Uint8Array> {
  let start = -1;
  for (let at = 0; at + 3 <= bytes.length; at += 1) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 1) continue;
    if (start >= 0) yield bytes.subarray(start, at);
    start = at + 3;
  }
  if (start >= 0) yield bytes.subarray(start);
}

export const nalType = (nal: Uint8Array): number => (nal[0] ?? 0) & 0x1f;

/** Profiles whose parameter set says more of its colours (7.3.2.1.1). */
const HIGH_PROFILES = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/** Size in pixels out of a sequence parameter set; `undefined` if it ends too early. */
export function sizeOf(sps: Uint8Array): { width: number; height: number } | undefined {
  const bits = new Bits(withoutEmulation(sps.subarray(1)));
  const profile = bits.read(8);
  bits.read(16);
  bits.ue();
  const chroma = HIGH_PROFILES.includes(profile) ? readHigh(bits) : 1;
  bits.ue(); // log2_max_frame_num_minus4
  skipOrderCount(bits);
  bits.ue(); // max_num_ref_frames
  bits.read(1);
  const widthInBlocks = bits.ue() + 1;
  const heightInUnits = bits.ue() + 1;
  const isFrameOnly = bits.read(1);
  if (isFrameOnly === 0) bits.read(1);
  bits.read(1); // direct_8x8_inference_flag
  const [left, right, top, bottom] = bits.read(1) === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  if (bits.isOver) return undefined;
  const [cropX, cropY] = [chroma === 1 || chroma === 2 ? 2 : 1, (chroma === 1 ? 2 : 1) * (2 - isFrameOnly)];
  return {
    width: widthInBlocks * 16 - cropX * (left + right),
    height: heightInUnits * 16 * (2 - isFrameOnly) - cropY * (top + bottom),
  };
}

/** `chroma_format_idc`. */
function readHigh(bits: Bits): number {
  const chroma = bits.ue();
  if (chroma === 3) bits.read(1);
  bits.ue();
  bits.ue();
  bits.read(1);
  const lists = bits.read(1) === 1 ? (chroma === 3 ? 12 : 8) : 0;
  for (let list = 0; list < lists; list += 1) if (bits.read(1) === 1) skipScalingList(bits, list < 6 ? 16 : 64);
  return chroma;
}

function skipScalingList(bits: Bits, size: number): void {
  let [last, next] = [8, 8];
  for (let i = 0; i < size && !bits.isOver; i += 1) {
    if (next !== 0) next = (last + bits.se() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function skipOrderCount(bits: Bits): void {
  const type = bits.ue();
  if (type === 0) bits.ue();
  if (type !== 1) return;
  bits.read(1);
  bits.se();
  bits.se();
  for (let count = bits.ue(); count > 0 && !bits.isOver; count -= 1) bits.se();
}

/** 7.3.1: a 3 behind two zeros is not part of the data. */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, at) => !(byte === 3 && at >= 2 && bytes[at - 1] === 0 && bytes[at - 2] === 0));
}

/** Bits from the left, with the Exp-Golomb codes of 9.1. Behind the end there are zeros. */
class Bits {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get isOver(): boolean {
    return this.at > this.bytes.length * 8;
  }

  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1) {
      value = value * 2 + (((this.bytes[this.at >> 3] ?? 0) >> (7 - (this.at & 7))) & 1);
      this.at += 1;
    }
    return value;
  }

  ue(): number {
    let zeros = 0;
    while (!this.isOver && zeros < 32 && this.read(1) === 0) zeros += 1;
    return 2 ** zeros - 1 + this.read(zeros);
  }

  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
