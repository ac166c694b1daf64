import type Hls from 'hls.js';
import { MetadataCues, type TimedMetadata } from './timed-metadata';

/** The class hls.js exports: the page brings the version it wants, and this module stays small. */
export type HlsConstructor = typeof Hls;

/**
 * Plays HLS in `video`, by hls.js where it runs and else by the browser. `over` is called once, at the end or when it
 * cannot be loaded; `metadata` for each message of the stream's owner, by hls.js alone. Returns a function that stops.
 */
export function playHls(
  video: HTMLVideoElement,
  url: string,
  player: HlsConstructor | undefined,
  { over, metadata }: { over: (isEnd: boolean) => void; metadata: (metadata: TimedMetadata) => void },
): () => void {
  const onEnded = () => over(true);
  const onError = () => over(false);
  video.addEventListener('ended', onEnded);
  const cues = new MetadataCues(metadata);
  const onTime = () => cues.reached(hls?.playingDate ?? null);
  video.addEventListener('timeupdate', onTime);
  const hls = player?.isSupported() ? new player() : undefined;
  if (player === undefined || hls === undefined) {
    video.addEventListener('error', onError);
    video.src = url;
  } else {
    hls.on(player.Events.ERROR, (_name, { fatal }) => fatal && onError());
    hls.on(player.Events.LEVEL_UPDATED, (_name, { details }) => cues.list(details.dateRanges));
    hls.loadSource(url);
    hls.attachMedia(video);
  }
  return () => {
    video.removeEventListener('ended', onEnded);
    video.removeEventListener('timeupdate', onTime);
    video.removeEventListener('error', onError);
    hls?.destroy();
  };
}
