/**
 * Returns the depth and width to which SRS 5 and 6 would read the values of a body (SrsAmf0Any::discovery): a string's
 * length is a signed number of 16 bits there, an end mark is a value anywhere, arrays end with the message. Stops where
 * SRS gives up.
 */
export function measureAsSrs(body: Buffer, from = 0): { depth: number; keys: number } {
  const most = { depth: 0, keys: 0 };
  let at = from;
  const left = (): number => body.length - at;
  const isEnd = (): boolean => left() >= 3 && body.readUIntBE(at, 3) === 9;
  const skip = (size: number): void => {
    if (left() < size) throw new GivesUp();
    at += size;
  };
  const string = (): void => {
    skip(2);
    skip(Math.max(0, body.readInt16BE(at - 2)));
  };
  const properties = (depth: number): void => {
    for (let keys = 1; left() > 0 && !isEnd(); keys += 1) {
      most.keys = Math.max(most.keys, keys);
      string();
      value(depth + 1);
    }
    if (left() > 0) skip(3);
  };
  const items = (depth: number): void => {
    skip(4);
    for (let count = body.readInt32BE(at - 4); count > 0 && left() > 0; count -= 1) value(depth + 1);
  };
  const value = (depth: number): void => {
    most.depth = Math.max(most.depth, depth);
    if (isEnd()) skip(3);
    else behind(depth);
  };
  const behind = (depth: number): void => {
    skip(1);
    const marker = body.readUInt8(at - 1);
    const fixed = FIXED[marker];
    if (fixed !== undefined) skip(fixed);
    else if (marker === 2) string();
    else if (marker === 3) properties(depth);
    else if (marker === 10) items(depth);
    else if (marker === 8) {
      skip(4);
      properties(depth);
    } else throw new GivesUp();
  };
  try {
    while (left() > 0) value(0);
  } catch (error) {
    if (!(error instanceof GivesUp)) throw error;
  }
  return most;
}

class GivesUp extends Error {}

/** Bytes behind the markers of a fixed length. */
const FIXED: Readonly<Record<number, number>> = { 0: 8, 1: 1, 5: 0, 6: 0, 11: 10 };
