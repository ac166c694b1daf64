/** Avc decoder configuration of 640x360 in High profile, as x264 writes it. */
export const AVC_CONFIG = Buffer.from(
  '0164001effe1001b6764001eacd940a02ff970110000030001000003003c0f162d9601000568ebecb22c',
  'hex',
);
/** AAC-LC, 44.1 kHz, stereo. */
export const AAC_CONFIG = Buffer.from([0x12, 0x10]);

const FILE_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);
const u24 = (value: number): number[] => [(value >> 16) & 255, (value >> 8) & 255, value & 255];

function tag(kind: 8 | 9, timeMs: number, body: Buffer): Buffer {
  const head = Buffer.from([kind, ...u24(body.length), ...u24(timeMs), (timeMs >> 24) & 255, 0, 0, 0]);
  const back = Buffer.alloc(4);
  back.writeUInt32BE(head.length + body.length);
  return Buffer.concat([head, body, back]);
}

/** The beginning of an FLV stream: file header and both configurations. */
export const flvHead = (): Buffer =>
  Buffer.concat([
    FILE_HEADER,
    tag(9, 0, Buffer.concat([Buffer.from([0x17, 0, 0, 0, 0]), AVC_CONFIG])),
    tag(8, 0, Buffer.concat([Buffer.from([0xaf, 0]), AAC_CONFIG])),
  ]);

/** One picture of 40 ms with the sound that belongs to it. */
export const flvPicture = (timeMs: number, isKeyframe: boolean): Buffer =>
  Buffer.concat([
    tag(9, timeMs, Buffer.from([isKeyframe ? 0x17 : 0x27, 1, 0, 0, 0, 0, 0, 0, 2, 0x41, timeMs & 255])),
    tag(8, timeMs, Buffer.from([0xaf, 1, 7, timeMs & 255])),
  ]);
