/**
 * One box of an ISO base media file (ISO/IEC 14496-12, 4.2). Offsets count from the bytes' start; `body` begins behind
 * the header.
 */
export interface Box {
  type: string;
  start: number;
  body: number;
  end: number;
}

/** More boxes than this side by side are no segment of ours. */
const MAX_BOXES = 4096;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const typeAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

/**
 * Boxes side by side between two offsets. Stops before a box that reaches beyond `end` or whose size is too small: what
 * follows it cannot be told. A 64-bit size is read; size 0 reaches to the end.
 */
export function boxesIn(bytes: Uint8Array, start = 0, end = bytes.length): Box[] {
  const view = viewOf(bytes);
  const boxes: Box[] = [];
  for (let at = start; at + 8 <= end && boxes.length < MAX_BOXES; ) {
    const size = view.getUint32(at);
    const large = size === 1;
    if (large && at + 16 > end) break;
    const length = large ? Number(view.getBigUint64(at + 8)) : size === 0 ? end - at : size;
    const header = large ? 16 : 8;
    if (length < header || at + length > end) break;
    boxes.push({ type: typeAt(bytes, at + 4), start: at, body: at + header, end: at + length });
    at += length;
  }
  return boxes;
}

/**
 * The first box down a path of types (`moov`, `trak`, `mdia`), beginning among `within`'s children; `undefined` when
 * one is missing.
 */
export function boxAt(bytes: Uint8Array, path: readonly string[], within?: Box): Box | undefined {
  let box = within;
  for (const type of path) {
    box = boxesIn(bytes, box?.body ?? 0, box?.end ?? bytes.length).find((candidate) => candidate.type === type);
    if (box === undefined) return undefined;
  }
  return box;
}
