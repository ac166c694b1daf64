import type { PlaybackWay } from '../../contract/api/playback';
import type { ViewersAnswer } from '../../contract/api/viewers';
import type { Stream } from '../../contract/state';
import type { Audience } from '../../contract/viewers/audience';
import { sampleOf, viewersOf, watchedSeconds } from '../../core/viewers/audience';
import type { ApiDeps } from '../api-deps';
import { iso } from '../streams/stream-answer';
import { onEachNode } from './play-routes';

/** The ways that are a connection to a node, by which it counts. */
const CONNECTED = { whep: 'webrtc', flv: 'flv', rtmp: 'rtmp' } as const;
const NONE = { webrtc: 0, flv: 0, rtmp: 0 };
const HOUR_MS = 3_600_000;
type Beacons = Partial<Record<PlaybackWay, number>>;
type Connections = typeof NONE;

/** Joins what beacons and connections tell of the viewers of a stream. */
export async function viewersAnswer(stream: Stream, deps: ApiDeps): Promise<ViewersAnswer> {
  const [audience, connections] = await Promise.all([deps.audiences.get(stream.id), connectionsOf(stream, deps)]);
  const nowMs = deps.clock.now();
  const sample = audience && sampleOf(audience);
  const beacons = sample === undefined ? {} : viewersOf(sample, nowMs).byWay;
  return {
    viewers: together(beacons, connections ?? NONE),
    methods: { beacons, ...(connections && { connections }) },
    estimated: (audience?.level ?? 0) > 0,
    ...(audience && sample && { broadcast: broadcastOf(audience, watchedSeconds(audience, sample, nowMs)) }),
    lastHour: (audience?.minutes ?? [])
      .filter(({ at }) => nowMs - at < HOUR_MS)
      .map(({ at, viewers }) => ({ at: iso(at), viewers })),
  };
}

/** A player with a script that has a connection is in both. */
function together({ hls = 0, low_latency_hls: lowLatency = 0, webrtc = 0, flv = 0 }: Beacons, at: Connections) {
  return hls + lowLatency + Math.max(webrtc, at.webrtc) + Math.max(flv, at.flv) + at.rtmp;
}

/** Asks the nodes; `undefined` if one of them is silent, which has logged itself. */
async function connectionsOf({ id }: Stream, { media, ...deps }: ApiDeps): Promise<Connections | undefined> {
  if (media === undefined) return undefined;
  const plays = await onEachNode(deps, (_, agentUrl) => media.nodes.plays(agentUrl, id)).catch(() => undefined);
  if (plays === undefined) return undefined;
  const counts = { ...NONE };
  for (const { kind } of plays.flat()) counts[CONNECTED[kind]] += 1;
  return counts;
}

function broadcastOf(
  { broadcastId, peak, totals }: Audience,
  playedSeconds: number,
): NonNullable<ViewersAnswer['broadcast']> {
  const { viewings, stalls, stalledSeconds, startupMs } = totals;
  const watched = playedSeconds + stalledSeconds;
  return {
    id: broadcastId,
    peak: { viewers: peak.viewers, at: iso(peak.at) },
    viewings,
    minutesWatched: rounded(playedSeconds / 60),
    ...(viewings > 0 && { startupMs: Math.round(startupMs / viewings) }),
    stallsPerHour: playedSeconds === 0 ? 0 : rounded((stalls * 3600) / playedSeconds),
    stalledPercent: watched === 0 ? 0 : rounded((stalledSeconds * 100) / watched),
  };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
