import { z } from 'zod';
import type { PlaybackWay } from '../../contract/api/playback';
import type { BroadcastId, StreamId } from '../../contract/ids';
import { type Audience, Viewing } from '../../contract/viewers/audience';
import { countedOf, type KnownViewing, packed, unpacked } from './viewing';
import { ViewingSample } from './viewing-sample';

/** A viewing that comes back within this time is the same one, and its beacons that are late are not counted again. */
const FORGET_MS = 600_000;
const MINUTE_MS = 60_000;
const MAX_MINUTES = 60;
const Viewings = z.array(Viewing);

/** An audience nobody has joined yet. */
export const emptyAudience = (streamId: StreamId, broadcastId: BroadcastId): Audience => ({
  streamId,
  broadcastId,
  level: 0,
  viewings: '[]',
  countedAt: 0,
  peak: { viewers: 0, at: 0 },
  totals: { viewings: 0, playedSeconds: 0, stalls: 0, stalledSeconds: 0, startupMs: 0 },
  minutes: [],
});

/** Returns the viewings that an audience holds. */
export const sampleOf = ({ level, viewings }: Audience): ViewingSample =>
  new ViewingSample(level, Viewings.parse(JSON.parse(viewings)).map(unpacked));

/**
 * Joins an audience with what one instance heard, which may be old, doubled, or known already: only what is new of it
 * adds to the totals. `viewers`: those who watch at `nowMs`.
 */
export function withHeard(
  audience: Audience,
  heard: ViewingSample,
  nowMs: number,
): { audience: Audience; viewers: number } {
  const sample = sampleOf(audience);
  sample.thin(heard.level);
  const totals = { ...audience.totals };
  for (const viewing of heard) addGain(totals, sample, viewing);
  const kept = new ViewingSample(
    sample.level,
    [...sample].filter(({ heardAt }) => nowMs - heardAt < FORGET_MS),
  );
  const viewers = viewersOf(kept, nowMs).all;
  const next = {
    ...audience,
    level: kept.level,
    viewings: JSON.stringify([...kept].map(packed)),
    countedAt: Math.max(nowMs, audience.countedAt),
    peak: viewers > audience.peak.viewers ? { viewers, at: nowMs } : audience.peak,
    totals,
    minutes: withMinute(audience.minutes, { at: nowMs - (nowMs % MINUTE_MS), viewers }),
  };
  return { audience: next, viewers };
}

function addGain(totals: Audience['totals'], sample: ViewingSample, viewing: KnownViewing): void {
  const before = sample.get(viewing.key);
  const { weight } = sample;
  const after = sample.add(viewing);
  if (after === undefined) return;
  const had = before && countedOf(before);
  const has = countedOf(after);
  totals.viewings += weight * (has.viewings - (had?.viewings ?? 0));
  totals.playedSeconds += weight * (has.playedSeconds - (had?.playedSeconds ?? 0));
  totals.stalls += weight * (has.stalls - (had?.stalls ?? 0));
  totals.stalledSeconds += weight * (has.stalledSeconds - (had?.stalledSeconds ?? 0));
  totals.startupMs += weight * (has.startupMs - (had?.startupMs ?? 0));
}

/** Counts those who watch at `nowMs`, all and by the way they watch. */
export function viewersOf(
  sample: ViewingSample,
  nowMs: number,
): { all: number; byWay: Partial<Record<PlaybackWay, number>> } {
  const byWay: Partial<Record<PlaybackWay, number>> = {};
  for (const { until, way } of sample) if (until > nowMs) byWay[way] = (byWay[way] ?? 0) + sample.weight;
  return { all: Object.values(byWay).reduce((sum, count) => sum + count, 0), byWay };
}

/** Returns the seconds watched until `nowMs`: those told, and for who still watches those since their last beacon. */
export function watchedSeconds({ totals }: Audience, sample: ViewingSample, nowMs: number): number {
  let untold = 0;
  for (const { until, heardAt } of sample) if (until > nowMs) untold += (nowMs - heardAt) / 1000;
  return totals.playedSeconds + sample.weight * untold;
}

/** One figure a minute, the largest, of the last hour in which any was counted. */
function withMinute(minutes: Audience['minutes'], minute: Audience['minutes'][number]): Audience['minutes'] {
  const last = minutes.at(-1);
  if (last !== undefined && last.at >= minute.at)
    return [...minutes.slice(0, -1), { at: last.at, viewers: Math.max(last.viewers, minute.viewers) }];
  return [...minutes, minute].slice(-MAX_MINUTES);
}

const MIN_SECONDS = 30;
const MAX_SECONDS = 180;
/** Beacons a second that an instance is asked for: each alone is billed as a tenth of a second of its time. */
const WANTED_PER_SECOND = 3;

/** Returns the seconds after which a player is to send its next beacon, where an instance knows so many viewers. */
export const beaconSeconds = (viewers: number): number =>
  Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, Math.round(viewers / WANTED_PER_SECOND)));

const LEAST_BETWEEN_WRITES_SECONDS = 10;
const WRITES_PER_BEACON = 8;

/** Returns the least seconds between two writes of an audience, where beacons come after so many. */
export const writeSeconds = (nextSeconds: number): number =>
  Math.max(LEAST_BETWEEN_WRITES_SECONDS, nextSeconds / WRITES_PER_BEACON);
