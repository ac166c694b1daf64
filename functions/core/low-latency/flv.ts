/**
 * One tag of an FLV stream: its time in milliseconds, and its body.
 * https://rtmp.veriskope.com/pdf/video_file_format_spec_v10.pdf
 */
export interface FlvTag {
  kind: 'audio' | 'video' | 'script';
  timeMs: number;
  body: Uint8Array;
}

/** Content of a media tag: a decoder's configuration, or one access unit. Times in milliseconds. */
export type FlvMedia =
  | { kind: 'avc-config'; bytes: Uint8Array }
  | { kind: 'aac-config'; bytes: Uint8Array }
  | { kind: 'video'; dtsMs: number; compositionMs: number; isKeyframe: boolean; bytes: Uint8Array }
  | { kind: 'audio'; dtsMs: number; bytes: Uint8Array };

const KINDS: Readonly<Record<number, FlvTag['kind']>> = { 8: 'audio', 9: 'video', 18: 'script' };
/** `FLV`, version, flags, four bytes of header size, and the first back pointer. */
const FILE_HEADER = 13;
const TAG_HEADER = 11;
const BACK_POINTER = 4;
/** A picture of more is none that this product takes. */
const MAX_TAG_BYTES = 8 << 20;

const u24 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);

/**
 * Cuts a stream of FLV into tags, whatever pieces it comes in. Throws for bytes that are no FLV and for a tag above 8
 * MiB.
 */
export class FlvReader {
  private rest = new Uint8Array();
  private begun = false;

  push(piece: Uint8Array): FlvTag[] {
    const bytes = new Uint8Array(this.rest.length + piece.length);
    bytes.set(this.rest);
    bytes.set(piece, this.rest.length);
    let at = this.begin(bytes);
    const tags: FlvTag[] = [];
    for (;;) {
      const length = this.begun && at + TAG_HEADER <= bytes.length ? u24(bytes, at + 1) : undefined;
      if (length !== undefined && length > MAX_TAG_BYTES)
        throw new Error(`FLV tag of ${length} bytes: at most ${MAX_TAG_BYTES}`);
      const end = at + TAG_HEADER + (length ?? 0) + BACK_POINTER;
      if (length === undefined || end > bytes.length) break;
      tags.push(...tagAt(bytes, at, length));
      at = end;
    }
    this.rest = bytes.slice(at);
    return tags;
  }

  private begin(bytes: Uint8Array): number {
    if (this.begun || bytes.length < FILE_HEADER) return 0;
    if (String.fromCharCode(...bytes.subarray(0, 3)) !== 'FLV') throw new Error('no FLV: it does not begin with FLV');
    this.begun = true;
    return FILE_HEADER;
  }
}

function tagAt(bytes: Uint8Array, at: number, length: number): FlvTag[] {
  const kind = KINDS[(bytes[at] ?? 0) & 31];
  if (kind === undefined) return [];
  const timeMs = u24(bytes, at + 4) + (bytes[at + 7] ?? 0) * 0x1000000;
  return [{ kind, timeMs, body: bytes.slice(at + TAG_HEADER, at + TAG_HEADER + length) }];
}

const AVC = 7;
const AAC = 10;
const KEYFRAME = 1;

function videoOf({ timeMs, body }: FlvTag): FlvMedia | undefined {
  const [first = 0, type = 255] = body;
  // An extended header (bit 7) has another codec than H.264.
  if ((first & 0x8f) !== AVC || body.length < 5) return undefined;
  if (type === 0) return { kind: 'avc-config', bytes: body.subarray(5) };
  // 24 bits with a sign.
  const compositionMs = (u24(body, 2) << 8) >> 8;
  const isKeyframe = first >> 4 === KEYFRAME;
  return type === 1 ? { kind: 'video', dtsMs: timeMs, compositionMs, isKeyframe, bytes: body.subarray(5) } : undefined;
}

function audioOf({ timeMs, body }: FlvTag): FlvMedia | undefined {
  const [first = 0, type = 255] = body;
  if (first >> 4 !== AAC || body.length < 2) return undefined;
  if (type === 0) return { kind: 'aac-config', bytes: body.subarray(2) };
  return type === 1 ? { kind: 'audio', dtsMs: timeMs, bytes: body.subarray(2) } : undefined;
}

/**
 * Reads a tag's content; `undefined` for other codecs than H.264 and AAC, for the end of a sequence, and for metadata.
 */
export function mediaOf(tag: FlvTag): FlvMedia | undefined {
  if (tag.kind === 'script') return undefined;
  return tag.kind === 'video' ? videoOf(tag) : audioOf(tag);
}
