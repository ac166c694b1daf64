import { type Playback, type PlaybackEvents, sinceDate } from './playback';

/** Only Safari has this method, and only Safari plays natively here. */
const startDateOf = (video: HTMLVideoElement): Date | undefined => {
  const getStartDate: unknown = Reflect.get(video, 'getStartDate');
  const date: unknown = typeof getStartDate === 'function' ? getStartDate.call(video) : undefined;
  return date instanceof Date ? date : undefined;
};

/** The distance of Safari's own player from the end: three segments of 2 s. */
const NATIVE_SYNC_SECONDS = 6;

/** The browser's own HLS, for those without Media Source Extensions. */
export const canPlayNatively = (video: HTMLVideoElement): boolean =>
  video.canPlayType('application/vnd.apple.mpegurl') !== '';

/** Plays by the browser itself, which cannot be steered. */
export function playNatively(video: HTMLVideoElement, path: string, events: PlaybackEvents): Playback {
  const onError = () => (video.error?.code === MediaError.MEDIA_ERR_DECODE ? events.failed() : events.lost(0));
  const onEnded = () => events.ended();
  video.addEventListener('error', onError);
  video.addEventListener('ended', onEnded);
  video.src = path;
  return {
    way: () => 'hls',
    latencySeconds: () => {
      const start = startDateOf(video)?.getTime();
      return start === undefined ? undefined : sinceDate(new Date(start + video.currentTime * 1000));
    },
    livePosition: () =>
      video.seekable.length === 0 ? undefined : video.seekable.end(video.seekable.length - 1) - NATIVE_SYNC_SECONDS,
    follow: () => undefined,
    spare: () => undefined,
    rates: () => undefined,
    stop: () => {
      video.removeEventListener('error', onError);
      video.removeEventListener('ended', onEnded);
      video.removeAttribute('src');
      video.load();
    },
  };
}
