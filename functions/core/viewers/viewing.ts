import type { PlaybackWay } from '../../contract/api/playback';
import type { Beacon } from '../../contract/api/viewers';
import type { StreamId } from '../../contract/ids';
import type { Viewing } from '../../contract/viewers/audience';
import { hmacSha256 } from '../signing/hmac';

/** A viewing at its newest beacon. Times in milliseconds. */
export interface KnownViewing {
  readonly key: string;
  readonly number: number;
  readonly firstAt: number;
  readonly heardAt: number;
  /** 0: it left. */
  readonly until: number;
  readonly way: PlaybackWay;
  readonly playedSeconds: number;
  readonly stalls: number;
  readonly stalledSeconds: number;
  readonly startupMs: number;
}

/** A viewing can have played this long before its first beacon that arrives: the ones before may be lost. */
const HEAD_START_SECONDS = 240;
/** A player that heard nothing tries again this long: a viewing is gone after its next beacon and as much more. */
const RETRIES_MS = 40_000;
const KEY_LENGTH = 12;

export interface BeaconContext {
  streamId: StreamId;
  nowMs: number;
  /** The time after which the next one is due. */
  nextSeconds: number;
  /**
   * The key of the hash by which viewings are sampled. With a hash that anybody can compute, a sender could choose
   * names that every sample keeps, and each would stand for many.
   */
  viewingSecret: string;
}

/** Reads a beacon. */
export function viewingOf(
  beacon: Beacon,
  { streamId, nowMs, nextSeconds, viewingSecret }: BeaconContext,
): KnownViewing {
  const { number, way, playedSeconds, stalls, stalledSeconds, startupMs } = beacon;
  return {
    key: hmacSha256(viewingSecret, `${streamId} ${beacon.viewing}`).toString('hex').slice(0, KEY_LENGTH),
    number,
    way,
    playedSeconds,
    stalls,
    stalledSeconds,
    startupMs,
    firstAt: nowMs,
    heardAt: nowMs,
    until: beacon.leaving === true ? 0 : nowMs + nextSeconds * 1000 + RETRIES_MS,
  };
}

/** Joins what two instances, or two beacons, know of a viewing: in any order and any number of times the same. */
export function joined(one: KnownViewing, other: KnownViewing): KnownViewing {
  const [older, newer] = one.number <= other.number ? [one, other] : [other, one];
  const isSame = older.number === newer.number;
  return {
    ...newer,
    firstAt: Math.min(one.firstAt, other.firstAt),
    heardAt: Math.max(one.heardAt, other.heardAt),
    until: isSame ? Math.max(one.until, other.until) : newer.until,
    playedSeconds: Math.max(one.playedSeconds, other.playedSeconds),
    stalls: Math.max(one.stalls, other.stalls),
    stalledSeconds: Math.max(one.stalledSeconds, other.stalledSeconds),
    startupMs: Math.max(one.startupMs, other.startupMs),
  };
}

/** Returns the totals of a viewing that can be true: nobody plays more seconds than have passed. */
export function countedOf({ firstAt, heardAt, ...said }: KnownViewing) {
  const possible = (heardAt - firstAt) / 1000 + HEAD_START_SECONDS;
  return {
    viewings: 1,
    playedSeconds: Math.min(said.playedSeconds, possible),
    stalls: Math.min(said.stalls, possible),
    stalledSeconds: Math.min(said.stalledSeconds, possible),
    startupMs: said.startupMs,
  };
}

/** Returns whether a viewing is one of the sample: one in 2^level is. */
export const isSampled = ({ key }: Pick<KnownViewing, 'key'>, level: number): boolean =>
  Number.parseInt(key, 16) % 2 ** level === 0;

export const packed = (viewing: KnownViewing): Viewing => [
  ...([viewing.key, viewing.number, viewing.firstAt, viewing.heardAt, viewing.until, viewing.way] as const),
  ...([viewing.playedSeconds, viewing.stalls, viewing.stalledSeconds, viewing.startupMs] as const),
];

export const unpacked = ([
  ...[key, number, firstAt, heardAt, until, way, playedSeconds, stalls, stalledSeconds, startupMs]
]: Viewing): KnownViewing => ({
  key,
  number,
  firstAt,
  heardAt,
  until,
  way,
  playedSeconds,
  stalls,
  stalledSeconds,
  startupMs,
});
