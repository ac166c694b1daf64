import type { StreamHealthAnswer } from '../../functions/contract/api/stream-health';
import { make } from '../make';

import { chart } from './sparkline';

type Values = NonNullable<StreamHealthAnswer['now']>;

const bits = (value: number): string =>
  value >= 1_000_000 ? `${(value / 1_000_000).toFixed(1)} Mbit/s` : `${Math.round(value / 1000)} kbit/s`;
const seconds = (value: number): string => `${value.toFixed(1)} s`;

/** The figures in the order of their charts: a name, where it is found, and its words. */
const FIGURES: readonly [string, (values: Values) => number | undefined, (value: number) => string][] = [
  ['Bitrate in', ({ inBitsPerSecond }) => inBitsPerSecond, bits],
  ['Bitrate out to viewers at the node', ({ outBitsPerSecond }) => outBitsPerSecond, bits],
  ['Frame rate', ({ framesPerSecond }) => framesPerSecond, (value) => `${value.toFixed(1)} frames/s`],
  ['Keyframe interval', ({ keyframeSeconds }) => keyframeSeconds, seconds],
  ['Upload lag', ({ uploadLagSeconds }) => uploadLagSeconds, seconds],
  ['Lost segments a minute', ({ lostSegments }) => lostSegments, String],
];

/** Shows how the publisher and the upload do: the values of now, and a chart of the last hour for each. */
export function healthPart({ now, lastHour }: StreamHealthAnswer): HTMLElement[] {
  if (now === undefined && (lastHour ?? []).length === 0) return [];
  return [
    make('h3', {}, 'Health'),
    ...(lastHour === undefined ? [make('p', { class: 'soft' }, 'The last hour: a node does not answer.')] : []),
    ...FIGURES.flatMap(([name, of, words]) => {
      const points = (lastHour ?? []).flatMap((minute) => {
        const value = of(minute);
        return value === undefined ? [] : [{ at: Date.parse(minute.at), value }];
      });
      const present = now && of(now);
      const most = Math.max(present ?? 0, ...points.map(({ value }) => value));
      if (present === undefined && points.length === 0) return [];
      const current = present === undefined ? 'nothing now' : `${words(present)} now`;
      const caption = `${name}: ${current}, ${words(most)} at most`;
      return points.length < 2 ? [make('p', {}, caption)] : [chart(caption, points)];
    }),
  ];
}
