import Hls, { type ErrorData, type HlsConfig } from 'hls.js';

/** What a player tells the page. Exactly one of `failed` and `lost` ends it; after `ended` it shows its last picture. */
export interface PlaybackEvents {
  /** The media cannot be played here. */
  failed(): void;
  /** Playlists or segments cannot be loaded any more. */
  lost(status: number): void;
  ended(): void;
}

export interface Playback {
  /** Seconds between now and when what is shown was made; `undefined` while unknown. */
  latencySeconds(): number | undefined;
  stop(): void;
}

/** A picture that cannot be decoded is dropped and the decoder started again, this often a minute. */
const MOST_RECOVERIES = 3;
const RECOVERY_WINDOW_MS = 60_000;

const CONFIG = {
  // Plain playlists have no parts to load: here this only lets the player catch up, by playing a little faster, after a slow start.
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1.1,
  backBufferLength: 30,
  maxBufferLength: 30,
  workerPath: 'hls.worker.js',
} satisfies Partial<HlsConfig>;

const sinceDate = (date: Date | null | undefined): number | undefined => {
  const ms = date?.getTime();
  return ms === undefined || Number.isNaN(ms) ? undefined : (Date.now() - ms) / 1000;
};

/** hls.js wherever it runs: some browsers say they play HLS themselves and do it badly. */
export const canUseHls = (): boolean => Hls.isSupported();

/** What to play, how far behind the newest, and, where cookies do not come along, how each URL is signed at the moment it is asked for. */
export interface Source {
  readonly path: string;
  readonly syncCount: number;
  readonly sign?: ((url: string) => string) | undefined;
}

export function playWithHls(video: HTMLVideoElement, { path, syncCount, sign }: Source, events: PlaybackEvents): Playback {
  const signing = sign && { xhrSetup: (xhr: XMLHttpRequest, url: string) => xhr.open('GET', sign(url), true) };
  const hls = new Hls({
    ...CONFIG,
    ...signing,
    liveSyncDurationCount: syncCount,
    liveMaxLatencyDurationCount: syncCount + 6,
  });
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
    latencySeconds: () => sinceDate(hls.playingDate),
    stop: () => {
      video.removeEventListener('ended', onEnded);
      hls.destroy();
    },
  };
}

function mayRecover(recoveries: number[]): boolean {
  const now = Date.now();
  recoveries.push(now);
  return recoveries.filter((at) => now - at < RECOVERY_WINDOW_MS).length <= MOST_RECOVERIES;
}

/** Only Safari has it, and only it plays natively here. */
const startDateOf = (video: HTMLVideoElement): Date | undefined => {
  const getStartDate: unknown = Reflect.get(video, 'getStartDate');
  const date: unknown = typeof getStartDate === 'function' ? getStartDate.call(video) : undefined;
  return date instanceof Date ? date : undefined;
};

/** The browser's own HLS, for those without Media Source Extensions. */
export const canPlayNatively = (video: HTMLVideoElement): boolean => video.canPlayType('application/vnd.apple.mpegurl') !== '';

export function playNatively(video: HTMLVideoElement, path: string, events: PlaybackEvents): Playback {
  const onError = () => (video.error?.code === MediaError.MEDIA_ERR_DECODE ? events.failed() : events.lost(0));
  const onEnded = () => events.ended();
  video.addEventListener('error', onError);
  video.addEventListener('ended', onEnded);
  video.src = path;
  return {
    latencySeconds: () => {
      const start = startDateOf(video)?.getTime();
      return start === undefined ? undefined : sinceDate(new Date(start + video.currentTime * 1000));
    },
    stop: () => {
      video.removeEventListener('error', onError);
      video.removeEventListener('ended', onEnded);
      video.removeAttribute('src');
      video.load();
    },
  };
}
