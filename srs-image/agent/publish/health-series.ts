import {
  HEALTH_MINUTES,
  type HealthMinute,
  type SessionHealth,
} from '../../../functions/contract/hooks/session-health';
import { defined } from '../../../functions/core/defined';

const MINUTE_MS = 60_000;
/** Streams that are remembered: more than a node serves in an hour, in some megabytes. */
const MAX_STREAMS = 500;

interface Minute {
  at: number;
  looks: SessionHealth[];
}

interface Series {
  /** Minutes that are over. */
  done: HealthMinute[];
  current: Minute;
}

/** Keeps the last hour of the streams of this node, a point a minute. In memory: it starts empty with the agent. */
export class HealthSeries {
  /** In the order of their last look, so that the one that was quiet for longest makes room. */
  private readonly known = new Map<string, Series>();

  add(streamId: string, health: SessionHealth, nowMs: number): void {
    const at = nowMs - (nowMs % MINUTE_MS);
    const before = this.known.get(streamId);
    const series = before?.current.at === at ? before : { done: doneOf(before), current: { at, looks: [] } };
    series.current.looks.push(health);
    this.known.delete(streamId);
    this.known.set(streamId, series);
    const [oldest] = this.known.keys();
    if (this.known.size > MAX_STREAMS && oldest !== undefined) this.known.delete(oldest);
  }

  /** Returns the points of the last hour, oldest first; a minute without media has none. */
  of(streamId: string, nowMs: number): HealthMinute[] {
    return doneOf(this.known.get(streamId)).filter(({ at }) => at > nowMs - HEALTH_MINUTES * MINUTE_MS);
  }
}

function doneOf(series: Series | undefined): HealthMinute[] {
  if (series === undefined) return [];
  return [...series.done, meanOf(series.current)].slice(-HEALTH_MINUTES);
}

function meanOf({ at, looks }: Minute): HealthMinute {
  const lags = looks.flatMap(({ uploadLagSeconds }) => uploadLagSeconds ?? []);
  const whole = (name: 'inBitsPerSecond' | 'outBitsPerSecond') => {
    const value = mean(looks, name);
    return value === undefined ? undefined : Math.round(value);
  };
  return {
    at,
    // Each look counts those of a minute.
    lostSegments: looks.at(-1)?.lostSegments ?? 0,
    ...defined({
      inBitsPerSecond: whole('inBitsPerSecond'),
      outBitsPerSecond: whole('outBitsPerSecond'),
      framesPerSecond: mean(looks, 'framesPerSecond'),
      keyframeSeconds: mean(looks, 'keyframeSeconds'),
      uploadLagSeconds: lags.length === 0 ? undefined : Math.max(...lags),
    }),
  };
}

type Rate = 'inBitsPerSecond' | 'outBitsPerSecond' | 'framesPerSecond' | 'keyframeSeconds';

/** The mean with two decimals; `undefined` if nothing was measured. */
function mean(looks: readonly SessionHealth[], name: Rate): number | undefined {
  const measured = looks.flatMap((look) => look[name] ?? []);
  if (measured.length === 0) return undefined;
  return Math.round((measured.reduce((sum, each) => sum + each, 0) / measured.length) * 100) / 100;
}
