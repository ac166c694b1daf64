const POLL_INTERVAL_MS = 100;

/**
 * The picture of one stream in an element of the page: a `<video>` of its own inside it, or the `<video>` that it is.
 */
export class Display {
  readonly video: HTMLVideoElement;
  private readonly isOurs: boolean;

  constructor(element: HTMLElement | undefined) {
    this.isOurs = !(element instanceof HTMLVideoElement);
    this.video = element instanceof HTMLVideoElement ? element : document.createElement('video');
    this.video.playsInline = true;
    this.video.autoplay = true;
    if (!this.isOurs || element === undefined) return;
    this.video.style.cssText = 'width:100%;height:100%;object-fit:contain';
    element.append(this.video);
  }

  /**
   * Shows media; `isMuted` for one's own camera, which would be heard twice. A browser that blocks sound plays without
   * it.
   */
  async show(media: MediaStream, isMuted: boolean): Promise<void> {
    this.video.srcObject = media;
    this.video.muted = isMuted || this.video.muted;
    await this.play();
  }

  async play(): Promise<void> {
    try {
      await this.video.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      this.video.muted = true;
      await this.video.play().catch(() => undefined);
    }
  }

  /** Resolves with true once the picture moves on, with false when it stood still for `timeoutMs`. */
  async moves(timeoutMs: number): Promise<boolean> {
    const from = this.video.currentTime;
    for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += POLL_INTERVAL_MS) {
      if (this.video.currentTime > from) return true;
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    }
    return false;
  }

  clear(): void {
    this.video.srcObject = null;
    if (this.video.getAttribute('src') !== null) {
      this.video.removeAttribute('src');
      this.video.load();
    }
    if (this.isOurs) this.video.remove();
  }
}
