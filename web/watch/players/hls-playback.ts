import type Hls from 'hls.js';
import type { ErrorData, HlsConfig } from 'hls.js';
import { MetadataCues } from '../../sdk/timed-metadata';
import { clearKeyConfig } from './clear-key';
import { Following } from './following';
import { loaderKnowing } from './known-index';
import type { HlsClass } from './load-hls';
import { type Playback, type PlaybackEvents, type PlaybackSource, type RenditionChoice, sinceDate } from './playback';

/** A picture that cannot be decoded is dropped and the decoder is started again, this often in a minute. */
const MAX_RECOVERIES = 2;
const RECOVERY_WINDOW_MS = 60_000;

const CONFIG = {
  // Ordinary playlists have no parts to load: here the mode only lets the player catch up after a slow start, by
  // playing a little faster.
  lowLatencyMode: true,
  backBufferLength: 30,
  maxBufferLength: 30,
  // A rendition that lacked a segment, or was too slow, is tried again; by itself hls.js never goes back up to it.
  errorPenaltyExpireMs: 10_000,
  // The seek bar offers the window of the playlist, not everything since the page was opened.
  liveDurationInfinity: true,
  // Its own 55 kB by gzip would come between the first segment and its picture, to take apart 2 s of media at a time.
  enableWorker: false,
} satisfies Partial<HlsConfig>;

/** Plays by hls.js from the live edge, and follows the broadcast. */
export function playWithHls(
  { Hls, video }: { Hls: HlsClass; video: HTMLVideoElement },
  { path, syncCount, sign, index, isLow = false }: PlaybackSource,
  events: PlaybackEvents,
): Playback {
  const signing = sign && { xhrSetup: (xhr: XMLHttpRequest, url: string) => xhr.open('GET', sign(url), true) };
  const parts = {
    ...signing,
    ...clearKeyConfig(path, sign),
    ...(index !== undefined && { pLoader: loaderKnowing(Hls, { path, text: index }) }),
  };
  // The place to begin at; a playlist of low latency names its own, which counts only if none is given here.
  const hls = new Hls({ ...CONFIG, ...parts, ...(isLow ? {} : { liveSyncDurationCount: syncCount }) });
  const following = new Following(hls, video, syncCount);
  const cues = new MetadataCues((metadata) => events.metadata(metadata));
  hls.on(Hls.Events.LEVEL_UPDATED, (_name, { details }) => {
    following.apply();
    cues.list(details.dateRanges);
  });
  const onTime = () => cues.reached(hls.playingDate);
  // The second variant is MPEG-TS, which needs other buffers: hls.js fails, and starts with the picture at 0.
  const isElsewhere = (uri: string | undefined) => isLow && uri?.includes(folderOf(path)) === false;
  hls.on(Hls.Events.LEVEL_SWITCHING, (_name, { level }) => isElsewhere(hls.levels[level]?.uri) && events.lost(0));
  const recoveries: number[] = [];
  hls.on(Hls.Events.ERROR, (_name, data: ErrorData) => {
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && mayRecover(recoveries)) hls.recoverMediaError();
    else if (data.type === Hls.ErrorTypes.NETWORK_ERROR || isLicenseRefused(Hls, data))
      events.lost(data.response?.code ?? 0);
    else events.failed(data.details === Hls.ErrorDetails.KEY_SYSTEM_NO_ACCESS ? 'no_key_system' : undefined);
  });
  hls.loadSource(path);
  hls.attachMedia(video);
  const onEnded = () => events.ended();
  video.addEventListener('ended', onEnded);
  video.addEventListener('timeupdate', onTime);
  return {
    follow: (on) => following.set({ follows: on }),
    spare: (on) => following.set({ spares: on }),
    way: () => (isLow ? 'low-latency' : 'hls'),
    latencySeconds: () => sinceDate(hls.playingDate),
    livePosition: () => hls.liveSyncPosition ?? undefined,
    rates: () => {
      const needs = hls.levels[Math.max(0, hls.currentLevel)]?.bitrate ?? 0;
      return needs > 0 && Number.isFinite(hls.bandwidthEstimate) ? { has: hls.bandwidthEstimate, needs } : undefined;
    },
    // The second variant of a playlist of low latency is the same picture, by the bucket.
    ...(!isLow && { renditions: choiceOf(hls) }),
    stop: () => {
      video.removeEventListener('ended', onEnded);
      video.removeEventListener('timeupdate', onTime);
      hls.destroy();
    },
  };
}

const choiceOf = (hls: Hls): RenditionChoice => ({
  list: () =>
    hls.levels
      .map(({ height, bitrate }, level) => ({ level, bitrate, name: height > 0 ? `${height}p` : kilobits(bitrate) }))
      .sort((a, b) => b.bitrate - a.bitrate),
  choose: (level) => {
    hls.nextLevel = level ?? AUTOMATIC;
  },
});
/** The level of hls.js that means: whichever suits the network. */
const AUTOMATIC = -1;
const kilobits = (bitrate: number): string => `${Math.round(bitrate / 1000)} kbit/s`;

const isLicenseRefused = ({ ErrorDetails }: HlsClass, { details }: ErrorData): boolean =>
  details === ErrorDetails.KEY_SYSTEM_LICENSE_REQUEST_FAILED;

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

function mayRecover(recoveries: number[]): boolean {
  const now = Date.now();
  recoveries.push(now);
  return recoveries.filter((at) => now - at < RECOVERY_WINDOW_MS).length <= MAX_RECOVERIES;
}
