import Hls, { type ErrorData, type HlsConfig } from 'hls.js';
import { type Playback, type PlaybackEvents, type PlaybackSource, sinceDate } from './playback';

/** A picture that cannot be decoded is dropped and the decoder started again, this often a minute. */
const MAX_RECOVERIES = 2;
const RECOVERY_WINDOW_MS = 60_000;
/** Segments behind its place at which a player that follows jumps there. */
const JUMP_COUNT = 6;
/** Segments further behind where the network gives too little. */
const SPARE_COUNT = 3;
const CATCH_UP_RATE = 1.1;

const CONFIG = {
  // Plain playlists have no parts to load: here this only lets the player catch up, by playing a little faster, after a
  // slow start.
  lowLatencyMode: true,
  backBufferLength: 30,
  maxBufferLength: 30,
  // A rendition that lacked a segment, or did not come in time, is tried again; hls.js alone never goes back up to it.
  errorPenaltyExpireMs: 10_000,
  // The seek bar offers what the playlist has, not everything since the page was opened.
  liveDurationInfinity: true,
  workerPath: 'hls.worker.js',
} satisfies Partial<HlsConfig>;

/** hls.js wherever it runs: some browsers say they play HLS themselves and do it badly. */
export const canUseHls = (): boolean => Hls.isSupported();

/** Plays by hls.js from the live edge on; it follows the broadcast. */
export function playWithHls(
  video: HTMLVideoElement,
  { path, syncCount, sign }: PlaybackSource,
  events: PlaybackEvents,
): Playback {
  const signing = sign && { xhrSetup: (xhr: XMLHttpRequest, url: string) => xhr.open('GET', sign(url), true) };
  const hls = new Hls({ ...CONFIG, ...signing, ...following(syncCount) });
  const recoveries: number[] = [];
  hls.on(Hls.Events.ERROR, (_name, data: ErrorData) => {
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && mayRecover(recoveries)) hls.recoverMediaError();
    else if (data.type === Hls.ErrorTypes.NETWORK_ERROR) events.lost(data.response?.code ?? 0);
    else events.failed();
  });
  hls.loadSource(path);
  hls.attachMedia(video);
  const onEnded = () => events.ended();
  video.addEventListener('ended', onEnded);
  return {
    ...steering(hls, video, syncCount),
    latencySeconds: () => sinceDate(hls.playingDate),
    livePosition: () => hls.liveSyncPosition ?? undefined,
    rates: () => {
      const needs = hls.levels[Math.max(0, hls.currentLevel)]?.bitrate ?? 0;
      return needs > 0 && Number.isFinite(hls.bandwidthEstimate) ? { has: hls.bandwidthEstimate, needs } : undefined;
    },
    stop: () => {
      video.removeEventListener('ended', onEnded);
      hls.destroy();
    },
  };
}

const following = (syncCount: number) => ({
  liveSyncDurationCount: syncCount,
  liveMaxLatencyDurationCount: syncCount + JUMP_COUNT,
  maxLiveSyncPlaybackRate: CATCH_UP_RATE,
});

/** hls.js reads these settings each time it uses them. */
function steering(hls: Hls, video: HTMLVideoElement, syncCount: number): Pick<Playback, 'follow' | 'spare'> {
  const wanted = { follows: true, spares: false };
  const apply = () => {
    const { follows, spares } = wanted;
    const settings = following(spares ? syncCount + SPARE_COUNT : syncCount);
    Object.assign(hls.config, settings, {
      // A viewer who sought stays: only what leaves the playlist's window is out of reach.
      ...(follows ? {} : { liveMaxLatencyDurationCount: Number.POSITIVE_INFINITY }),
      ...(follows && !spares ? {} : { maxLiveSyncPlaybackRate: 1 }),
    });
    if (!(follows && !spares) && video.playbackRate > 1) video.playbackRate = 1;
  };
  return {
    follow: (on) => {
      wanted.follows = on;
      apply();
    },
    spare: (on) => {
      wanted.spares = on;
      apply();
    },
  };
}

function mayRecover(recoveries: number[]): boolean {
  const now = Date.now();
  recoveries.push(now);
  return recoveries.filter((at) => now - at < RECOVERY_WINDOW_MS).length <= MAX_RECOVERIES;
}
