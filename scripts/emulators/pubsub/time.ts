import type { Duration, Timestamp } from './messages';

export const toTimestamp = (ms: number): Timestamp => ({
  seconds: String(Math.floor(ms / 1000)),
  nanos: (ms % 1000) * 1e6,
});
export const toDuration = toTimestamp;
export const durationMs = ({ seconds = '0', nanos = 0 }: Duration): number =>
  Number(seconds) * 1000 + Math.floor(nanos / 1e6);
