import type { Timestamp } from '../wire/messages';

/** Times inside this server: microseconds since the epoch, Firestore's own precision, which a double holds exactly. */
export type Micros = number;

export const toTimestamp = (micros: Micros): Timestamp => ({
  seconds: String(Math.floor(micros / 1e6)),
  nanos: (micros % 1e6) * 1000,
});

export const fromTimestamp = ({ seconds = '0', nanos = 0 }: Timestamp): Micros =>
  Number(seconds) * 1e6 + Math.floor(nanos / 1000);

export const compareTimestamps = (a: Timestamp, b: Timestamp): number =>
  Number(a.seconds ?? 0) - Number(b.seconds ?? 0) || (a.nanos ?? 0) - (b.nanos ?? 0);
