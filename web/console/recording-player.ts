import Hls from 'hls.js';
import { element } from '../page-elements';
import { clearKeyConfig } from '../watch/players/clear-key';

/** The player of the console, for one recording at a time. */
export class RecordingPlayer {
  private readonly video = element('recording', HTMLVideoElement);
  private hls: Hls | undefined;

  /** Plays the playlist at this path of the host. */
  play(path: string): void {
    this.close();
    element('player', HTMLElement).hidden = false;
    if (Hls.isSupported()) {
      this.hls = new Hls({ enableWorker: false, ...clearKeyConfig(path) });
      this.hls.loadSource(path);
      this.hls.attachMedia(this.video);
    } else this.video.src = path;
    this.video.scrollIntoView({ block: 'nearest' });
    void this.video.play().catch(() => undefined);
  }

  close(): void {
    element('player', HTMLElement).hidden = true;
    this.hls?.destroy();
    this.hls = undefined;
    this.video.removeAttribute('src');
    this.video.load();
  }
}
