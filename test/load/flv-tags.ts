/** One FLV tag: 8 sound, 9 picture, 18 metadata. `ms` counts from the file's beginning. */
export interface FlvTag {
  type: number;
  ms: number;
  data: Buffer;
}

/**
 * Tags of an FLV file (Adobe's FLV 10.1, annex E): what is said once at the beginning, and the media that is repeated.
 */
export function readFlvTags(file: Buffer): { head: FlvTag[]; media: FlvTag[]; durationMs: number } {
  const head: FlvTag[] = [];
  const media: FlvTag[] = [];
  for (let at = file.readUInt32BE(5) + 4; at + 11 <= file.length; ) {
    const length = file.readUIntBE(at + 1, 3);
    const ms = file.readUIntBE(at + 4, 3) + file.readUInt8(at + 7) * 0x1000000;
    const tag = { type: file.readUInt8(at), ms, data: file.subarray(at + 11, at + 11 + length) };
    // The second byte of a sound or picture in AAC or H.264 is 0 for its decoder's configuration; 2 ends a sequence.
    const kind = tag.type === 18 ? 0 : tag.data.readUInt8(1);
    if (kind === 0) head.push({ ...tag, ms: 0 });
    else if (kind === 1) media.push(tag);
    at += 11 + length + 4;
  }
  return { head, media, durationMs: lengthOf(media) };
}

/** The last picture is as long as the one before. */
function lengthOf(media: readonly FlvTag[]): number {
  const pictures = media.filter(({ type }) => type === 9).map(({ ms }) => ms);
  const first = pictures[0] ?? 0;
  const beforeLast = pictures.at(-2) ?? 0;
  const last = pictures.at(-1) ?? 0;
  return last - first + (last - beforeLast);
}
