import { element } from '../page-elements';

/** The numbers that the controls show, in seconds. */
export interface SeekPosition {
  readonly behindSeconds: number;
  readonly showLive: boolean;
}

/** No bar is shown for a shorter window. */
const MIN_WINDOW = 15;

/** Sound, the way to the live edge, and a bar over the window, beside the browser's own controls. */
export class ViewerControls {
  private readonly live = element('live', HTMLButtonElement);
  private readonly bar = element('dvr', HTMLInputElement);
  private readonly place = element('dvr-place', HTMLElement);
  private isDragged = false;
  private behindSeconds = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    { goLive, seek, signal }: { goLive: () => void; seek: (position: number) => void; signal: AbortSignal },
  ) {
    this.live.addEventListener('click', goLive, { signal });
    this.bar.addEventListener('input', () => this.drag(), { signal });
    this.bar.addEventListener('change', () => seek(this.drop()), { signal });
    this.wireSound(signal);
  }

  show({ behindSeconds, showLive }: SeekPosition): void {
    if (this.live.hidden === showLive) this.live.hidden = !showLive;
    this.behindSeconds = behindSeconds;
    const { start, live } = this.window();
    const row = element('dvr-row', HTMLElement);
    row.hidden = live - start < MIN_WINDOW;
    if (this.isDragged || row.hidden) return;
    this.bar.min = (start - live).toFixed(0);
    this.bar.value = showLive ? (-behindSeconds).toFixed(1) : '0';
    this.place.textContent = showLive ? `−${clock(behindSeconds)}` : 'live';
    this.bar.setAttribute('aria-valuetext', showLive ? `${behindSeconds.toFixed(0)} seconds behind live` : 'live');
  }

  private drag(): void {
    this.isDragged = true;
    this.place.textContent = `−${clock(-Number(this.bar.value))}`;
  }

  private drop(): number {
    this.isDragged = false;
    const { start, live } = this.window();
    return Math.min(live, Math.max(start, live + Number(this.bar.value)));
  }

  /**
   * Returns the part of the playlist's window that a viewer looks back over, in seconds of the media element: it ends
   * where a player that follows is, some segments before the newest.
   */
  private window(): { start: number; live: number } {
    const { seekable, currentTime } = this.video;
    const live = currentTime + this.behindSeconds;
    return { start: seekable.length === 0 ? live : Math.min(live, seekable.start(0)), live };
  }

  private wireSound(signal: AbortSignal): void {
    const unmute = element('unmute', HTMLButtonElement);
    const update = () => {
      unmute.hidden = !this.video.muted;
    };
    const turnOn = () => {
      this.video.muted = false;
      if (this.video.paused) void this.video.play();
    };
    unmute.addEventListener('click', turnOn, { signal });
    this.video.addEventListener('volumechange', update, { signal });
    update();
  }
}

/** Writes `1:05`. */
const clock = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
};
