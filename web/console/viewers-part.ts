import type { ViewersAnswer } from '../../functions/contract/api/viewers';
import { make } from '../make';
import { timeOf } from './parts';
import { chart } from './sparkline';

const WAYS = {
  webrtc: 'WebRTC',
  flv: 'HTTP-FLV',
  low_latency_hls: 'low-latency HLS',
  hls: 'HLS',
  rtmp: 'RTMP',
} as const;

/** Shows how many viewers there are, the source of that number, and how well the stream plays. */
export function viewersPart(answer: ViewersAnswer): HTMLElement[] {
  const { viewers, broadcast, lastHour } = answer;
  const points = lastHour.map(({ at, viewers: value }) => ({ at: Date.parse(at), value }));
  const most = Math.max(0, ...points.map(({ value }) => value));
  return [
    make('h3', {}, 'Viewers'),
    make('p', {}, make('strong', {}, `${viewers} now`), ` · ${methodWords(answer)}`),
    ...(broadcast === undefined ? [] : [make('p', { class: 'soft' }, broadcastWords(broadcast))]),
    ...(points.length < 2 ? [] : [chart(`Viewers of the last hour, ${most} at most`, points)]),
  ];
}

function methodWords({ methods: { beacons, connections }, estimated }: ViewersAnswer): string {
  const told = estimated ? 'estimated from the players' : 'told by players';
  const served = connections === undefined ? 'a node does not answer' : `served by nodes: ${countsOf(connections)}`;
  return `${told}: ${countsOf(beacons)}; ${served}`;
}

function countsOf(counts: Partial<Record<keyof typeof WAYS, number>>): string {
  const words = Object.entries(WAYS).flatMap(([way, name]) => {
    const count = Object.entries(counts).find(([each]) => each === way)?.[1] ?? 0;
    return count === 0 ? [] : [`${count} by ${name}`];
  });
  return words.length === 0 ? 'none' : words.join(', ');
}

function broadcastWords(broadcast: NonNullable<ViewersAnswer['broadcast']>): string {
  const { peak, viewings, minutesWatched, startupMs, stallsPerHour, stalledPercent } = broadcast;
  return [
    `Newest broadcast: at most ${peak.viewers} (${timeOf(peak.at)})`,
    `${viewings} players began`,
    `${minutesWatched.toFixed(0)} minutes watched`,
    ...(startupMs === undefined ? [] : [`first picture after ${(startupMs / 1000).toFixed(1)} s`]),
    `${stallsPerHour.toFixed(1)} stalls an hour`,
    `${stalledPercent.toFixed(1)} % of the time stood`,
  ].join(' · ');
}
